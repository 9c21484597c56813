"""What systemd's watchdog is fed by: not by a loop that turns, but by what the night is for.

Fed while the alerter and every monitor give signs of life, and every monitor either gets usable samples, or has
declared by an alarm of its own why it does not, or rests as somebody asked.
"""

from collections.abc import Callable, Collection
from pathlib import Path

from crampwatch.supervisor import START_S
from crampwatch.upkeep.notify import WATCHDOG, notify
from detector.alarms.conditions import CONDITIONS
from detector.alarms.reader import AlarmReader
from detector.alarms.values import Moment
from detector.alerter.monitors import SIGN_OF_ALERTER, SIGNS
from detector.sign_of_life import Sign, host_boot_id, read_sign
from firmware_bridge.clock import Clock

# Without a usable sample for so long an alarm must say so: ALARMS gives BAD_SIGNAL 10 s, and its loop some more, s.
DECLARED_WITHIN_S = 30.0
_MS_PER_S = 1000.0


class Progress:
    """Looks whether a session does what it is for. Use it from one thread.

    Args:
        folder: The session's.
        expected: Names of the sensors that must be watched; others are found by their signs of life.
        clock: The session's; it begins now.
    """

    def __init__(self, folder: Path, expected: Collection[str], clock: Clock) -> None:
        self._folder = folder
        self._expected = frozenset(expected)
        self._clock = clock
        self._began_s = clock.mono_s()
        self._readers: dict[str, AlarmReader] = {}

    def is_made(self) -> bool:
        """Tell whether everything that must be done is done, or said to be in the way."""
        now_s = self._clock.mono_s()
        if now_s - self._began_s < START_S:
            return True
        found = {path.stem for path in (self._folder / SIGNS).glob("*.alive")} - {SIGN_OF_ALERTER}
        watched = self._expected | found
        return self._is_fresh(SIGN_OF_ALERTER, now_s) is not None and all(
            self._is_watched(sensor, now_s) for sensor in watched
        )

    def close(self) -> None:
        """Close what was opened to look."""
        for reader in self._readers.values():
            reader.close()

    def _is_watched(self, sensor: str, now_s: float) -> bool:
        sign = self._is_fresh(sensor, now_s)
        if sign is None:
            return False
        age_ms = sign.last_good_age_ms
        has_samples = age_ms is not None and age_ms <= DECLARED_WITHIN_S * _MS_PER_S
        return has_samples or not sign.watching or self._is_declared(sensor)

    def _is_fresh(self, name: str, now_s: float) -> Sign | None:
        sign = read_sign(self._folder / SIGNS / f"{name}.alive", now_s)
        return sign if sign is not None and sign.is_fresh(self._clock) else None

    def _is_declared(self, sensor: str) -> bool:
        path = self._folder / "outbox" / f"{sensor}.sqlite"
        reader = self._readers.setdefault(sensor, AlarmReader(path))
        found = reader.look(Moment(self._clock.mono_s(), self._clock.wall()), host_boot_id())
        return found is not None and any(
            CONDITIONS[one.code].region == "tech" and one.ended is None for one in found.occurrences
        )


class Feeder:
    """Feeds the watchdog in time, as long as there is progress; call it at every turn of the supervisor.

    Args:
        progress: Tells whether there is.
        every_s: How often systemd wants to hear of us; None: it does not.
        clock: Real time.
        say: Told once when feeding ends.
        tell: Tells systemd.
    """

    def __init__(
        self,
        progress: Callable[[], bool],
        every_s: float | None,
        clock: Clock,
        say: Callable[[str], None],
        tell: Callable[[str], bool] = notify,
    ) -> None:
        self._progress = progress
        self._every_s = every_s
        self._clock = clock
        self._say = say
        self._tell = tell
        self._fed_s = float("-inf")
        self._starves = False

    def turn(self) -> None:
        """Feed it if it is time, and there is progress."""
        now_s = self._clock.mono_s()
        if self._every_s is None or now_s - self._fed_s < self._every_s:
            return
        self._fed_s = now_s
        if self._progress():
            self._starves = False
            self._tell(WATCHDOG)
        elif not self._starves:
            self._starves = True
            self._say(
                "no samples are judged and no alarm says why: the watchdog is not fed, systemd starts anew"
            )
