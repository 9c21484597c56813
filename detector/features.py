"""The features of a moment: an ordered table of names, units, sources and functions.

A moment is the end of a hop in which something is, or just was, going on. What cannot be known is NaN:
acceleration without a sensor for it, the high band at 500 Hz, a rhythm without bursts.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from detector.bursts import Rhythm
from detector.filters import Signal
from detector.repeats import Repeats
from detector.spectrum import Spectra
from detector.steadiness import Steadiness
from detector.waveform import Waveform


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """What was measured at the moments of one channel; ``[rows]`` each.

    Attributes:
        second_uv: RMS of the last second.
        resting_uv: The resting level before the hop …
        resting_age_s: … and how long ago it was last learnt from.
        steadiness: Of the last three seconds.
        spectra: Of the last second, where its amplitude is up.
        waveform: Likewise.
        repeats: Likewise, of the envelope of the last eight seconds.
        rhythms: Of the bursts of the last eight seconds.
        drift_uv: RMS, over the last second, of what moves below 20 Hz.
        clipped_share: Part of the hop's samples that are clipped.
        dynamic_mg: See `detector.movement.Movement`.
        tilt_deg: Likewise.
        gait: How the acceleration of the last four seconds repeats itself, where the amplitude is up.
        coherence: Of the bursts with the acceleration, see `detector.gait.CoherenceMeter`.
    """

    second_uv: Signal
    resting_uv: Signal
    resting_age_s: Signal
    steadiness: Steadiness
    spectra: Spectra
    waveform: Waveform
    repeats: Repeats
    rhythms: tuple[Rhythm | None, ...]
    drift_uv: Signal
    clipped_share: Signal
    dynamic_mg: Signal
    tilt_deg: Signal
    gait: Repeats
    coherence: Signal

    @property
    def muscle_uv(self) -> Signal:
        """RMS of the last second without what stands on mains lines."""
        mains_share = np.nan_to_num(self.spectra.mains_share, nan=0.0)
        muscle_uv: Signal = self.second_uv * np.sqrt(1.0 - mains_share)
        return muscle_uv


@dataclass(frozen=True, slots=True)
class Feature:
    """One column of the feature matrix; ``source`` is where its use is proposed or measured."""

    name: str
    unit: str
    source: str
    measure: Callable[[Moments], Signal]


def _of_rhythm(name: str) -> Callable[[Moments], Signal]:
    return lambda moments: np.array(
        [np.nan if found is None else float(getattr(found, name)) for found in moments.rhythms], np.float64
    )


def _drift_share(moments: Moments) -> Signal:
    drift, muscle = np.square(moments.drift_uv), np.square(moments.second_uv)
    share: Signal = drift / np.maximum(drift + muscle, np.finfo(np.float64).tiny)
    return share


FEATURES: tuple[Feature, ...] = (
    Feature("times_resting", "1", "science.md section 10: K = E/B", lambda m: m.muscle_uv / m.resting_uv),
    Feature("rise_uv", "uV", "AASM and WASM: µV above rest", lambda m: m.muscle_uv - m.resting_uv),
    Feature("resting_age_s", "s", "science.md section 6: frozen while above 0", lambda m: m.resting_age_s),
    Feature("modulation_depth", "1", "science.md section 0.1", lambda m: m.steadiness.modulation_depth),
    Feature("silent_share", "1", "science.md section 0.1", lambda m: m.steadiness.silent_share),
    Feature("wave_hz", "Hz", "science.md section 3: tremor, clonus", lambda m: m.steadiness.wave_hz),
    Feature("wave_share", "1", "science.md section 10: dominant 3–8 Hz", lambda m: m.steadiness.wave_share),
    Feature("repeat_peak", "1", "Mummidisetty 2012, Kumar 2025: 0.5–12 Hz", lambda m: m.repeats.peak),
    Feature("repeat_lag_s", "s", "Mummidisetty 2012, Kumar 2025: 0.5–12 Hz", lambda m: m.repeats.lag_s),
    Feature("burst_count", "1", "science.md section 10: clonic run", _of_rhythm("bursts")),
    Feature("burst_width_s", "s", "Kumar 2025", _of_rhythm("width_s")),
    Feature("burst_rate_hz", "Hz", "Kumar 2025", _of_rhythm("rate_hz")),
    Feature("burst_spread", "1", "science.md section 10: constant or slowing", _of_rhythm("spread")),
    Feature("burst_slowing", "1", "science.md section 10: tonic → clonic", _of_rhythm("slowing")),
    Feature("crossings_hz", "Hz", "Hudgins 1993: ZC", lambda m: m.waveform.crossings_hz),
    Feature("turns_hz", "Hz", "Hudgins 1993: SSC", lambda m: m.waveform.turns_hz),
    Feature("length_uv_s", "uV/s", "Hudgins 1993: WL", lambda m: m.waveform.length_uv_s),
    Feature("mean_hz", "Hz", "Hudgins 1993", lambda m: m.spectra.mean_hz),
    Feature("median_hz", "Hz", "Serrao 2007, Roeleveld 2000", lambda m: m.spectra.median_hz),
    Feature("low_share", "1", "Cardenas 2020: 20–45 Hz", lambda m: m.spectra.low_share),
    Feature("middle_share", "1", "Cardenas 2020: 45–95 Hz", lambda m: m.spectra.middle_share),
    Feature("upper_share", "1", "Cardenas 2020: 95–150 Hz", lambda m: m.spectra.upper_share),
    Feature("high_share", "1", "Conradsen 2011, Cardenas 2020", lambda m: m.spectra.high_share),
    Feature("mains_share", "1", "Fraser 2014", lambda m: m.spectra.mains_share),
    Feature("drift_uv", "uV", "Fraser 2014: motion", lambda m: m.drift_uv),
    Feature("drift_share", "1", "science.md section 10: artefact", _drift_share),
    Feature("clipped_share", "1", "Fraser 2014: clipping", lambda m: m.clipped_share),
    Feature("dynamic_mg", "mg", "science.md section 10: aDyn", lambda m: m.dynamic_mg),
    Feature("tilt_deg", "deg", "science.md section 10: tilt", lambda m: m.tilt_deg),
    Feature("gait_peak", "1", "science.md section 10: gait 0.7–2.5 Hz", lambda m: m.gait.peak),
    Feature("gait_lag_s", "s", "science.md section 10: gait 0.7–2.5 Hz", lambda m: m.gait.lag_s),
    Feature("acc_coherence", "1", "science.md section 6: EMG–ACC coherence", lambda m: m.coherence),
)
FEATURE_NAMES = tuple(feature.name for feature in FEATURES)
COLUMN = {name: column for column, name in enumerate(FEATURE_NAMES)}


def feature_matrix(moments: Moments) -> Signal:
    """Return ``[rows, feature]`` float64 in the order of `FEATURES`, read-only."""
    matrix = np.stack([feature.measure(moments) for feature in FEATURES], axis=1)
    matrix.flags.writeable = False
    return matrix
