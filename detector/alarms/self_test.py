"""The evening's self-test: what was tested, and whether a night rests on it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# A proof is for one night.
PROVEN_FOR = timedelta(hours=18)


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
