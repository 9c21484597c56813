"""The picture of the house, drawn from its imports: rooms, their size, and who imports whom how often."""

from collections import Counter
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import NamedTuple

import grimp

ROOT = Path(__file__).resolve().parents[2]
# Rooms from what is imported to what imports; two side by side never meet.
LAYERS = (("firmware_bridge",), ("detector",), ("models", "dashboard"), ("crampwatch",))
ABOUT: Mapping[str, str] = {
    "firmware_bridge": "the world as sample blocks",
    "detector": "samples to events to alarms",
    "models": "synthetic wearers, training",
    "dashboard": "night log and pages",
    "crampwatch": "the command",
}
WIDTH, HEIGHT, COLUMN, BOX, GAP = 980, 300, 250, (190, 92), 24
_INTRODUCTION = """# The picture of the house

Drawn from the imports of this very version. Imports only go left; `make imports` holds it. An arrow's number counts the
modules of the one room that import modules of the other.

"""


class Room(NamedTuple):
    """Where a room stands in the picture, and what is in it."""

    name: str
    x: float
    y: float
    modules: int
    lines: int


def architecture_page() -> str:
    """Return the page: the picture, and each room's most imported modules."""
    names = [name for layer in LAYERS for name in layer]
    graph = grimp.build_graph(*names, cache_dir=None)
    crossing: Counter[tuple[str, str]] = Counter()
    asked: Counter[str] = Counter()
    for module in graph.modules:
        targets = graph.find_modules_directly_imported_by(module)
        asked.update(targets)
        rooms = {target.partition(".")[0] for target in targets} - {module.partition(".")[0]}
        crossing.update((module.partition(".")[0], room) for room in rooms)
    rooms_drawn = {room.name: room for room in _rooms()}
    return "\n".join([_INTRODUCTION, _picture(rooms_drawn, crossing), "", *_doors(names, asked)])


def _rooms() -> Iterator[Room]:
    for column, layer in enumerate(LAYERS):
        for row, name in enumerate(layer):
            height = BOX[1] + GAP
            top = HEIGHT / 2 - len(layer) * height / 2 + row * height + GAP / 2
            files = list((ROOT / name).rglob("*.py"))
            lines = sum(file.read_text(encoding="utf-8").count("\n") for file in files)
            yield Room(name, column * COLUMN + 10, top, len(files), lines)


def _picture(rooms: Mapping[str, Room], crossing: Mapping[tuple[str, str], int]) -> str:
    arrows = [_arrow(rooms[who], rooms[whom], count) for (who, whom), count in sorted(crossing.items())]
    boxes = [_box(room) for room in rooms.values()]
    head = (
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="currentColor"/></marker></defs>'
    )
    label = "Five rooms; imports go left only"
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}" font-family="inherit" font-size="14" '
        f'style="max-width:100%">{head}{"".join(arrows)}{"".join(boxes)}</svg>'
    )


def _box(room: Room) -> str:
    middle = room.x + BOX[0] / 2
    texts = (
        (30, "bold", f"{room.name}/"),
        (54, "normal", ABOUT[room.name]),
        (76, "normal", f"{room.modules} modules, {room.lines:,} lines"),
    )
    words = "".join(
        f'<text x="{middle}" y="{room.y + down}" text-anchor="middle" font-weight="{weight}" fill="currentColor" '
        f'font-size="{14 if weight == "bold" else 11}">{escape(text)}</text>'
        for down, weight, text in texts
    )
    frame = (
        f'<rect x="{room.x}" y="{room.y}" width="{BOX[0]}" height="{BOX[1]}" rx="8" '
        'fill="var(--md-default-bg-color, #fff)" stroke="currentColor"/>'
    )
    return frame + words


def _arrow(who: Room, whom: Room, count: int) -> str:
    y_from, y_to = who.y + BOX[1] / 2, whom.y + BOX[1] / 2
    x_from, x_to = who.x, whom.x + BOX[0]
    # What leaps over a room goes above or below it.
    bend = 0 if x_from - x_to < COLUMN else (-130 if (y_from + y_to) <= HEIGHT else 130)
    middle = (x_from + x_to) / 2
    low = (y_from + y_to) / 2 + bend
    path = f"M{x_from} {y_from} Q{middle} {low} {x_to} {y_to}"
    text_y = 0.25 * y_from + 0.5 * low + 0.25 * y_to - 5
    return (
        f'<path d="{path}" fill="none" stroke="currentColor" opacity=".55" marker-end="url(#tip)"/>'
        f'<text x="{middle}" y="{text_y}" text-anchor="middle" font-size="11" fill="currentColor">{count}</text>'
    )


def _doors(names: list[str], asked: Counter[str]) -> Iterator[str]:
    yield "## The modules that most others ask\n\n| room | modules, and how many import them |\n| --- | --- |"
    for name in names:
        own = [(module, count) for module, count in asked.most_common() if module.startswith(f"{name}.")]
        shown = ", ".join(f"`{module.partition('.')[2]}` {count}" for module, count in own[:8])
        yield f"| `{name}/` | {shown} |"
