"""What a personal fit looks at: the levels of a stream, second by second, and those that the wearer named."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from detector.event_files import EventRecord
from detector.types import Levels

# People begin late and stop early: so much of each part is not looked at, at either end.
EDGE_S = 2.0
SECOND_S = 1.0
# Verdicts and kinds by which a label says that it was a cramp.
CRAMP_WORDS = frozenset({"cramp"})


@dataclass(frozen=True, slots=True)
class LabelledLevel:
    """How strong something was that the wearer gave a name.

    Attributes:
        peak_uv: Strongest second.
        rest_uv: Resting level at its beginning.
        is_cramp: What the wearer says.
    """

    peak_uv: float
    rest_uv: float
    is_cramp: bool


@dataclass(frozen=True, slots=True)
class Seconds:
    """What was seen second by second: ``[n]`` each.

    Attributes:
        at_s: End of each.
        rms_uv: Of the EMG.
        resting_uv: Resting level.
        movement_mg: Highest; 0 without an accelerometer.
    """

    at_s: Sequence[float]
    rms_uv: Sequence[float]
    resting_uv: Sequence[float]
    movement_mg: Sequence[float]

    def during(self, begin_s: float, end_s: float) -> list[int]:
        """Return the places of the whole seconds in a part of the protocol, its edges left out."""
        first_s, last_s = begin_s + EDGE_S + SECOND_S, end_s - EDGE_S
        return [place for place, at_s in enumerate(self.at_s) if first_s <= at_s <= last_s]


def seconds_of(
    levels: Iterable[Levels], rate_hz: float, *, channel: int = 0, origin_index: int = 0
) -> Seconds:
    """Return a stream's levels second by second.

    Args:
        levels: In order.
        rate_hz: EMG rate.
        channel: Which EMG channel.
        origin_index: Sample at which time 0 is; what lies before it is left out.
    """
    rows: list[tuple[float, float, float, float]] = []
    squares: list[float] = []
    moved_mg = 0.0
    for item in levels:
        if item.first_index < origin_index:
            continue
        squares += np.square(item.envelope_uv[:, channel].astype(np.float64)).tolist()
        moved_mg = max(moved_mg, item.movement_mg or 0.0)
        if len(squares) * item.step >= SECOND_S * rate_hz:
            end_index = item.first_index + len(item.envelope_uv) * item.step
            resting_uv = float(item.baseline_uv[channel])
            rows.append(
                ((end_index - origin_index) / rate_hz, float(np.sqrt(np.mean(squares))), resting_uv, moved_mg)
            )
            squares, moved_mg = [], 0.0
    at_s, rms_uv, resting, movement = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Seconds(at_s, rms_uv, resting, movement)


def labelled_levels(seconds: Seconds, records: Iterable[EventRecord]) -> list[LabelledLevel]:
    """Return how strong each thing was that the wearer named; what cannot be found is left out.

    A label is a cramp by its verdict, or by its kind where it has none; artefacts say nothing about strength.
    """
    found = []
    for record in records:
        inside = [
            place
            for place, at_s in enumerate(seconds.at_s)
            if record.onset_s < at_s <= record.end_s + SECOND_S
        ]
        peak_uv = max((seconds.rms_uv[place] for place in inside), default=float("nan"))
        if record.trial_type == "artefact" or not peak_uv > 0.0:
            continue
        is_cramp = (record.alert or record.trial_type) in CRAMP_WORDS
        found.append(LabelledLevel(peak_uv, seconds.resting_uv[inside[0]], is_cramp))
    return found
