"""Sound out of the base station itself: one of the system's own players, started without a shell, and watched.

A player that cannot be started, ends with an error, or hangs is passed over for the next one; when none is left,
`Player.trouble` says so, and the alerter raises a technical alarm. That a player ended well shows that the
system took the sound; whether the loudspeaker is switched on, only a person can tell.
"""

import contextlib
import logging
import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from detector.alerter.tones import BURSTS, LOUDNESS, Sound, duration_s, wav

_log = logging.getLogger(__name__)

# Where the name of the WAV file goes in a player's command.
FILE = "{file}"
# Players of Linux, macOS and ffmpeg, in the order they are tried; the first of them that is installed plays.
KNOWN_PLAYERS: tuple[tuple[str, ...], ...] = (
    ("pw-play", FILE),
    ("paplay", FILE),
    ("aplay", "-q", FILE),
    ("afplay", FILE),
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "error", FILE),
    ("play", "-q", FILE),
)
# How much longer than its sound a player may take, seconds of life: a sound server that must first wake up.
_HANGS_AFTER_S = 3.0
# A player that failed is tried again after this long: a sound server that was restarted, seconds of life.
_FORGIVEN_AFTER_S = 60.0
# How often `Player.play_to_the_end` looks, s.
_LOOK_S = 0.02
_PRIVATE_FOLDER = 0o700
# The level of `LOUDNESS` that nothing is held back at.
_FULL = "full"


def players(configured: str = "") -> tuple[tuple[str, ...], ...]:
    """Return the commands that can be tried: the one in the settings first, then those that are installed.

    Args:
        configured: A command line with ``{file}`` where the name of the WAV file goes (at its end where it is
            not said); empty for none. It is split as a shell would, and never given to one.

    Raises:
        ValueError: the command line has an open quote.
    """
    words = tuple(shlex.split(configured))
    named = [words if any(FILE in word for word in words) else (*words, FILE)] if words else []
    return (*named, *(command for command in KNOWN_PLAYERS if shutil.which(command[0])))


@dataclass
class Player:
    """Plays one sound at a time. All methods are for one thread; none but `play_to_the_end` waits.

    Args:
        commands: What `players` found.
        folder: Where the WAV files go; made for the owner alone.

    Attributes:
        failures: How often a player failed since the start.
        trouble: Why there is no sound, in words for a person; empty while there is some, or nothing was tried.
    """

    commands: Sequence[tuple[str, ...]]
    folder: Path
    failures: int = field(default=0, init=False)
    trouble: str = field(default="", init=False)
    _running: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _hangs_at_s: float = field(default=0.0, init=False)
    _sounding: tuple[Sound, str] = field(default=("test", _FULL), init=False)
    _untried: list[int] = field(default_factory=list, init=False)
    _using: int = field(default=0, init=False)
    _failed_s: dict[int, float] = field(default_factory=dict, init=False)

    def prepare(self) -> None:
        """Make every sound's file while there is time, and room on the disk.

        Raises:
            OSError: they cannot be written.
        """
        for sound in BURSTS:
            for loudness in LOUDNESS:
                self._file(sound, loudness)

    def play(self, sound: Sound, loudness: str = _FULL) -> None:
        """Begin to play a sound; one that is still playing is cut off.

        Args:
            sound: Which.
            loudness: Of `LOUDNESS`.
        """
        self.stop()
        self._sounding = (sound, loudness)
        self._untried = self._order()
        self._start()

    def check(self) -> bool:
        """Look after the player, and tell whether a sound is under way; call it at every turn."""
        process = self._running
        if process is None:
            return False
        code = process.poll()
        if code is None and time.monotonic() < self._hangs_at_s:
            return True
        self._end()
        if code == 0:
            self.trouble = ""
            return False
        self._failed("hangs" if code is None else f"ended with code {code}")
        self._start()
        return self._running is not None

    def stop(self) -> None:
        """Be silent at once."""
        self._end()

    def play_to_the_end(self, sound: Sound, loudness: str = _FULL) -> bool:
        """Play a sound, wait for it, and tell whether a player took it."""
        self.play(sound, loudness)
        while self.check():
            time.sleep(_LOOK_S)
        return not self.trouble

    def _start(self) -> None:
        """Start the next player on what is to be heard; say so where none is left."""
        while self._untried:
            self._using = self._untried.pop(0)
            try:
                self._running = self._opened(self.commands[self._using])
            except OSError as error:
                self._failed(error.strerror or str(error))
            else:
                self._hangs_at_s = time.monotonic() + duration_s(self._sounding[0]) + _HANGS_AFTER_S
                return
        self.trouble = self._without_sound()

    def _order(self) -> list[int]:
        """Return the players in the order to try them: those that failed a moment ago come last."""
        now_s = time.monotonic()
        lately = {
            number for number, failed_s in self._failed_s.items() if now_s - failed_s < _FORGIVEN_AFTER_S
        }
        return sorted(range(len(self.commands)), key=lambda number: number in lately)

    def _opened(self, command: Iterable[str]) -> subprocess.Popen[bytes]:
        path = str(self._file(*self._sounding))
        return subprocess.Popen(
            [word.replace(FILE, path) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # A group of its own, so that whatever a player starts ends with it.
            start_new_session=True,
        )

    def _file(self, sound: Sound, loudness: str) -> Path:
        """Return the sound's file, made where it is missing."""
        path = self.folder / f"{sound}-{loudness}.wav"
        if not path.is_file():
            self.folder.mkdir(parents=True, exist_ok=True, mode=_PRIVATE_FOLDER)
            beside = path.with_suffix(".new")
            beside.write_bytes(wav(sound, LOUDNESS[loudness]))
            beside.replace(path)
        return path

    def _failed(self, how: str) -> None:
        self.failures += 1
        self._failed_s[self._using] = time.monotonic()
        _log.warning("sound: %s %s", self.commands[self._using][0], how)

    def _without_sound(self) -> str:
        if not self.commands:
            return "No player is installed (pw-play, paplay, aplay, afplay, ffplay or play): no sound here"
        tried = ", ".join(command[0] for command in self.commands)
        return f"No player works ({tried} tried): no sound from this computer"

    def _end(self) -> None:
        process, self._running = self._running, None
        if process is None:
            return
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        process.wait()
