"""What a check says: a line for each thing, good, bad or unknown, and what to do."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["good", "bad", "unknown"]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at.

    Attributes:
        name: The thing.
        verdict: How it is; ``unknown`` where nobody can tell.
        text: What was seen.
        advice: What to do about it; empty where there is nothing to do.
        sensor: Which sensor it is about; empty where there is one only, or it is about something else.
    """

    name: str
    verdict: Verdict
    text: str
    advice: str = ""
    sensor: str = ""
