"""From the envelope of one leg's EMG to its leg movements."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt

from detector.leg_movement_rules import ABSOLUTE, TIMING_S, WASM_2016, AmplitudeRule, Rules
from detector.leg_movement_types import LegMovement, Watched
from detector.spans import Span

Values = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]

# A movement is over where the muscle stays quiet for so long; its morphology is judged over as long.
QUIET_S = 0.5
# A shorter loss is bridged with the last value seen (DESIGN.md section 2).
BRIDGED_S = 0.1
# Slower envelopes cannot time half a second.
SLOWEST_HZ = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Envelope:
    """The envelope of one leg's EMG, regularly sampled, from the recording's start.

    The standards speak of the rectified EMG as an expert sees it on paper. A 150-ms RMS comes close
    (science.md section 6); it makes a movement up to 150 ms longer.

    Attributes:
        values_uv: ``[n]`` µV.
        rate_hz: Values a second, 10 or more.
        resting_uv: ``[n]`` the resting level, or one for all. It should stand still during movements, as the
            detector's does: one that climbs with a movement ends it too soon.
        valid: ``[n]`` False where nothing was seen; None: all was. NaN counts as not seen.

    Raises:
        ValueError: the arrays do not fit together, or the rate is too low.
    """

    values_uv: npt.ArrayLike
    rate_hz: float
    resting_uv: npt.ArrayLike
    valid: npt.ArrayLike | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be scored."""
        if not self.rate_hz >= SLOWEST_HZ:
            raise ValueError(f"envelope: expected {SLOWEST_HZ:g} values a second or more, got {self.rate_hz}")
        shape = np.shape(self.values_uv)
        shapes = (np.shape(self.resting_uv) or shape, shape if self.valid is None else np.shape(self.valid))
        if len(shape) != 1 or any(other != shape for other in shapes):
            raise ValueError(
                f"envelope: expected arrays of one length, got {shape} and {shapes[0]}, {shapes[1]}"
            )

    @property
    def duration_s(self) -> float:
        """Its length."""
        return len(np.asarray(self.values_uv)) / self.rate_hz


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """An envelope against the thresholds, ``[n]`` each."""

    seen: Flags
    begins: Flags
    quiet: Flags
    firm: Flags


def detect_movements(
    envelope: Envelope, leg: str = "leg", rules: Rules = WASM_2016, amplitude: AmplitudeRule = ABSOLUTE
) -> tuple[tuple[LegMovement, ...], Watched]:
    """Return the leg movements of one leg, and when it could be seen.

    - Onset: the envelope reaches rest + 8 µV.
    - End: the start of the first half second throughout which it does not exceed rest + 2 µV.
    - At least 0.5 s long; no longest length here (AASM's 10 s and WASM's candidates are `is_candidate`'s).
    - WASM's morphology: some half second of it has a median of rest + 2 µV or more.

    Ours: a movement that runs into a loss of signal, out of one, or over an edge of the recording is ``cut``.
    Where the resting level is above the amplitude rule's cap nothing is scored; it counts as not seen.
    """
    judged = _judge(envelope, amplitude)
    rate_hz = envelope.rate_hz
    movements = []
    for first, end in _runs(judged.seen):
        for onset, over, cut in _movements(judged, first, end, ceil(QUIET_S * rate_hz - TIMING_S)):
            if (over - onset) / rate_hz < rules.shortest_s - TIMING_S:
                continue
            if rules.morphology and not _is_firm(judged.firm[onset:over], ceil(QUIET_S * rate_hz - TIMING_S)):
                continue
            movements.append(LegMovement.of_one_leg(onset / rate_hz, over / rate_hz, leg, cut=cut))
    blind = tuple(Span(first / rate_hz, end / rate_hz) for first, end in _runs(~judged.seen))
    return tuple(movements), Watched(envelope.duration_s, blind)


def _judge(envelope: Envelope, amplitude: AmplitudeRule) -> _Judged:
    values = np.asarray(envelope.values_uv, np.float64)
    resting = np.broadcast_to(np.asarray(envelope.resting_uv, np.float64), values.shape)
    seen = np.isfinite(values) & np.isfinite(resting)
    if envelope.valid is not None:
        seen &= np.asarray(envelope.valid, np.bool_)
    seen &= np.less_equal(resting, amplitude.resting_cap_uv, where=seen, out=np.zeros_like(seen))
    bridged = seen.copy()
    for first, end in _runs(~seen):
        bridged[first:end] = first > 0 and end < len(seen) and (end - first) / envelope.rate_hz <= BRIDGED_S
    latest = np.maximum.accumulate(np.where(seen, np.arange(len(seen)), 0))
    values, resting = values[latest], resting[latest]
    ends_at = amplitude.end_factor * resting + amplitude.end_rise_uv
    return _Judged(
        seen=bridged,
        begins=values >= amplitude.onset_factor * resting + amplitude.onset_rise_uv,
        quiet=values <= ends_at,
        firm=values >= ends_at,
    )


def _movements(judged: _Judged, first: int, end: int, quiet_length: int) -> Iterator[tuple[int, int, bool]]:
    """Yield (onset, end, cut) of every movement in a stretch that was seen throughout."""
    onsets = first + np.flatnonzero(judged.begins[first:end])
    rests = np.array([a + first for a, b in _runs(judged.quiet[first:end]) if b - a >= quiet_length], np.intp)
    at = first
    while (i := int(np.searchsorted(onsets, at))) < len(onsets):
        onset = int(onsets[i])
        j = int(np.searchsorted(rests, onset))
        over = int(rests[j]) if j < len(rests) else end
        yield onset, over, onset == first or over == end
        at = over


def _is_firm(firm: Flags, window: int) -> bool:
    """Tell whether some window holds a median at or above the threshold: more than half of its values are.

    The window is odd, so that its median is one of its values; a movement shorter than it is judged whole.
    """
    window = min(window | 1, len(firm))
    counts = np.concatenate(([0], np.cumsum(firm)))
    return bool(np.any(2 * (counts[window:] - counts[:-window]) > window))


def _runs(flags: Flags) -> list[tuple[int, int]]:
    """Return (first, end) of every run of True."""
    edges: Indices = np.flatnonzero(np.diff(flags, prepend=False, append=False))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
