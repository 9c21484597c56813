"""The ten minutes before cramps beside the rest of the same nights: posture, movement, tension. Suspected at most."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from dashboard.chances import mean_of
from dashboard.evenings import Evening
from dashboard.texts import Texts

Row = dict[str, str]
# With fewer cramps a mean of differences says nothing.
LEAST_CRAMPS = 8
_PER_CENT = 100.0
# Ten minutes, in hours: what is counted in them becomes a rate.
_BEFORE_H = 600.0 / 3600.0


class _Measure(NamedTuple):
    """A measure, its value in the ten minutes and in the rest of the night, and how it is written."""

    name: str
    lately: str
    earlier: str
    scale: float
    unit: str


_MEASURES = (
    _Measure("moved", "moved_share", "moved_share_earlier", _PER_CENT, "%"),
    _Measure("turns", "turns", "turns_earlier_per_h", 1.0, "/h"),
    _Measure("tense", "tense_share", "tense_share_earlier", _PER_CENT, "%"),
)


def before_rows(t: Texts, nights: Sequence[Evening]) -> list[Row]:
    """Return each measure before cramps beside the rest of their nights; none where there are too few cramps."""
    told = [cramp.before for night in nights for cramp in night.cramps if cramp.before is not None]
    rows = []
    for measure in _MEASURES:
        pairs = [pair for pair in (_pair(measure, before) for before in told) if pair is not None]
        difference = mean_of([lately - earlier for lately, earlier in pairs])
        if len(pairs) < LEAST_CRAMPS or difference is None:
            continue
        count = len(pairs)
        rows.append(
            {
                "name": t(f"before_is.{measure.name}"),
                "lately": f"{sum(lately for lately, _ in pairs) / count:.1f} {measure.unit}",
                "earlier": f"{sum(earlier for _, earlier in pairs) / count:.1f} {measure.unit}",
                "difference": f"{difference.low:+.1f} … {difference.high:+.1f}",
                "cramps": str(count),
            }
        )
    return rows


def _pair(measure: _Measure, before: Mapping[str, Any]) -> tuple[float, float] | None:
    lately, earlier = before.get(measure.lately), before.get(measure.earlier)
    if lately is None or earlier is None:
        return None
    if measure.name == "turns":
        lately = lately / _BEFORE_H
    return float(lately) * measure.scale, float(earlier) * measure.scale
