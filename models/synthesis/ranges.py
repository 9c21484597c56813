"""What each class of event is drawn from: the table of science.md section 11."""

from collections.abc import Mapping

from models.synthesis.draws import Chance, Draw, LogNormal, LogUniform, Normal, Uniform

Ranges = Mapping[str, Draw]

EVENT_RANGES: Mapping[str, Ranges] = {
    "cramp": {
        # Median 60 s, 5–95 % 15–240 s (Minetto 2011: 55.6 ± 19.2 s, elicited in the foot).
        "duration_s": LogNormal(60.0, 0.84, 8.0, 600.0),
        "rise_s": Uniform(1.0, 20.0),
        "fall_s": Uniform(5.0, 40.0),
        # Fraction of the greatest voluntary EMG; no paper gives it for the calf.
        "level": LogUniform(0.1, 0.8),
        "territory": Uniform(0.05, 0.6),
        # Minetto 2009: 14.5 ± 5.1 pps, interval CV 44.6 ± 9.7 %, doublets 4.1 ± 4.7 %, wave 1.4 ± 0.4 Hz.
        "rate_pps": Normal(14.5, 3.0, 9.0, 22.0),
        "decay_s": Uniform(20.0, 40.0),
        "wave_hz": Normal(1.4, 0.3, 0.6, 2.2),
        "wave_depth": Uniform(0.05, 0.5),
        "cv": Uniform(0.35, 0.55),
        "doublets": Uniform(0.0, 0.09),
        "shortening": Uniform(0.75, 1.0),
        "tremor_hz": Uniform(8.0, 12.0),
        "tremor_mg": LogUniform(1.0, 5.0),
        # The sleeper wakes and thrashes, in nine cases of ten.
        "wakes_s": Uniform(5.0, 60.0),
        "thrashes": Chance(0.9),
        "thrash_s": Uniform(3.0, 20.0),
        "thrash_mg": LogUniform(100.0, 600.0),
    },
    "clonic": {
        "duration_s": Uniform(10.0, 60.0),
        "rate_hz": Uniform(3.0, 6.0),
        "end_rate_hz": Uniform(0.5, 1.5),
        "burst_s": Normal(0.2, 0.05, 0.12, 0.4),
        "drive": Uniform(0.2, 0.9),
        "jerk_mg": LogUniform(50.0, 600.0),
    },
    "gait": {
        "duration_s": LogUniform(10.0, 300.0),
        "rate_hz": Uniform(0.7, 2.2),
        "burst_s": Uniform(0.3, 0.6),
        "drive": LogUniform(0.1, 0.5),
        "swing_g": LogUniform(0.2, 1.0),
    },
    "leg_movement": {
        # Periodic leg movements: 3.2 ± 0.65 s; all leg movements 0.5–10 s (AASM, WASM 2016).
        "duration_s": LogNormal(2.6, 0.6, 0.5, 10.0),
        "rise_s": Uniform(0.05, 0.3),
        "fall_s": Uniform(0.1, 0.5),
        "drive": LogUniform(0.03, 0.4),
        "shake_mg": LogUniform(20.0, 300.0),
    },
    "hold": {
        "duration_s": LogUniform(2.0, 60.0),
        "rise_s": Uniform(0.3, 3.0),
        "drive": LogUniform(0.05, 0.8),
        "shake_mg": LogUniform(40.0, 300.0),
        "tilt_deg": Uniform(2.0, 40.0),
    },
    "turn_over": {
        # Large muscle-group movements last 3–45 s (Ferri 2021).
        "duration_s": LogUniform(3.0, 45.0),
        "drive": LogUniform(0.1, 0.7),
        "tilt_deg": Uniform(20.0, 120.0),
        "turn_s": Uniform(0.5, 3.0),
        "shake_mg": LogUniform(100.0, 1000.0),
        "artefact_uv": LogUniform(100.0, 3000.0),
    },
    "hum": {
        "duration_s": LogUniform(10.0, 600.0),
        "rms_uv": LogUniform(2.0, 200.0),
    },
    "drop_out": {
        "duration_s": LogUniform(0.1, 60.0),
    },
}
