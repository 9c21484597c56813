"""Cramps of the calf: what precedes them, their body, the sleeper's answer, and what stays behind."""

import numpy as np

from models.synthesis.acts import Act, Press, Setting
from models.synthesis.cramp_drive import CrampDrive
from models.synthesis.disturbances import MotionArtefact
from models.synthesis.drives import ToneDrive
from models.synthesis.motion import Rhythm, Rotation, Shake
from models.synthesis.shapes import irregular, random_axis
from models.synthesis.volleys import TwitchDrive

# How fast the muscle falls silent after a stretch, seconds.
STRETCHED_FALL_S = 1.5
# Rise and fall take at most this share of a cramp each.
EDGE_SHARE = 0.4
# Precursor spikes: length in seconds, and height over the resting level (Chaney and Sherman).
SPIKE_S = (0.2, 2.0)
SPIKE_RATIO = (3.0, 9.0)
# Twitches that follow a cramp: length in seconds and peak in µV.
AFTER_TWITCH_S = (0.075, 0.15)
AFTER_TWITCH_UV = (30.0, 200.0)


def cramp(s: Setting) -> Act:
    """A cramp: units fire by themselves, each in its own rhythm, and the leg lies still."""
    return precursor(s) + body(s) + awakening(s) + aftermath(s)


def body(s: Setting) -> Act:
    """The self-sustained discharge itself."""
    stretched = bool(s["stretched"])
    fall_s = STRETCHED_FALL_S if stretched else s["fall_s"]
    stretch_at = s.end_s - STRETCHED_FALL_S - min(s["stretch_s"], EDGE_SHARE * s.duration_s)
    drive = CrampDrive(
        onset_s=s.onset_s,
        end_s=s.end_s,
        rise_s=min(s["rise_s"], EDGE_SHARE * s.duration_s),
        fall_s=min(fall_s, EDGE_SHARE * s.duration_s),
        level_uv=s["level"] * s.person.mvc_uv,
        territory=s["territory"],
        rate_pps=s["rate_pps"],
        decay_s=s["decay_s"],
        wave_hz=s["wave_hz"],
        wave_depth=s["wave_depth"],
        cv=s["cv"],
        doublets=s["doublets"],
        shortening=s["shortening"],
        seed=s.seed(),
        boost=(stretch_at, s.end_s, s["stretch_gain"]) if stretched else None,
    )
    tremor = Rhythm(s.onset_s, s.duration_s, s["tremor_hz"], s["tremor_mg"] / 1e3)
    pull = Rotation(s.onset_s, s.duration_s * EDGE_SHARE, random_axis(s.rng), np.deg2rad(s["tilt_deg"]))
    stretch = (Shake(stretch_at, s.end_s - stretch_at, s["thrash_mg"] / 1e3),) if stretched else ()
    truth = s.tonic_truth("cramp", drive)
    return Act(drives=(drive,), motions=(tremor, *stretch), rotations=(pull,), truth=(truth,))


def precursor(s: Setting) -> Act:
    """Tension rises for tens of seconds before the cramp, with spikes; the sleeper does not move."""
    # There is no time before the night's start.
    length_s = min(s["precursor_s"], s.onset_s)
    if not s["has_precursor"] or length_s < 1.0:
        return Act()
    rest_uv = s.sensor.rest_uv
    start = s.onset_s - length_s
    top = rest_uv * np.sqrt(s["precursor_ratio"] ** 2 - 1.0)
    # It fades as the cramp's own discharge takes over.
    times = np.array([start, s.onset_s, s.onset_s + s["rise_s"] + 1.0])
    tone = ToneDrive(times, np.array([0.0, top, 0.0]), cv=s["cv"], seed=s.seed())
    spikes = []
    for _ in range(int(s["precursor_spikes"])):
        at = start + s.rng.uniform(0.2, 1.0) * length_s
        width = min(s.rng.uniform(*SPIKE_S), max(0.05, s.onset_s - at))
        height = rest_uv * s.rng.uniform(*SPIKE_RATIO)
        course = np.array([0.0, height, height, 0.0])
        spikes.append(
            ToneDrive(at + width * np.array([0.0, 0.2, 0.8, 1.0]), course, cv=s["cv"], seed=s.seed())
        )
    truth = s.truth("tension_rise", "cramp_precursor", ToneDrive(times[:2], np.array([0.0, top]), s["cv"], 0))
    return Act(drives=(tone, *spikes), truth=(truth,))


def awakening(s: Setting) -> Act:
    """The sleeper wakes in pain, thrashes about, perhaps presses the button; the cramp goes on."""
    if not s["thrashes"] or s["wakes_s"] > s.duration_s:
        return Act()
    at, length_s = s.onset_s + s["wakes_s"], s["thrash_s"]
    voluntary = s.drive(irregular(at, length_s, s["thrash_drive"], max(3, round(length_s)), s.rng))
    turn = Rotation(at, min(2.0, length_s), random_axis(s.rng), s.rng.uniform(0.2, 1.2))
    thrash = Shake(at, length_s, s["thrash_mg"] / 1e3)
    skin = MotionArtefact(at, length_s, 1e3 * s["thrash_mg"] / 300.0)
    presses = (Press(at + length_s + s.rng.uniform(0.0, 10.0)),) if s["presses"] else ()
    return Act((voluntary,), (thrash,), (turn,), (skin,), presses=presses)


def aftermath(s: Setting) -> Act:
    """What follows: twitches where the cramp faded by itself, and a tension that sinks over minutes."""
    rest_uv = s.sensor.rest_uv
    height = rest_uv * np.sqrt(s["after_ratio"] ** 2 - 1.0)
    tone = ToneDrive(
        s.end_s + np.array([-1.0, 0.0, s["after_s"]]),
        np.array([0.0, height, 0.0]),
        cv=s.person.voluntary_cv,
        seed=s.seed(),
    )
    if s["stretched"]:
        return Act(drives=(tone,))
    count = max(1, round(s["twitches_per_s"] * s["twitching_s"]))
    # They become rarer towards their end.
    at = s.end_s + s["twitching_s"] * np.sort(s.rng.beta(1.0, 2.0, count))
    peaks = np.exp(s.rng.uniform(np.log(AFTER_TWITCH_UV[0]), np.log(AFTER_TWITCH_UV[1]), count))
    twitches = TwitchDrive(at, s.rng.uniform(*AFTER_TWITCH_S, count), peaks)
    return Act(drives=(tone, twitches), truth=(s.movement("fasciculation", twitches),))
