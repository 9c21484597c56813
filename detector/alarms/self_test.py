"""The evening's self-test, and when a page may be green (I11)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

# A proof is for one night.
PROVEN_FOR = timedelta(hours=18)
# Green needs a good sample and a heartbeat no older than this, s.
GOOD_SAMPLE_S = 5.0
HEARTBEAT_S = 10.0

Outlook = Literal["green", "yellow", "grey"]


@dataclass(frozen=True, slots=True)
class Tested:
    """One part of the self-test: the sensor's signal, a channel, the disk, the clock, the battery."""

    name: str
    passed: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class SelfTest:
    """What was tested, and when."""

    at: datetime
    parts: tuple[Tested, ...]

    @property
    def passed(self) -> bool:
        """Whether something was tested and everything passed."""
        return bool(self.parts) and all(part.passed for part in self.parts)

    @property
    def failures(self) -> str:
        """What did not pass, for a person."""
        failed = [f"{part.name}: {part.text or 'did not pass'}" for part in self.parts if not part.passed]
        return "; ".join(failed) or "nothing was tested"

    def proves(self, now: datetime) -> bool:
        """Tell whether tonight rests on it: it passed, and is not of another night or of the future."""
        return self.passed and timedelta() <= now - self.at <= PROVEN_FOR


def outlook(
    *, last_good_age_s: float | None, heartbeat_age_s: float | None, proven: bool, degraded: bool = False
) -> Outlook:
    """Return the colour that a page may show (I11).

    Args:
        last_good_age_s: Age of the newest usable sample; None: never, or nobody knows. One from the future is a fault.
        heartbeat_age_s: Age of the newest sign of life; None as above.
        proven: Whether the path to the people who are told was proven tonight.
        degraded: Whether a technical condition stands.
    """
    if heartbeat_age_s is None or not 0 <= heartbeat_age_s <= HEARTBEAT_S:
        return "grey"
    fresh = last_good_age_s is not None and 0 <= last_good_age_s <= GOOD_SAMPLE_S
    return "green" if fresh and proven and not degraded else "yellow"
