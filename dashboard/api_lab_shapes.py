"""As `dashboard.api_shapes`, of comparisons of opinions and of the lab's shelf."""

from dataclasses import dataclass
from typing import Any

from dashboard.api_shapes import Measure


@dataclass(frozen=True, slots=True)
class Opinion:
    """Somebody who says what a night's events were: the detector, everybody, a person, or a table of one's own."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class GivenComparison:
    """Two opinions by their ids, and the text of an event table where one of them is that."""

    first: str
    second: str
    table: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """Something that one of two opinions says, or both."""

    kind: str
    start: float
    end: float
    word: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two opinions share and where they part."""

    figures: list[Measure]
    rows: list[Compared]
    sides: list[list[tuple[float, float, str]]]


@dataclass(frozen=True, slots=True)
class GivenName:
    """A night's name."""

    name: str


@dataclass(frozen=True, slots=True)
class Taken:
    """The id of what was put on the lab's shelf."""

    id: str


@dataclass(frozen=True, slots=True)
class OnShelf:
    """A recording on the lab's shelf: its facts, how far the detector is, and what it found."""

    name: str
    start: float
    end: float
    site: str
    unit: str
    has_acc: bool
    warnings: list[str]
    state: str
    share: float
    why: str
    events: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Scored:
    """What a truth holds, and how what was found stands against it."""

    events: list[dict[str, Any]]
    scores: Any
