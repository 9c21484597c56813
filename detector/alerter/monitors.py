"""The monitors as the alerter sees them: their alarm stores and their signs of life, on disk; no broker between."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from detector.alarms.reader import AlarmReader
from detector.alarms.values import Mode, Moment, Occurrence
from detector.alerter.mirror import as_of
from detector.sign_of_life import read_sign, sign_valid_s
from firmware_bridge.clock import Clock

# Where signs of life lie in a session's folder, and the alerter's own.
SIGNS = Path("run")
SIGN_OF_ALERTER = "alerter"
_SUFFIX = ".alive"
# As long as a slow machine needs until its monitors have started and met their sensors; a monitor that has never
# given a sign by then is down, s.
START_S = 60.0


@dataclass(frozen=True, slots=True)
class Seen:
    """One monitor at one moment.

    Attributes:
        sensor: Whose.
        alive: Whether it gives signs of life.
        silent_since: Since when it has given none; None while it does, or where it has ended as told.
        alarms: What stands, moved on to now.
        mode: Who is woken; None where it has never said.
        in_standby: Whether it rests, as somebody asked.
        trouble: Why its alarms cannot be read, for a person; empty while they can.
    """

    sensor: str
    alive: bool
    silent_since: Moment | None = None
    alarms: tuple[Occurrence, ...] = ()
    mode: Mode | None = None
    in_standby: bool = False
    trouble: str = ""


class Monitors:
    """Looks at every monitor of a session. Use it from one thread.

    Args:
        folder: The session's.
        expected: Names of the sensors that must be watched; others are found by their signs of life.
        clock: The session's; it began when the session did.
        boot_id: Which start of the computer this is.
    """

    def __init__(self, folder: Path, expected: Collection[str], clock: Clock, boot_id: str) -> None:
        self._signs = folder / SIGNS
        self._stores = folder / "outbox"
        self._expected = frozenset(expected)
        self._clock = clock
        self._boot_id = boot_id
        self._began_s = clock.origin_mono_s
        self._readers: dict[str, AlarmReader] = {}
        # Monotonic time of each monitor's newest sign in this session.
        self._last_s: dict[str, float] = {}
        self._looked_s = float("inf")

    def look(self, at: Moment) -> list[Seen]:
        """Return every monitor as it stands.

        Whoever was away itself (the host slept) cannot tell for how long others were silent: it counts from now.
        """
        if at.mono_s - self._looked_s > sign_valid_s(self._clock):
            self._last_s = dict.fromkeys(self._last_s, at.mono_s)
        self._looked_s = at.mono_s
        found = {path.stem for path in self._signs.glob(f"*{_SUFFIX}")} - {SIGN_OF_ALERTER}
        return [seen for name in sorted(self._expected | found) if (seen := self._look(name, at)) is not None]

    def close(self) -> None:
        """Close every store."""
        for reader in self._readers.values():
            reader.close()

    def _look(self, name: str, at: Moment) -> Seen | None:
        sign = read_sign(self._signs / f"{name}{_SUFFIX}", at.mono_s)
        if sign is not None and sign.age_s is not None and at.mono_s - sign.age_s >= self._began_s:
            self._last_s[name] = max(at.mono_s - sign.age_s, self._last_s.get(name, self._began_s))
        if name not in self._last_s:
            return self._never_seen(name, at)
        if sign is None:
            # It has taken its sign away: it ended as it was told to.
            return Seen(name, alive=False)
        last_s = self._last_s[name]
        silent = at.mono_s - last_s > sign_valid_s(self._clock)
        since = at.after(last_s - at.mono_s) if silent else None
        return self._with_alarms(name, at, since)

    def _never_seen(self, name: str, at: Moment) -> Seen | None:
        """Return a monitor that has given no sign in this session; None where none is expected of it yet."""
        if name not in self._expected:
            # What an earlier session left behind.
            return None
        due_s = self._began_s + self._clock.at_least(START_S, real_s=START_S / 2)
        return Seen(
            name, alive=False, silent_since=at.after(due_s - at.mono_s) if at.mono_s > due_s else None
        )

    def _with_alarms(self, name: str, at: Moment, silent_since: Moment | None) -> Seen:
        reader = self._readers.setdefault(name, AlarmReader(self._stores / f"{name}.sqlite"))
        stored = reader.look(at, self._boot_id)
        alive = silent_since is None
        if stored is None:
            return Seen(name, alive, silent_since, trouble=reader.trouble)
        until = stored.standby_until
        resting = stored.system == "standby" and until is not None and at.mono_s < until.mono_s
        alarms = as_of(stored.occurrences, at, silent_since)
        return Seen(name, alive, silent_since, alarms, stored.mode, resting)
