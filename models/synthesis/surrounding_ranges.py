"""What disturbances are drawn from: bed, partner, electrodes, mains and link (science.md section 11)."""

from collections.abc import Mapping

from models.synthesis.draws import Chance, LogUniform, Uniform
from models.synthesis.ranges import Ranges

SURROUNDING_RANGES: Mapping[str, Ranges] = {
    "partner": {
        # Someone else moves in the bed: knocks of 0.05–0.4 s and 3–40 mg that ring at 8–20 Hz.
        "duration_s": LogUniform(1.0, 30.0),
        "knocks_per_s": Uniform(0.2, 2.0),
        "peak_mg": LogUniform(3.0, 40.0),
        "decay_s": Uniform(0.05, 0.4),
        "ring_hz": Uniform(8.0, 20.0),
    },
    "rocking": {
        # Rocking in bed or a child on the lap: the leg swings, the calf works a little with it.
        "duration_s": LogUniform(20.0, 300.0),
        "rate_hz": Uniform(0.7, 3.0),
        "peak_mg": LogUniform(30.0, 200.0),
        "drive": LogUniform(0.03, 0.12),
        "artefact_uv": LogUniform(10.0, 300.0),
    },
    "vibration": {
        # A vibration plate or a massage device on the mattress; the muscle answers with a little tone.
        "duration_s": LogUniform(10.0, 300.0),
        "rate_hz": Uniform(15.0, 45.0),
        "peak_mg": LogUniform(50.0, 500.0),
        "drive": LogUniform(0.03, 0.06),
        "artefact_uv": LogUniform(5.0, 100.0),
    },
    "motion": {
        # The cable or the skin moves without the muscle.
        "duration_s": LogUniform(0.5, 20.0),
        "rms_uv": LogUniform(100.0, 5000.0),
        "high_hz": Uniform(4.0, 15.0),
        "shake_mg": LogUniform(5.0, 100.0),
    },
    "pop": {
        "duration_s": Uniform(0.1, 5.0),
        "peak_uv": LogUniform(300.0, 5000.0),
        "decay_s": LogUniform(0.002, 0.1),
        "pops_per_s": Uniform(0.5, 5.0),
    },
    "cable_tug": {
        "duration_s": Uniform(0.5, 3.0),
        "peak_uv": LogUniform(500.0, 5000.0),
        "decay_s": Uniform(0.05, 0.5),
        "shake_mg": LogUniform(20.0, 200.0),
    },
    "lift": {
        # An electrode hangs in the air: noise and mains up tenfold, the muscle gone.
        "duration_s": LogUniform(3.0, 300.0),
        "times": LogUniform(4.0, 30.0),
        "mains_uv": LogUniform(20.0, 400.0),
    },
    "peel": {
        # An electrode comes loose bit by bit: contact comes and goes, crackles, hums.
        "duration_s": LogUniform(30.0, 900.0),
        "contacts_per_min": Uniform(2.0, 20.0),
        "times": LogUniform(2.0, 12.0),
        "mains_uv": LogUniform(10.0, 200.0),
    },
    "clipping": {
        # The amplifier is driven to its rails: someone touches the electrode.
        "duration_s": Uniform(0.5, 8.0),
        "rms_uv": LogUniform(8000.0, 60000.0),
    },
    "hum": {
        "duration_s": LogUniform(10.0, 600.0),
        "rms_uv": LogUniform(2.0, 200.0),
        # How far the line is off its nominal frequency.
        "detuning_hz": Uniform(-0.5, 0.5),
        "other_grid": Chance(0.0),
    },
    "drift": {
        "duration_s": LogUniform(60.0, 900.0),
        "peak_uv": LogUniform(300.0, 5000.0),
        "wave_hz": LogUniform(0.02, 0.3),
    },
    "drop_out": {
        "duration_s": LogUniform(0.1, 60.0),
    },
}
