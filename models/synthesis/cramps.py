"""Cramps: precursor, body and end."""

from models.synthesis.acts import Act, Setting, Truth
from models.synthesis.motion import Rhythm, Rotation, Shake
from models.synthesis.movements import random_axis
from models.synthesis.muscle import CrampDrive

# A tonic contraction deserves a cramp verdict from this duration on, seconds (science.md section 10).
CRAMP_S = 10.0


def cramp(s: Setting) -> Act:
    """A cramp of the calf: units fire by themselves, each in its own rhythm, while the leg lies still."""
    body = CrampDrive(
        onset_s=s.onset_s,
        rise_s=min(s["rise_s"], 0.4 * s["duration_s"]),
        end_s=s.onset_s + s["duration_s"],
        fall_s=min(s["fall_s"], 0.4 * s["duration_s"]),
        level_uv=s["level"] * s.person.mvc_uv,
        territory=s["territory"],
        rate_pps=s["rate_pps"],
        decay_s=s["decay_s"],
        wave_hz=s["wave_hz"],
        wave_depth=s["wave_depth"],
        cv=s["cv"],
        doublets=s["doublets"],
        shortening=s["shortening"],
    )
    truth = Truth(
        "tonic",
        "cramp",
        "cramp" if s["duration_s"] >= CRAMP_S else "none",
        body.onset_s,
        s["duration_s"],
        peak_uv=body.level_uv,
    )
    tremor = Rhythm(s.onset_s, s["duration_s"], s["tremor_hz"], s["tremor_mg"] / 1e3)
    wakes_s = s["wakes_s"]
    if not s["thrashes"] or wakes_s > s["duration_s"]:
        return Act(drives=(body,), motions=(tremor,), truth=(truth,))
    thrash_s = min(s["thrash_s"], s["duration_s"] - wakes_s + 5.0)
    thrash = Shake(s.onset_s + wakes_s, thrash_s, s["thrash_mg"] / 1e3)
    turn = Rotation(s.onset_s + wakes_s, 1.5, random_axis(s.rng), 0.6)
    return Act(drives=(body,), motions=(tremor, thrash), rotations=(turn,), truth=(truth,))
