"""When watching is due to begin by itself: standby never reaches beyond the next such moment (I5)."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo


@dataclass(frozen=True, slots=True)
class Schedule:
    """Times of day at which watching begins, on every day.

    Attributes:
        arm_times: By the clock on the wall; empty where nothing is planned.
        zone: Whose wall; a zone with daylight saving keeps the time of day through its changes. None: the computer's.
    """

    arm_times: tuple[time, ...] = ()
    zone: tzinfo | None = UTC

    def next_arm(self, after: datetime) -> datetime | None:
        """Return the next arm time later than ``after``; None where nothing is planned.

        A time of day that a clock change skips is taken as the moment of the change; one that comes twice, the first
        time.
        """
        today = after.astimezone(self.zone).date()
        planned = (
            datetime.combine(today + timedelta(days=days), at, self.zone).astimezone(UTC)
            for days in range(3)
            for at in self.arm_times
        )
        return min((moment for moment in planned if moment > after), default=None)


def times_of_day(text: str) -> tuple[time, ...]:
    """Return the times of day in a setting such as ``13:00, 22:30``; none in an empty one.

    Raises:
        ValueError: one of them is no time of day.
    """
    try:
        return tuple(time.fromisoformat(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise ValueError(f"expected times of day such as 13:00, 22:30, got {text!r}") from error
