"""Short names for labels and recordings, and hypothesis strategies that make them."""

from hypothesis import strategies as st

from detector.scoring_labels import Label, LabelledRecording

NIGHT_S = 8 * 3600.0


def cramp(onset_s: float, end_s: float, *, at: float | None = None, **more: object) -> Label:
    return Label(onset_s, end_s, "tonic", "cramp", detected_at_s=at, **more)  # type: ignore[arg-type]


def clonic(onset_s: float, end_s: float, *, at: float | None = None, **more: object) -> Label:
    return Label(onset_s, end_s, "clonic", "clonic", detected_at_s=at, **more)  # type: ignore[arg-type]


def movement(onset_s: float, end_s: float, name: str = "") -> Label:
    return Label(onset_s, end_s, "leg_movement", "none", name)


def recording(
    truth: list[Label],
    said: list[Label],
    duration_s: float | None = NIGHT_S,
    subject: str = "a",
    name: str = "night",
) -> LabelledRecording:
    return LabelledRecording(name, subject, tuple(truth), tuple(said), duration_s)


@st.composite
def labels(draw: st.DrawFn, most: int = 8) -> list[Label]:
    """Cramps and clonic runs, one after the other, at whole tenths of a second."""
    made, at = [], 0
    for _ in range(draw(st.integers(0, most))):
        onset = at + draw(st.integers(1, 600))
        at = onset + draw(st.integers(1, 900))
        made.append(draw(st.sampled_from([cramp, clonic]))(onset / 10, at / 10))
    return made
