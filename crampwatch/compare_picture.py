"""Two models' figures on the same nights: the difference of each, with its interval, on either side of none."""

from collections.abc import Iterator, Sequence

from crampwatch.score_drawing import INK, Box, Drawing, Shape, Word
from crampwatch.score_picture import GREEN, GREY, LANE_FILL, RED
from models.paired import FIGURES, Compared

# Pixels: the paper, where the lanes lie, and a figure's row.
WIDTH, LEFT, LANE_WIDTH, TOP, ROW, BOTTOM = 1000.0, 250.0, 420.0, 90.0, 44.0, 40.0
LANE, THIN, DOT = 22.0, 3.0, 9.0
TITLE, BODY, SMALL = 16, 13, 11
# A lane ends a little beyond the widest thing in it.
MARGIN = 1.15


def draw_comparison(names: tuple[str, str], rows: Sequence[Compared], what: str) -> Drawing:
    """Return a lane for each figure, each on a scale of its own.

    Args:
        names: Of both models.
        rows: Their figures.
        what: Whom they were compared on.
    """
    title = f"{names[1]} less {names[0]}: {what}"
    legend = "Difference and 95 % interval over people. Green: better; red: worse; grey: both are possible."
    shapes: list[Shape] = [Word(16, 30, title, TITLE), Word(16, 56, legend, SMALL)]
    for number, row in enumerate(rows):
        shapes += _lane(row, TOP + ROW * number)
    return Drawing(WIDTH, TOP + ROW * len(rows) + BOTTOM, tuple(shapes), title)


def _lane(row: Compared, top: float) -> Iterator[Shape]:
    middle, base = LEFT + LANE_WIDTH / 2.0, top + LANE / 2.0
    yield Word(LEFT - 12, base + 5, row.figure.replace("_", " "), BODY, "end")
    yield Box(LEFT, top, LANE_WIDTH, LANE, LANE_FILL)
    yield Box(middle - 0.5, top - 4, 1.0, LANE + 8, INK)
    yield Word(LEFT + LANE_WIDTH + 12, base + 5, difference_text(row), BODY)
    if row.difference is None:
        return
    low, high = row.interval or (row.difference, row.difference)
    per_unit = LANE_WIDTH / 2.0 / (MARGIN * max(abs(low), abs(high), abs(row.difference), 1e-9))
    colour = colour_of(row)
    yield Box(middle + low * per_unit, base - THIN / 2, max(THIN, (high - low) * per_unit), THIN, colour)
    yield Box(middle + row.difference * per_unit - DOT / 2, base - DOT / 2, DOT, DOT, colour)


def colour_of(row: Compared) -> str:
    """Return green where the whole interval is better, red where it is worse, else grey."""
    if row.interval is None:
        return GREY
    low, high = (FIGURES[row.figure][1] * end for end in row.interval)
    if min(low, high) > 0:
        return GREEN
    return RED if max(low, high) < 0 else GREY


def difference_text(row: Compared) -> str:
    """Return the difference with its interval, in words."""
    if row.difference is None:
        return "nothing to compare"
    if row.interval is None:
        return f"{row.difference:+.3f} (no interval: too few people, or all alike)"
    return f"{row.difference:+.3f} ({row.interval[0]:+.3f} to {row.interval[1]:+.3f})"
