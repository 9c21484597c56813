"""Leg movements and periodic leg movements by the published rules: WASM 2016 and AASM.

A scorer by itself: it wants an envelope in µV with its resting level, or a list of movements, and nothing
else of the detector. One step a file: `leg_movement_rules` (the standards as tables),
`leg_movement_detection` (envelope to movements), `leg_movement_series` (two legs to one list, list to
series), `leg_movement_types` (the values).

    >>> import numpy as np
    >>> envelope = np.full(20 * 200, 3.0)
    >>> for onset_s in (20, 45, 70, 95, 120):
    ...     envelope[20 * onset_s : 20 * (onset_s + 2)] = 30.0
    >>> night = score_envelopes({"left": Envelope(envelope, rate_hz=20.0, resting_uv=3.0)})
    >>> night.plm, len(night.series), night.plm_per_h
    (5, 1, 90.0)

Where this leaves the standards: they are for the **tibialis anterior**; on the calf they are an adaptation.
Nothing here knows of breathing or arousals, so no movement is set aside as respiratory and none is tied to an
arousal. The index is per monitored hour and called PLM; PLMS needs to be told when the sleeper slept. What
the texts leave open, and which way was taken, stands in the docstring of each step.
"""

from collections.abc import Mapping, Sequence
from functools import reduce

from detector.leg_movement_detection import Envelope, detect_movements
from detector.leg_movement_rules import (
    AASM,
    ABSOLUTE,
    RELATIVE,
    WASM_2016,
    AmplitudeRule,
    Rules,
    amplitude_rule,
)
from detector.leg_movement_series import find_series, join_legs
from detector.leg_movement_types import SECONDS_PER_HOUR, LegMovement, Series, Summary, Watched, is_candidate
from detector.spans import Span, common, total_s, without

__all__ = [
    "AASM",
    "ABSOLUTE",
    "RELATIVE",
    "WASM_2016",
    "AmplitudeRule",
    "Envelope",
    "LegMovement",
    "Rules",
    "Series",
    "Span",
    "Summary",
    "Watched",
    "amplitude_rule",
    "detect_movements",
    "find_series",
    "is_candidate",
    "join_legs",
    "score_envelopes",
    "score_movements",
]


def score_envelopes(
    legs: Mapping[str, Envelope],
    rules: Rules = WASM_2016,
    amplitude: AmplitudeRule = ABSOLUTE,
    asleep: Sequence[Span] | None = None,
) -> Summary:
    """Score a night from the envelope of each leg.

    Args:
        legs: By name; one leg is enough, but finds fewer movements than two.
        rules: The standard.
        amplitude: See `amplitude_rule`.
        asleep: When the sleeper slept, if anyone knows.
    """
    found = {leg: detect_movements(envelope, leg, rules, amplitude) for leg, envelope in legs.items()}
    movements = {leg: detected for leg, (detected, _) in found.items()}
    watched = {leg: seen for leg, (_, seen) in found.items()}
    return score_movements(movements, watched, rules, asleep, amplitude.name)


def score_movements(
    legs: Mapping[str, Sequence[LegMovement]],
    watched: Mapping[str, Watched],
    rules: Rules = WASM_2016,
    asleep: Sequence[Span] | None = None,
    amplitude: str = "",
) -> Summary:
    """Score a night from the movements of each leg, found by whatever means.

    The night counts as seen when at least one leg was: an electrode that falls off leaves a one-legged night,
    not none. A periodic movement belongs to sleep where its onset does; series go on across short awakenings
    (WASM 2016).

    Args:
        legs: Movements of single legs, by the leg's name.
        watched: How long each of these legs was recorded, and when it could not be seen.
        rules: The standard.
        asleep: When the sleeper slept, if anyone knows.
        amplitude: Name of the amplitude rule that found the movements, for the record.

    Raises:
        ValueError: there is no leg, or the two mappings name different ones.
    """
    if not legs or set(legs) != set(watched):
        raise ValueError(
            f"leg movements: expected the same legs twice, got {sorted(legs)} and {sorted(watched)}"
        )
    recorded = Span(0.0, max(leg.duration_s for leg in watched.values()))
    blind = reduce(common, (without(recorded, leg.seen) for leg in watched.values()))
    seen = without(recorded, blind)
    movements = join_legs(legs, rules)
    runs = find_series(movements, rules, blind)
    slept = None if asleep is None else common(asleep, seen)
    periodic = [movement for run in runs.series for movement in run.movements]
    return Summary(
        rules=rules.name,
        amplitude=amplitude,
        movements=movements,
        candidates=tuple(movement for movement in movements if is_candidate(movement, rules)),
        series=runs.series,
        short_intervals=runs.short_intervals,
        intervals=runs.intervals,
        seen=seen,
        leg_monitored_h={name: total_s(leg.seen) / SECONDS_PER_HOUR for name, leg in watched.items()},
        asleep_h=None if slept is None else total_s(slept) / SECONDS_PER_HOUR,
        plms=None if slept is None else sum(_began_in(movement, slept) for movement in periodic),
    )


def _began_in(movement: LegMovement, spans: Sequence[Span]) -> bool:
    return any(span.onset_s <= movement.onset_s < span.end_s for span in spans)
