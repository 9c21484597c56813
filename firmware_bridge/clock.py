"""One clock for all processes of a night, which may run faster than life.

Durations are counted on a monotonic clock, which no time server can set and which goes on while the computer
sleeps, where the system has such a clock (Linux: CLOCK_BOOTTIME); the wall clock is for people to read. An
accelerated clock (``rate`` 60: a minute takes a second) moves both, so that every timer stays true.
"""

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

_BOOT_CLOCK: int | None = getattr(time, "CLOCK_BOOTTIME", None)


def boot_s() -> float:
    """Return the system's monotonic seconds, sleep included where the system can tell."""
    return time.monotonic() if _BOOT_CLOCK is None else time.clock_gettime(_BOOT_CLOCK)


def host_slept_s() -> float:
    """Return how many seconds the computer has slept since it was started; only differences mean anything."""
    return boot_s() - time.monotonic()


@dataclass(frozen=True, slots=True)
class Clock:
    """Tells the time of the night.

    Copies made through `to_text` and `from_text` show the same time in every process of this machine, since
    the operating system's monotonic clock is shared.

    Attributes:
        rate: Seconds of this clock per second of life.
        origin_mono_s: The operating system's monotonic time at which this clock began to run at ``rate``.
        origin_wall: Wall time then, in UTC: now, unless given. None at rate 1: the computer's wall clock is
            followed, also when somebody sets it.

    Raises:
        ValueError: the rate is not above 0.
    """

    rate: float = 1.0
    origin_mono_s: float = field(default_factory=boot_s)
    origin_wall: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a clock that stands still; note when an accelerated one leaves the computer's own."""
        if not 0 < self.rate < float("inf"):
            raise ValueError(f"clock: expected a finite rate above 0, got {self.rate}")
        if self.rate != 1 and self.origin_wall is None:
            object.__setattr__(self, "origin_wall", datetime.now(UTC))

    def mono_s(self) -> float:
        """Return monotonic seconds; only differences mean anything."""
        return self.origin_mono_s + (boot_s() - self.origin_mono_s) * self.rate

    def wall(self) -> datetime:
        """Return the wall time, in the computer's time zone."""
        if self.origin_wall is None:
            return datetime.now(UTC).astimezone()
        return (self.origin_wall + timedelta(seconds=self.mono_s() - self.origin_mono_s)).astimezone()

    def wall_at(self, mono_s: float) -> datetime:
        """Return the wall time that belongs to a monotonic time, as the wall clock stands now."""
        return self.wall() + timedelta(seconds=mono_s - self.mono_s())

    def real_s(self, duration_s: float) -> float:
        """Return how many seconds of life ``duration_s`` of this clock takes."""
        return duration_s / self.rate

    def at_least(self, duration_s: float, *, real_s: float) -> float:
        """Return ``duration_s``, or more where that would take less than ``real_s`` seconds of life.

        For patience with machines: a process that is busy for half a second is not dead, however fast the
        night.
        """
        return max(duration_s, real_s * self.rate)

    def sleep(self, duration_s: float) -> None:
        """Wait."""
        if duration_s > 0:
            time.sleep(self.real_s(duration_s))

    def wait(self, event: threading.Event, duration_s: float) -> bool:
        """Wait until the event is set or the time is over; tell whether it is set."""
        return event.wait(max(0.0, self.real_s(duration_s)))

    def to_text(self) -> str:
        """Return the clock in one word, for another process."""
        wall = "" if self.origin_wall is None else self.origin_wall.isoformat()
        return f"{self.rate!r}/{self.origin_mono_s!r}/{wall}"

    @classmethod
    def from_text(cls, text: str) -> "Clock":
        """Return the clock that `to_text` described.

        Raises:
            ValueError: it did not.
        """
        try:
            rate, mono_s, wall = text.split("/")
            return cls(float(rate), float(mono_s), datetime.fromisoformat(wall) if wall else None)
        except ValueError as error:
            expected = "rate/monotonic/wall as to_text writes it"
            raise ValueError(f"clock: expected {expected}, got {text!r}") from error
