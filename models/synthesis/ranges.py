"""What each class of event is drawn from: the table of science.md section 11.

Where a paper gives a range it is named. What has none is our proposal: amplitudes of cramps in the calf, how
much the leg moves, how often electrodes fail.
"""

from collections.abc import Mapping

from models.synthesis.draws import Chance, Draw, LogNormal, LogUniform, Normal, Uniform

Ranges = Mapping[str, Draw]

MUSCLE_RANGES: Mapping[str, Ranges] = {
    "cramp": {
        # Median 60 s, 5–95 % 15–240 s (Minetto 2011: 55.6 ± 19.2 s, elicited in the foot); longest ten
        # minutes.
        "duration_s": LogNormal(60.0, 0.84, 8.0, 600.0),
        "rise_s": Uniform(1.0, 20.0),
        # Fraction of the greatest voluntary EMG; no paper gives it for the calf.
        "level": LogUniform(0.1, 0.8),
        "territory": Uniform(0.05, 0.6),
        # Minetto 2009: 14.5 ± 5.1 pps, interval CV 44.6 ± 9.7 %, doublets 4.1 ± 4.7 %, wave 1.4 ± 0.4 Hz.
        "rate_pps": Normal(14.5, 2.5, 10.0, 20.0),
        "decay_s": Uniform(20.0, 40.0),
        "wave_hz": Normal(1.4, 0.3, 0.6, 2.2),
        "wave_depth": Uniform(0.05, 0.5),
        # Slowing and the wave add to it: over a whole cramp intervals vary by 0.45, as in that paper.
        "cv": Uniform(0.28, 0.46),
        "doublets": Uniform(0.0, 0.09),
        # Shorter potentials than in a voluntary contraction (Roeleveld 2000).
        "shortening": Uniform(0.75, 1.0),
        "tremor_hz": Uniform(8.0, 12.0),
        "tremor_mg": LogUniform(1.0, 5.0),
        "tilt_deg": Uniform(0.0, 10.0),
        # Chaney and Sherman: rise 41 ± 11 s before waking, two to six times rest; left out in a quarter, so
        # that nobody learns it as obligatory.
        "has_precursor": Chance(0.75),
        "precursor_s": Normal(41.0, 11.0, 12.0, 80.0),
        "precursor_ratio": Uniform(2.0, 6.0),
        "precursor_spikes": Uniform(0.0, 6.0),
        # The sleeper wakes and thrashes, in nine cases of ten.
        "thrashes": Chance(0.9),
        "wakes_s": Uniform(5.0, 60.0),
        "thrash_s": Uniform(3.0, 15.0),
        "thrash_mg": LogUniform(100.0, 600.0),
        "thrash_drive": LogUniform(0.05, 0.4),
        "presses": Chance(0.3),
        # Four in ten are stretched away: the EMG first rises (Ross and Thomas 1995), then stops.
        "stretched": Chance(0.4),
        "stretch_s": Uniform(2.0, 8.0),
        "stretch_gain": Uniform(1.2, 2.0),
        "fall_s": Uniform(5.0, 40.0),
        "twitches_per_s": Uniform(0.5, 5.0),
        "twitching_s": Uniform(10.0, 120.0),
        # Tension stays up to twice the resting level for minutes (Chaney and Sherman).
        "after_ratio": Uniform(1.2, 2.0),
        "after_s": Uniform(120.0, 1200.0),
    },
    "clonus": {
        # Hidler and Rymer: 3.8–5.8 Hz by load; 3–8 Hz are seen. A stable limit cycle, hence the small CV.
        "duration_s": Uniform(3.0, 60.0),
        "rate_hz": Uniform(3.8, 7.0),
        "interval_cv": Uniform(0.03, 0.10),
        "burst_s": Uniform(0.05, 0.10),
        "jitter_s": Uniform(0.003, 0.006),
        "level": LogUniform(0.2, 1.0),
        "jerk_mg": LogUniform(50.0, 400.0),
    },
    "clonic": {
        # Bursts of about 0.2 s whose silences lengthen exponentially; amplitude grows for 10 s (Kumar 2025).
        "duration_s": Uniform(10.0, 60.0),
        "rate_hz": Uniform(3.0, 6.0),
        "end_rate_hz": Uniform(0.5, 1.5),
        "burst_s": Normal(0.2, 0.05, 0.12, 0.4),
        "drive": Uniform(0.2, 0.9),
        "jerk_mg": LogUniform(50.0, 600.0),
    },
    "tonic_clonic": {
        # Whole event 62 s on average (Theodore 1994), 30–180; tonic phase 10–20 s, vibratory 3–10 s from 8 to
        # 4 Hz.
        "duration_s": LogNormal(62.0, 0.35, 30.0, 180.0),
        "tonic_s": Normal(15.0, 4.0, 5.0, 30.0),
        "rise_s": Uniform(1.0, 4.0),
        "drive": Uniform(0.6, 1.2),
        "shortening": Uniform(0.75, 0.9),
        # Only 27 % show every phase (Theodore 1994); the vibratory one is missing most often.
        "has_vibratory": Chance(0.35),
        "vibratory_s": Uniform(3.0, 10.0),
        "vibratory_depth": Uniform(0.3, 0.7),
        "has_clonic": Chance(0.88),
        "has_tonic": Chance(0.88),
        "rate_hz": Uniform(3.0, 6.0),
        "end_rate_hz": Uniform(0.5, 1.5),
        "burst_s": Normal(0.2, 0.04, 0.12, 0.4),
        "jerk_mg": LogUniform(150.0, 1000.0),
    },
    "twitch": {
        # Fragmentary myoclonus and fasciculation: 75–150 ms, over 50 µV.
        "duration_s": Uniform(0.075, 0.150),
        "peak_uv": LogUniform(50.0, 300.0),
    },
    "leg_movement": {
        # Mean 3.2 s; all leg movements last 0.5–10 s (AASM, WASM 2016).
        "duration_s": LogNormal(2.95, 0.4, 0.5, 10.0),
        "rise_s": Uniform(0.05, 0.3),
        "fall_s": Uniform(0.1, 0.5),
        "drive": LogUniform(0.03, 0.4),
        "shake_mg": LogUniform(20.0, 300.0),
    },
    "plm_series": {
        # Movements of 3.2 ± 0.65 s, 10–90 s from onset to onset, N(25, 8), at least four; up to sixty.
        "duration_s": LogUniform(100.0, 1500.0),
        "interval_s": Normal(25.0, 6.0, 14.0, 45.0),
        "interval_spread_s": Uniform(2.0, 8.0),
        "movement_s": Normal(3.2, 0.65, 1.0, 6.0),
        "rise_s": Uniform(0.05, 0.3),
        "fall_s": Uniform(0.1, 0.5),
        "drive": LogUniform(0.04, 0.4),
        "shake_mg": LogUniform(20.0, 300.0),
    },
    "foot_tremor": {
        # Hypnagogic foot tremor: at least four bursts of 250–1000 ms at 0.3–4 Hz, trains of 10–15 s.
        "duration_s": Uniform(10.0, 15.0),
        "rate_hz": Uniform(0.5, 2.5),
        "burst_s": Uniform(0.25, 0.8),
        "drive": LogUniform(0.05, 0.4),
        "jerk_mg": LogUniform(20.0, 200.0),
    },
    "hflm": {
        # High-frequency leg movements: at least four, series of 10–15 s (Yang and Winkelman 2010); bursts of 250 ms
        # and more leave room for 2.8 a second.
        "duration_s": Uniform(10.0, 15.0),
        "rate_hz": Uniform(0.4, 2.8),
        "burst_s": Uniform(0.25, 1.0),
        "drive": LogUniform(0.04, 0.3),
        "jerk_mg": LogUniform(15.0, 150.0),
    },
    "alternating": {
        # Alternating leg muscle activation: bursts of 100–500 ms, each leg at half of 0.5–3 Hz.
        "duration_s": Uniform(4.0, 25.0),
        "rate_hz": Uniform(0.5, 2.0),
        "burst_s": Uniform(0.1, 0.5),
        "drive": LogUniform(0.04, 0.3),
        "jerk_mg": LogUniform(15.0, 150.0),
    },
    "tremor": {
        # Essential and other tremors, 4–12 Hz at a constant rate, low drive.
        "duration_s": LogUniform(5.0, 120.0),
        "rate_hz": Uniform(4.0, 12.0),
        "depth": Uniform(0.3, 0.8),
        "drive": LogUniform(0.04, 0.15),
        "shake_mg": LogUniform(5.0, 60.0),
    },
    "step": {
        "duration_s": Uniform(0.3, 3.0),
        "rise_s": Uniform(0.1, 0.5),
        "drive": LogUniform(0.05, 0.6),
        "shake_mg": LogUniform(40.0, 400.0),
        "tilt_deg": Uniform(0.0, 15.0),
    },
    "hold": {
        "duration_s": LogUniform(2.0, 60.0),
        "rise_s": Uniform(0.3, 3.0),
        "drive": LogUniform(0.05, 0.8),
        # Moving into a hold exceeds 30 mg over a second; without that nobody could call it voluntary.
        "shake_mg": LogUniform(60.0, 300.0),
        "tilt_deg": Uniform(3.0, 40.0),
    },
    "point_toe": {
        # The hard negative: the same muscle, the same length, by will; the ankle moves, the shank hardly.
        "duration_s": Uniform(5.0, 30.0),
        "rise_s": Uniform(0.3, 2.0),
        "drive": Uniform(0.2, 0.8),
        "shake_mg": LogUniform(50.0, 250.0),
        "tilt_deg": Uniform(2.0, 25.0),
    },
    "sway": {
        # Standing: the calf holds the body, 0.5–1 Hz and a fifth up and down.
        "duration_s": LogUniform(10.0, 180.0),
        "rate_hz": Uniform(0.5, 1.0),
        "depth": Uniform(0.15, 0.25),
        "drive": LogUniform(0.05, 0.3),
        "shake_mg": LogUniform(8.0, 40.0),
        "rise_mg": LogUniform(150.0, 800.0),
    },
    "gait": {
        "duration_s": LogUniform(10.0, 300.0),
        "rate_hz": Uniform(0.7, 2.2),
        "burst_s": Uniform(0.3, 0.6),
        "drive": LogUniform(0.1, 0.5),
        "swing_g": LogUniform(0.2, 0.8),
        "strike_g": LogUniform(0.2, 1.5),
    },
    "turn_over": {
        # Large muscle-group movements last 3–45 s (Ferri 2021).
        "duration_s": LogUniform(3.0, 45.0),
        "drive": LogUniform(0.1, 0.7),
        # Some hold the leg up or brace it for part of the turn.
        "braces": Chance(0.4),
        "tilt_deg": Uniform(20.0, 120.0),
        "turn_s": Uniform(0.5, 3.0),
        "shake_mg": LogUniform(100.0, 1000.0),
        "artefact_uv": LogUniform(50.0, 2000.0),
    },
    "small_movement": {
        "duration_s": LogUniform(0.5, 8.0),
        "drive": LogUniform(0.03, 0.3),
        "braces": Chance(0.1),
        "tilt_deg": Uniform(0.0, 12.0),
        "turn_s": Uniform(0.3, 1.5),
        "shake_mg": LogUniform(20.0, 300.0),
        "artefact_uv": LogUniform(20.0, 500.0),
    },
    "tone": {
        # Resting tone of one or two units, 1–2 % of the greatest effort at most; up to the resting noise
        # itself.
        "duration_s": LogUniform(20.0, 600.0),
        "ratio": Uniform(1.1, 1.6),
    },
}
