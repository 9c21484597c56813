"""What goes wrong outside the leg: hum, lost samples."""

from models.synthesis.acts import Act, Loss, Setting, Truth
from models.synthesis.disturbances import Hum


def hum(s: Setting) -> Act:
    """Mains hum swells and goes, from a charger or a hand on a lamp."""
    line_hz = s.values.get("line_hz", 50.0)
    truth = Truth("artefact", "hum", "none", s.onset_s, s["duration_s"], peak_uv=s["rms_uv"])
    return Act(disturbances=(Hum(s.onset_s, s["duration_s"], s["rms_uv"], line_hz),), truth=(truth,))


def drop_out(s: Setting) -> Act:
    """The link loses samples for a while."""
    truth = Truth("artefact", "drop_out", "none", s.onset_s, s["duration_s"])
    return Act(losses=(Loss(s.onset_s, s["duration_s"], "lost frames"),), truth=(truth,))
