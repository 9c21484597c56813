"""What goes wrong outside the muscle: a partner's movements, loose electrodes, hum, lost samples."""

import numpy as np

from models.synthesis.acts import Act, Loss, Setting
from models.synthesis.disturbances import Disturbance, Drift, Hum, Lift, MotionArtefact, Steps
from models.synthesis.motion import Knock, Shake
from models.synthesis.truth import Truth

# The two mains frequencies of the world, Hz.
GRIDS_HZ = (50.0, 60.0)
# A loss at least this long is a link that went down, not lost frames, seconds.
LINK_DOWN_S = 5.0
# Highest frequency of what drives an amplifier to its rails, Hz.
CLIPPING_HIGH_HZ = 40.0
# Share of a loose electrode's time in which it has no contact at all.
OPEN_SHARE = 0.3


def artefact(s: Setting, name: str, peak_uv: float | None = None) -> tuple[Truth, ...]:
    """Return the truth of a disturbance."""
    return (Truth("artefact", name, "none", s.onset_s, s.duration_s, peak_uv=peak_uv),)


def partner(s: Setting) -> Act:
    """Somebody else moves in the bed; the calf muscle rests."""
    count = max(1, round(s.duration_s * s["knocks_per_s"]))
    at = s.onset_s + s.duration_s * np.sort(s.rng.random(count))
    knocks = tuple(
        Knock(float(t), s["decay_s"], s["peak_mg"] / 1e3 * s.rng.uniform(0.3, 1.0), s["ring_hz"]) for t in at
    )
    return Act(motions=knocks, truth=artefact(s, "partner"))


def motion(s: Setting) -> Act:
    """Cable or skin move without the muscle."""
    skin = MotionArtefact(s.onset_s, s.duration_s, s["rms_uv"], s["high_hz"])
    shake = Shake(s.onset_s, s.duration_s, s["shake_mg"] / 1e3)
    return Act(motions=(shake,), disturbances=(skin,), truth=artefact(s, "motion", s["rms_uv"]))


def pop(s: Setting) -> Act:
    """An electrode pops: steps of potential that die away."""
    count = max(1, round(s.duration_s * s["pops_per_s"]))
    at = np.sort(s.onset_s + s.duration_s * s.rng.random(count))
    at[0] = s.onset_s
    steps = Steps(tuple(at.tolist()), s["peak_uv"], s["decay_s"])
    return Act(disturbances=(steps,), truth=artefact(s, "pop", s["peak_uv"]))


def cable_tug(s: Setting) -> Act:
    """Someone pulls at the cable: one large step and a swing."""
    step = Steps((s.onset_s,), s["peak_uv"], s["decay_s"])
    swing = MotionArtefact(s.onset_s, s.duration_s, 0.3 * s["peak_uv"])
    shake = Shake(s.onset_s, s.duration_s, s["shake_mg"] / 1e3)
    return Act(motions=(shake,), disturbances=(step, swing), truth=artefact(s, "cable_tug", s["peak_uv"]))


def lift(s: Setting) -> Act:
    """An electrode hangs in the air."""
    noise_uv = s["times"] * s.sensor.noise_uv
    open_contact = Lift(s.onset_s, s.duration_s, noise_uv, s["mains_uv"], s.sensor.mains_hz)
    return Act(disturbances=(open_contact,), truth=artefact(s, "lift", s["mains_uv"]))


def peel(s: Setting) -> Act:
    """An electrode comes loose bit by bit: contact is lost and found again, with a crackle each time."""
    count = max(2, round(s.duration_s / 60.0 * s["contacts_per_min"]))
    edges = s.onset_s + s.duration_s * np.sort(s.rng.random(2 * count))
    pieces: list[Disturbance] = [Steps(tuple(edges.tolist()), 20.0 * s["mains_uv"], 0.01)]
    pieces.append(Hum(s.onset_s, s.duration_s, 0.3 * s["mains_uv"], s.sensor.mains_hz))
    for begin, end in zip(edges[:-1:2], edges[1::2], strict=True):
        away_s = float(OPEN_SHARE * (end - begin))
        pieces.append(
            Lift(float(begin), away_s, s["times"] * s.sensor.noise_uv, s["mains_uv"], s.sensor.mains_hz)
        )
    return Act(disturbances=tuple(pieces), truth=artefact(s, "peel", s["mains_uv"]))


def clipping(s: Setting) -> Act:
    """The amplifier is driven to its rails."""
    touch = MotionArtefact(s.onset_s, s.duration_s, s["rms_uv"], CLIPPING_HIGH_HZ)
    return Act(disturbances=(touch,), truth=artefact(s, "clipping", s["rms_uv"]))


def hum(s: Setting) -> Act:
    """Mains hum swells and goes: a charger, a hand on a lamp."""
    home_hz, other_hz = sorted(GRIDS_HZ, key=lambda hz: abs(hz - s.sensor.mains_hz))
    line_hz = (other_hz if s["other_grid"] else home_hz) + s["detuning_hz"]
    line = Hum(s.onset_s, s.duration_s, s["rms_uv"], line_hz)
    return Act(disturbances=(line,), truth=artefact(s, "hum", s["rms_uv"]))


def drift(s: Setting) -> Act:
    """Sweat under an electrode."""
    wave = Drift(s.onset_s, s.duration_s, s["peak_uv"], s["wave_hz"])
    return Act(disturbances=(wave,), truth=artefact(s, "drift", s["peak_uv"]))


def drop_out(s: Setting) -> Act:
    """The link loses samples for a while."""
    reason = "link down" if s.duration_s >= LINK_DOWN_S else "lost frames"
    return Act(losses=(Loss(s.onset_s, s.duration_s, reason),), truth=artefact(s, "drop_out"))
