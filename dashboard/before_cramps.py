"""The ten minutes before cramps beside the rest of the same nights: posture, movement, tension. Suspected at most."""

from collections.abc import Sequence
from statistics import fmean
from typing import NamedTuple

from dashboard.chances import mean_of
from dashboard.evenings import Evening
from dashboard.texts import Texts
from detector.before_cramps import MOVEMENT, POSTURE, SECONDS_PER_HOUR, TENSION, Measure, pairs

Row = dict[str, str]
# With fewer cramps a mean of differences says nothing.
LEAST_CRAMPS = 8
_PER_CENT = 100.0


class _Shown(NamedTuple):
    """A measure as people read it: its word, and what makes its unit theirs."""

    word: str
    measure: Measure
    scale: float
    unit: str


_SHOWN = (
    _Shown("moved", MOVEMENT, _PER_CENT / SECONDS_PER_HOUR, "%"),
    _Shown("turns", POSTURE, 1.0, "/h"),
    _Shown("tense", TENSION, _PER_CENT, "%"),
)


def before_rows(t: Texts, nights: Sequence[Evening]) -> list[Row]:
    """Return each measure before cramps beside the rest of their nights; none where there are too few cramps."""
    told = [cramp.before for night in nights for cramp in night.cramps]
    rows = []
    for word, measure, scale, unit in _SHOWN:
        both = [(lately * scale, earlier * scale) for lately, earlier in pairs(measure, told)]
        difference = mean_of([lately - earlier for lately, earlier in both])
        if len(both) < LEAST_CRAMPS or difference is None:
            continue
        rows.append(
            {
                "name": t(f"before_is.{word}"),
                "lately": f"{fmean(lately for lately, _ in both):.1f} {unit}",
                "earlier": f"{fmean(earlier for _, earlier in both):.1f} {unit}",
                "difference": f"{difference.low:+.1f} … {difference.high:+.1f}",
                "cramps": str(len(both)),
            }
        )
    return rows
