"""What was found, missed and imagined, on a time line for each recording."""

from collections.abc import Iterator, Sequence

from crampwatch.score_drawing import INK, PAPER, Box, Drawing, Shape, Word
from detector.scoring_labels import LabelledRecording
from detector.scoring_matching import CLONIC, CRAMP, Target, match
from detector.spans import Stretch

# Pixels: the paper, its margins, a recording's row, and its two lanes.
WIDTH, LEFT, RIGHT, TOP, BOTTOM = 1200.0, 210.0, 24.0, 84.0, 34.0
ROW, LANE, BETWEEN = 52.0, 15.0, 3.0
# A second in a night is thinner than a pixel; no event is drawn narrower than this.
LEAST = 3.0
TITLE, BODY, SMALL = 16, 13, 11
# Longer names are cut in the middle.
MOST_LETTERS = 22
# Colours that colour-blind readers tell apart (Okabe & Ito 2008); letters and lanes say the same.
GREEN, RED, ORANGE, GREY, PALE, LANE_FILL = "#009e73", "#d0213a", "#e69f00", "#8a8a8a", "#c9d1da", "#f4f5f7"
# What it is to its colour and letter.
LOOKS = {
    "found": (GREEN, ""),
    "missed": (RED, "M"),
    "false alarm": (ORANGE, "F"),
    "right, not asked for": (GREY, ""),
    "something else": (PALE, ""),
}
LEGEND_STEP = 170.0
# Ticks on the time axis, seconds: the closest together that are few enough.
TICKS_S = (10.0, 30.0, 60.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0, 14_400.0)
MOST_TICKS = 12
SECONDS_PER_MINUTE, MINUTES_PER_HOUR = 60, 60


def draw_timelines(
    recordings: Sequence[LabelledRecording], *, ask_faint: bool = False, synthetic: bool = False
) -> Drawing:
    """Return one time line for each recording: above what truly happened, below what was said.

    Cramps and clonic runs are judged each for itself, as in the table: one taken for the other is missed and
    false.
    """
    extent_s = max([1.0, *(recording.extent_s for recording in recordings)])
    per_s = (WIDTH - LEFT - RIGHT) / extent_s
    height = TOP + ROW * len(recordings) + BOTTOM
    title = f"Found, missed and false alarms{' (synthetic)' if synthetic else ''}"
    shapes: list[Shape] = [Word(16, 30, title, TITLE), *_legend(), *_axis(extent_s, per_s, height)]
    for i, recording in enumerate(recordings):
        shapes += _timeline(recording, TOP + ROW * i, per_s, ask_faint=ask_faint)
    return Drawing(WIDTH, height, tuple(shapes), title)


def clock_text(seconds: float) -> str:
    """Return a time as h:mm, or as h:mm:ss where it is not a whole minute."""
    minutes, rest = divmod(round(seconds), SECONDS_PER_MINUTE)
    hours, minutes = divmod(minutes, MINUTES_PER_HOUR)
    return f"{hours}:{minutes:02d}:{rest:02d}" if rest else f"{hours}:{minutes:02d}"


def shortened(name: str) -> str:
    """Return a name that fits the margin."""
    half = MOST_LETTERS // 2
    return name if len(name) <= MOST_LETTERS else f"{name[:half]}…{name[-half + 1 :]}"


def _legend() -> Iterator[Shape]:
    for i, (what, (fill, letter)) in enumerate(LOOKS.items()):
        x = 16.0 + LEGEND_STEP * i
        yield Box(x, 44.0, 18.0, LANE, fill)
        yield Word(x + 9.0, 56.0, letter, SMALL, "middle", PAPER)
        yield Word(x + 25.0, 56.0, what, BODY)


def _axis(extent_s: float, per_s: float, height: float) -> Iterator[Shape]:
    step_s = next((step for step in TICKS_S if extent_s / step <= MOST_TICKS), extent_s)
    for i in range(int(extent_s / step_s) + 1):
        x = LEFT + i * step_s * per_s
        yield Box(x, TOP - 8.0, 1.0, height - TOP - BOTTOM + 8.0, LANE_FILL)
        yield Word(x, height - 14.0, clock_text(i * step_s), SMALL, "middle")


def _timeline(recording: LabelledRecording, y: float, per_s: float, *, ask_faint: bool) -> Iterator[Shape]:
    yield Word(16.0, y + LANE + 3.0, shortened(recording.name), BODY)
    for name, top in (("truth", y), ("said", y + LANE + BETWEEN)):
        yield Word(LEFT - 6.0, top + LANE - 4.0, name, SMALL, "end", GREY)
        yield Box(LEFT, top, recording.extent_s * per_s, LANE, LANE_FILL)
    others = (label for label in recording.truth if label.alert == "none")
    for label in others:
        yield from _mark(label, "something else", label.finer, y, per_s)
    for target in (CRAMP, CLONIC):
        yield from _judged(recording, target, y, per_s, ask_faint=ask_faint)


def _judged(
    recording: LabelledRecording, target: Target, y: float, per_s: float, *, ask_faint: bool
) -> Iterator[Shape]:
    matching = match(recording, target, ask_faint=ask_faint)
    below = y + LANE + BETWEEN
    for label in (one for one in recording.truth if target.wants(one) and one.is_faint and not ask_faint):
        yield from _mark(label, "right, not asked for", f"{label.finer}, too faint to ask for", y, per_s)
    for episode in (one.truth for one in matching.hits):
        yield from _mark(episode, "found", f"{episode.finer}, found", y, per_s)
    for episode in matching.misses:
        yield from _mark(episode, "missed", f"{episode.finer}, missed", y, per_s)
    for hit in matching.hits:
        late = "" if hit.latency_s is None else f", {hit.latency_s:.1f} s after its onset"
        for episode in hit.found:
            yield from _mark(episode, "found", f"{target.name}{late}", below, per_s)
    for episode in matching.unasked:
        yield from _mark(episode, "right, not asked for", f"{target.name}, not asked for", below, per_s)
    for alarm in matching.false:
        yield from _mark(alarm.episode, "false alarm", f"false {target.name}: {alarm.there}", below, per_s)


def _mark(stretch: Stretch, what: str, title: str, y: float, per_s: float) -> Iterator[Shape]:
    fill, letter = LOOKS[what]
    x, width = LEFT + stretch.onset_s * per_s, max(LEAST, (stretch.end_s - stretch.onset_s) * per_s)
    when = f"{clock_text(stretch.onset_s)}, {stretch.end_s - stretch.onset_s:.0f} s"
    yield Box(x, y, width, LANE, fill, f"{title.replace('_', ' ')} at {when}")
    if letter:
        # Beside the box: most are too narrow for a letter.
        yield Word(x + width + 1.5, y + LANE - 4.0, letter, SMALL, "start", INK)
