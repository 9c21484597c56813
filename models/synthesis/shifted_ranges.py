"""The same classes with parameters outside the usual ranges: what a detector has not been shown.

Only what differs stands here; ``shifted`` lays it over a table.
"""

from collections.abc import Mapping

from models.synthesis.draws import Chance, LogNormal, LogUniform, Normal, Uniform
from models.synthesis.ranges import Ranges

SHIFTS: Mapping[str, Ranges] = {
    "cramp": {
        "duration_s": LogNormal(35.0, 0.9, 8.0, 600.0),
        "rise_s": Uniform(0.3, 35.0),
        "level": LogUniform(0.06, 1.0),
        "territory": Uniform(0.04, 0.9),
        "rate_pps": Normal(19.0, 3.0, 14.0, 28.0),
        "wave_hz": Uniform(0.5, 2.8),
        "wave_depth": Uniform(0.4, 0.7),
        "cv": Uniform(0.5, 0.65),
        "shortening": Uniform(0.65, 1.15),
        "tilt_deg": Uniform(0.0, 15.0),
        "wakes_s": Uniform(2.0, 30.0),
        "has_precursor": Chance(0.4),
        "stretch_gain": Uniform(1.0, 2.8),
    },
    "clonus": {
        "rate_hz": Uniform(3.0, 8.0),
        "burst_s": Uniform(0.04, 0.12),
        "jitter_s": Uniform(0.002, 0.010),
    },
    "clonic": {
        "duration_s": Uniform(5.0, 90.0),
        "rate_hz": Uniform(2.0, 7.0),
        "end_rate_hz": Uniform(0.4, 2.0),
        "burst_s": Uniform(0.1, 0.45),
        "drive": Uniform(0.1, 1.1),
    },
    "tonic_clonic": {
        "tonic_s": Uniform(4.0, 35.0),
        "end_rate_hz": Uniform(0.4, 2.0),
        "shortening": Uniform(0.7, 1.0),
    },
    "leg_movement": {"rise_s": Uniform(0.02, 0.8), "drive": LogUniform(0.03, 0.7)},
    "plm_series": {"interval_s": Uniform(12.0, 60.0), "movement_s": Uniform(0.7, 8.0)},
    "hflm": {"rate_hz": Uniform(0.4, 4.0), "burst_s": Uniform(0.1, 0.5), "duration_s": Uniform(4.0, 20.0)},
    "tremor": {"depth": Uniform(0.7, 0.95)},
    "foot_tremor": {"rate_hz": Uniform(0.3, 4.0), "duration_s": Uniform(5.0, 30.0)},
    "hold": {"shake_mg": LogUniform(50.0, 600.0), "duration_s": LogUniform(2.0, 90.0)},
    "point_toe": {"duration_s": Uniform(5.0, 45.0), "rise_s": Uniform(0.2, 4.0)},
    "sway": {"rate_hz": Uniform(0.3, 1.6), "depth": Uniform(0.1, 0.4)},
    "gait": {"rate_hz": Uniform(0.5, 2.6), "burst_s": Uniform(0.2, 0.8), "drive": LogUniform(0.05, 0.9)},
    "turn_over": {"artefact_uv": LogUniform(20.0, 6000.0), "shake_mg": LogUniform(60.0, 2000.0)},
    "hum": {"rms_uv": LogUniform(2.0, 600.0), "other_grid": Chance(0.3)},
    "partner": {"peak_mg": LogUniform(3.0, 120.0)},
}


def shifted(table: Mapping[str, Ranges]) -> Mapping[str, Ranges]:
    """Return a table of ranges with ``SHIFTS`` laid over it; parameters keep their order."""
    return {name: {**draws, **SHIFTS.get(name, {})} for name, draws in table.items()}
