"""A live source for boards with somebody else's firmware: text lines or Chords packets, over serial or TCP.

Such a board has no identity, no clock and no commands; what it cannot say comes from the address
(`firmware_bridge.dialect_options`) or is measured while the source opens.
"""

import logging
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

from firmware_bridge.board_source import ANCHOR_EVERY_S, LEAST_PATIENCE_S
from firmware_bridge.clock import Clock
from firmware_bridge.dialect_assembler import SILENCE_S, DialectAssembler
from firmware_bridge.dialect_chords import START, STOP
from firmware_bridge.dialect_options import DialectOptions
from firmware_bridge.dialect_rows import DialectDecoder
from firmware_bridge.dialect_settling import Settling
from firmware_bridge.dialects import Dialect
from firmware_bridge.frames import Frame
from firmware_bridge.live_source import LiveSource
from firmware_bridge.port_reader import Arrival, Chunk, Lost, Opened, Port
from firmware_bridge.samples import Mark, SampleBlock, SensorInfo, StreamItem
from firmware_bridge.source_contract import NotASensorError, SourceUrl
from firmware_bridge.strangers import describe

_log = logging.getLogger(__name__)

# How long the board may take to show what it sends, in seconds of life: it may have been reset by the opening,
# which costs an Arduino two seconds, and its rate is measured over two more.
SETTLE_S = 8.0
_LOOK_S = 0.05
# A Chords board that says nothing is told to start this often: some wait a second for the end of the word.
_START_EVERY_S = 2.0
_GIVEN_UP_AFTER_S = 5.0
# How much of what no dialect is, is shown.
_SHOWN_BYTES = 32
_EXPECTED = {"chords": "Chords packets", "lsl": "samples of an LSL stream, twenty at least"}


class DialectSource(LiveSource):
    """Reads one board.

    Args:
        url: The address.
        dialect: What it speaks: ``text``, ``chords`` or ``lsl``.
        connect: Opens the port; raises OSError.
        clock: Stamps what arrives.
        options: What the address says, where more than that is known.

    Raises:
        SourceUrlError: the address says what cannot be.
    """

    def __init__(
        self,
        url: SourceUrl,
        dialect: Dialect,
        connect: Callable[[SourceUrl], Port],
        clock: Clock,
        options: DialectOptions | None = None,
    ) -> None:
        super().__init__(url, connect, clock)
        self._dialect = dialect
        self._options = options or DialectOptions.of(url)
        self._decoder: DialectDecoder | None = None
        self._assembler: DialectAssembler | None = None
        self._unsent_commands = 0
        self._warnings: tuple[str, ...] = ()

    @property
    def finished(self) -> bool:
        """Never: a board plays no recordings."""
        return False

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences on what had to be guessed, and on what the signal does not show."""
        return self._warnings

    @property
    def counters(self) -> Mapping[str, int]:
        """What came and was lost so far, by name."""
        decoded = asdict(self._decoder.counters) if self._decoder else {}
        placed = asdict(self._assembler.totals) if self._assembler else {}
        return {
            **decoded,
            **placed,
            "links_lost": self._links_lost,
            "unsent_commands": self._unsent_commands,
            "unsent_writes": self._reader.unsent_writes,
            "port_faults": self._reader.faults,
        }

    def read(self, timeout_s: float) -> list[StreamItem]:
        """Return what has come, in order; an empty list after ``timeout_s`` (of the clock) without any."""
        items, self._early = self._early, []
        for arrival in self._reader.take(0.0 if items else self._clock.real_s(timeout_s)):
            items.extend(self._arrived(arrival))
        items.extend(self._watched())
        return items

    def send(self, frame: Frame) -> None:
        """Do nothing but count: the board knows no commands, and some stop when anything comes."""
        del frame
        self._unsent_commands += 1

    def close(self) -> None:
        """Let the port go; may be called twice."""
        if self._dialect == "chords" and self._assembler is not None:
            self._reader.write(STOP)
        super().close()

    def _meet(self) -> SensorInfo:
        settling = Settling(self._dialect, self._options)
        began_s = asked_s = time.monotonic()
        while not settling.enough and time.monotonic() - began_s < SETTLE_S:
            for arrival in self._reader.take(_LOOK_S):
                if isinstance(arrival, Chunk):
                    settling.feed(arrival.data, arrival.received_at_s, time.monotonic())
            if not settling.rows and time.monotonic() - asked_s >= (
                SILENCE_S if asked_s == began_s else _START_EVERY_S
            ):
                asked_s = time.monotonic()
                self._ask()
        if not settling.enough:
            raise NotASensorError(self._why_not(settling.seen))
        try:
            settled = settling.settled(self._sensor_id(), self._patience())
        except ValueError as error:
            raise NotASensorError(f"{self._url.text}: {error}") from error
        self._decoder, self._assembler = settled.decoder, settled.assembler
        self._note_warnings(settled.warnings)
        self._watch_from_now(self._patience())
        for found, received_at_s in settled.early:
            self._early.extend(self._anchored(settled.assembler.feed(found, received_at_s)))
        return settled.info

    def _ask(self) -> None:
        if self._dialect == "chords":
            self._reader.write(START)

    def _why_not(self, seen: bytes) -> str:
        if not seen:
            return describe(seen, (), self._url.text)
        expected = _EXPECTED.get(self._dialect, "lines of one to four numbers")
        return (
            f"{self._url.text}: expected {expected}, got bytes like {seen[-_SHOWN_BYTES:]!r}; "
            "is the speed right (baud=9600, baud=230400)?"
        )

    def _sensor_id(self) -> str:
        """Return the user's name for the board, or one made of the port's."""
        place = re.sub(r"[^a-z0-9]+", "-", self._url.target.rpartition("/")[2].lower()).strip("-")
        return self._url.options.get("id") or f"{self._dialect}-{place}"[:32].strip("-")

    def _patience(self) -> float:
        return max(1.0, LEAST_PATIENCE_S * self._clock.rate / _GIVEN_UP_AFTER_S)

    def _arrived(self, arrival: Arrival) -> Sequence[StreamItem]:
        assert self._decoder is not None
        assert self._assembler is not None
        match arrival:
            case Chunk(data, received_at_s):
                return self._anchored(self._assembler.feed(self._decoder.feed(data), received_at_s))
            case Lost():
                self._decoder.restart()
                self._assembler.link_lost()
                return self._broken(arrival)
            case Opened():
                self._watch.opened(self._clock.mono_s())
                self._ask()
        return ()

    def _anchored(self, items: Sequence[StreamItem]) -> list[StreamItem]:
        """Put a wall-clock time before the first block of every minute, and take note of what came."""
        anchored: list[StreamItem] = []
        for item in items:
            if isinstance(item, SampleBlock):
                anchored.extend(self._watch.samples_came(self._clock.mono_s()))
                if item.first_index >= self._next_anchor:
                    anchored.append(self._anchor(item))
            elif isinstance(item, Mark):
                self._note_warnings((item.text,))
            anchored.append(item)
        return anchored

    def _anchor(self, block: SampleBlock) -> Mark:
        assert self._assembler is not None
        clock, now_s = self._assembler.clock, self._clock.mono_s()
        self._next_anchor = block.first_index + round(ANCHOR_EVERY_S * block.info.emg_rate_hz)
        # Before anything has arrived the block itself is just here.
        taken_s = (
            clock.host_s(block.first_index) if clock.known else now_s - block.samples / block.info.emg_rate_hz
        )
        wall = self._clock.wall_at(min(taken_s, now_s)).isoformat(timespec="milliseconds")
        return Mark(block.first_index, "clock", wall)

    def _why_silent(self) -> str:
        return "the board is connected, but nothing comes from it"

    def _note_warnings(self, warnings: Sequence[str]) -> None:
        self._warnings = (*self._warnings, *warnings)
        for warning in warnings:
            _log.warning("%s: %s", self.url, warning)
