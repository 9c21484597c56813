"""The gate for every change to the detector or its model: figures of fixed synthetic nights, within stated bounds.

The nights come from fixed seeds, so a figure moves only where the detector or the model does. Bounds lie in a TOML
file, each with its reason: ``[cohorts]`` says how many nights of which cohort of `models.cohorts.EXAMS`, every
``[[bound]]`` names a cohort, a figure of `FIGURES`, ``at_least`` or ``at_most``, and ``of_at_least``, below which the
denominator is too small to show anything. A figure within its bounds is no proof of quality: docs/how-good.md is
where that is examined.

    GateError    the file of bounds cannot be used; the text says where and what to do
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from math import isfinite
from pathlib import Path
from typing import NamedTuple

from detector.scoring_matching import CLONIC, CRAMP
from detector.scoring_statistics import Proportion, Rate, Spread
from detector.scoring_types import Report, TargetScore
from firmware_bridge.toml_text import TomlError, toml_of
from models.cohorts import EXAMS
from models.evaluate import Examined

# The files that come with the program: a quick one for every change, a full one before a release.
SHIPPED_FOLDER = "bundles"
SHIPPED = ("quick", "full")
TOP_KEYS = {"cohorts", "bound"}
BOUND_KEYS = {"cohort", "figure", "at_least", "at_most", "of_at_least", "reason"}
LIMITS = ("at_least", "at_most")


class GateError(ValueError):
    """The file of bounds cannot be used."""


class Measured(NamedTuple):
    """A figure: its value (None of nothing), the events behind it, and of how many (or in how many nights)."""

    value: float | None
    events: int
    of: float


@dataclass(frozen=True, slots=True)
class Bound:
    """What must hold of a figure.

    Attributes:
        cohort: Of which nights.
        figure: Name in `FIGURES`.
        sense: ``at_least`` or ``at_most``.
        limit: In the figure's unit.
        of_at_least: The least denominator that shows anything.
        reason: Why the limit is where it is.
    """

    cohort: str
    figure: str
    sense: str
    limit: float
    of_at_least: float
    reason: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """A file of bounds: how many nights of which cohorts, and what must hold of them."""

    cohorts: Mapping[str, int]
    bounds: tuple[Bound, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a bound."""

    bound: Bound
    measured: Measured

    @property
    def holds(self) -> bool:
        """Whether the figure is known, behind it is enough, and it is within its limit."""
        value, _, of = self.measured
        if value is None or of < self.bound.of_at_least:
            return False
        return value >= self.bound.limit if self.bound.sense == "at_least" else value <= self.bound.limit


def _of(name: str) -> Callable[[Report], TargetScore]:
    return lambda report: next(score for score in report.targets if score.target == name)


def _share(share: Proportion) -> Measured:
    return Measured(share.value, share.hits, share.of)


def _rate(rate: Rate | None) -> Measured:
    return Measured(None, 0, 0.0) if rate is None else Measured(rate.value, rate.count, rate.exposure)


def _median(spread: Spread) -> Measured:
    return Measured(spread.median, spread.known, spread.known)


_cramp, _clonic = _of(CRAMP.name), _of(CLONIC.name)
# By name in the file: shares of 1, counts per night of 8 h, seconds from onset to verdict.
FIGURES: Mapping[str, Callable[[Report], Measured]] = {
    "cramps_found": lambda report: _share(_cramp(report).sensitivity),
    "clonic_found": lambda report: _share(_clonic(report).sensitivity),
    "confused": lambda report: _share(report.confusion.confused),
    "false_cramps_per_night": lambda report: _rate(_cramp(report).false_per_night),
    "false_clonic_per_night": lambda report: _rate(_clonic(report).false_per_night),
    "cramps_decided_after_s": lambda report: _median(_cramp(report).latency),
    "clonic_decided_after_s": lambda report: _median(_clonic(report).latency),
}


def bounds_file(name: str) -> Path:
    """Return the file of a name: one of `SHIPPED`, or a path."""
    if name not in SHIPPED:
        return Path(name)
    return Path(str(files("models"))) / SHIPPED_FOLDER / f"gate-{name}.toml"


def read_bounds(path: Path) -> Bounds:
    """Return what a file of bounds says.

    Raises:
        GateError: it cannot be read, or says what nobody can examine.
    """
    try:
        top = toml_of(path.read_text("utf-8"))
    except OSError as error:
        raise GateError(
            f"{path}: cannot be read ({error.strerror}); name a file of bounds, or {' or '.join(SHIPPED)}"
        ) from error
    except (UnicodeDecodeError, TomlError) as error:
        raise GateError(f"{path}: expected TOML, got {error}") from error
    if set(top) != TOP_KEYS or not isinstance(top["bound"], list):
        raise GateError(f"{path}: expected [cohorts] and [[bound]], got {', '.join(top) or 'nothing'}")
    cohorts = _cohorts(top["cohorts"], path)
    bounds = tuple(
        _bound(entry, cohorts, f"{path}: bound {number}") for number, entry in enumerate(top["bound"], 1)
    )
    if not bounds:
        raise GateError(f"{path}: expected at least one [[bound]], got none")
    return Bounds(cohorts, bounds)


def _cohorts(entry: object, path: Path) -> dict[str, int]:
    cohorts = entry if isinstance(entry, dict) else {}
    for name, nights in cohorts.items():
        if name not in EXAMS:
            raise GateError(f"{path}: cohorts: expected one of {', '.join(EXAMS)}, got {name!r}")
        if type(nights) is not int or nights < 1:
            raise GateError(f"{path}: {name}: expected a number of nights, 1 or more, got {nights!r}")
    return dict(cohorts)


def _bound(entry: Mapping[str, object], cohorts: Mapping[str, int], place: str) -> Bound:
    unknown = set(entry) - BOUND_KEYS
    if unknown:
        raise GateError(
            f"{place}: expected {', '.join(sorted(BOUND_KEYS))}, got {', '.join(sorted(unknown))}"
        )
    cohort, figure, reason = (str(entry.get(key, "")) for key in ("cohort", "figure", "reason"))
    if cohort not in cohorts:
        raise GateError(f"{place}: cohort: expected one of [cohorts], got {cohort!r}")
    if figure not in FIGURES:
        raise GateError(f"{place}: figure: expected one of {', '.join(FIGURES)}, got {figure!r}")
    if not reason.strip():
        raise GateError(f"{place}: expected a reason for the limit, got none")
    senses = [sense for sense in LIMITS if sense in entry]
    if len(senses) != 1:
        raise GateError(f"{place}: expected either at_least or at_most, got {' and '.join(senses) or 'none'}")
    (sense,) = senses
    return Bound(
        cohort, figure, sense, _number(entry, sense, place), _number(entry, "of_at_least", place), reason
    )


def _number(entry: Mapping[str, object], key: str, place: str) -> float:
    value = entry.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value) or value < 0:
        raise GateError(f"{place}: {key}: expected a number of 0 or more, got {value!r}")
    return float(value)


def outcomes(bounds: Sequence[Bound], examined: Sequence[Examined]) -> Iterator[Outcome]:
    """Yield what came of each bound, in the file's order."""
    reports = {one.cohort: one.report for one in examined}
    for bound in bounds:
        yield Outcome(bound, FIGURES[bound.figure](reports[bound.cohort]))
