"""How steady the envelope is: it tells a tonic contraction from a rhythmic one (science.md section 0.1)."""

from dataclasses import dataclass

import numpy as np

from detector.filters import Signal

# Below this part of the strong envelope the muscle is silent (science.md section 6).
SILENT_SHARE = 0.2
# Quantiles of the envelope that stand for weak and strong.
WEAK, STRONG = 0.1, 0.9
# Fewer envelope values say nothing: one second of the three, where the signal has just come back.
FEWEST = 40
# Tremor and clonus beat between these (science.md section 3); the 50-ms envelope carries no faster ones.
WAVE_HZ = (3.0, 12.0)


@dataclass(frozen=True, slots=True, eq=False)
class Steadiness:
    """``[rows]`` each; NaN where too little was seen.

    Attributes:
        modulation_depth: (p90 − p10) / (p90 + p10) of the envelope.
        silent_share: Part of the time in which the envelope is below a fifth of its p90.
        wave_hz: The strongest frequency of the envelope between 3 and 12 Hz: that of tremor and clonus.
        wave_share: What stands there, as part of all that moves in the envelope. A cramp's slow swing and the
            noise of an unsteady contraction leave it low.
    """

    modulation_depth: Signal
    silent_share: Signal
    wave_hz: Signal
    wave_share: Signal


def steadiness(envelope_uv: Signal, tick_s: float) -> Steadiness:
    """Measure ``[rows, ticks]`` of envelope; NaN stands where it was not seen."""
    ordered = np.sort(envelope_uv, axis=-1)
    seen = np.count_nonzero(~np.isnan(ordered), axis=-1)
    rows, last = np.arange(len(ordered)), np.maximum(seen - 1, 0)
    weak, strong = (ordered[rows, np.rint(share * last).astype(np.int64)] for share in (WEAK, STRONG))
    enough = (seen >= FEWEST) & (strong > 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        depth = (strong - weak) / (strong + weak)
        silent = np.count_nonzero(ordered < (SILENT_SHARE * strong)[:, None], axis=-1) / seen
    wave_hz, wave_share = _wave(envelope_uv, tick_s)
    return Steadiness(np.where(enough, depth, np.nan), np.where(enough, silent, np.nan), wave_hz, wave_share)


def _wave(envelope_uv: Signal, tick_s: float) -> tuple[Signal, Signal]:
    """Return frequency and share of the strongest wave between 3 and 12 Hz; NaN where the window has a hole."""
    ticks = envelope_uv.shape[-1]
    mean_uv = np.add.reduce(envelope_uv, axis=-1, keepdims=True) / ticks
    whole = ~np.isnan(mean_uv[:, 0])
    swing = np.where(whole[:, None], envelope_uv - mean_uv, 0.0) * np.hanning(ticks)
    transformed = np.fft.rfft(swing, axis=-1)
    power = np.square(transformed.real) + np.square(transformed.imag)
    total = np.maximum(np.add.reduce(power, axis=-1), np.finfo(np.float64).tiny)
    # A wave stands in three neighbouring bins of a Hann spectrum.
    lines = power[:, :-2] + power[:, 1:-1] + power[:, 2:]
    bins_hz = np.fft.rfftfreq(ticks, tick_s)[1:-1]
    first, last = np.searchsorted(bins_hz, WAVE_HZ)
    strongest = first + np.argmax(lines[:, first:last], axis=-1)
    share = lines[np.arange(len(lines)), strongest] / total
    return np.where(whole, bins_hz[strongest], np.nan), np.where(whole, share, np.nan)
