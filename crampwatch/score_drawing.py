"""Shapes on paper, written as SVG by itself or as PNG through matplotlib.

    PictureError    the picture cannot be drawn there; the text says why and what to do

Colours are literal attributes, not styles: some programs that turn SVG into PDF paint the rest black (UX.md).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from html import escape
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

INK, PAPER = "#222222", "#ffffff"
# A picture's resolution in PNG, pixels per inch.
DOTS_PER_INCH = 100.0
POINTS_PER_INCH = 72.0


class PictureError(ValueError):
    """The picture cannot be drawn there."""


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle; ``title`` is shown where the reader points at it."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """A line of text; ``y`` is its base line."""

    x: float
    y: float
    text: str
    size: int = 11
    anchor: Literal["start", "middle", "end"] = "start"
    fill: str = INK


Shape = Box | Word


@dataclass(frozen=True, slots=True)
class Drawing:
    """Shapes on white paper, later ones over earlier ones; sizes in pixels."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
    title: str


def to_svg(drawing: Drawing) -> str:
    """Return a drawing as an SVG document; the same drawing gives the same text."""
    size = f'width="{drawing.width:g}" height="{drawing.height:g}"'
    view = (
        f'viewBox="0 0 {drawing.width:g} {drawing.height:g}" role="img" font-family="system-ui, sans-serif"'
    )
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {view}>',
        f"<title>{escape(drawing.title)}</title>",
        f'<rect {size} fill="{PAPER}"/>',
        *(_box_svg(shape) if isinstance(shape, Box) else _word_svg(shape) for shape in drawing.shapes),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _box_svg(box: Box) -> str:
    place = f'x="{box.x:.2f}" y="{box.y:.2f}" width="{box.width:.2f}" height="{box.height:.2f}"'
    rect = f'<rect {place} fill="{escape(box.fill)}"'
    return f"{rect}><title>{escape(box.title)}</title></rect>" if box.title else f"{rect}/>"


def _word_svg(word: Word) -> str:
    place = f'x="{word.x:.2f}" y="{word.y:.2f}" font-size="{word.size}" text-anchor="{word.anchor}"'
    return f'<text {place} fill="{escape(word.fill)}">{escape(word.text)}</text>'


def write_svg(drawing: Drawing, path: Path) -> None:
    """Write a drawing as SVG."""
    path.write_text(to_svg(drawing), "utf-8", newline="\n")


def write_png(drawing: Drawing, path: Path) -> None:
    """Write a drawing as PNG; needs matplotlib."""
    # No window: the figure is drawn by the backend that writes files.
    canvas = import_module("matplotlib.backends.backend_agg").FigureCanvasAgg
    patch = import_module("matplotlib.patches").Rectangle
    inches = (drawing.width / DOTS_PER_INCH, drawing.height / DOTS_PER_INCH)
    figure = import_module("matplotlib.figure").Figure(figsize=inches, dpi=DOTS_PER_INCH, facecolor=PAPER)
    canvas(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0), xlim=(0.0, drawing.width), ylim=(drawing.height, 0.0))
    axes.set_axis_off()
    for shape in drawing.shapes:
        if isinstance(shape, Box):
            axes.add_patch(patch((shape.x, shape.y), shape.width, shape.height, facecolor=shape.fill))
        else:
            side = {"start": "left", "middle": "center", "end": "right"}[shape.anchor]
            points = shape.size * POINTS_PER_INCH / DOTS_PER_INCH
            # Names are text, not formulas: a dollar sign in one is a dollar sign.
            axes.text(
                *(shape.x, shape.y, shape.text), fontsize=points, ha=side, color=shape.fill, parse_math=False
            )
    figure.savefig(path, format="png")


# Ending of the file to (what writes it, the package that it needs).
WRITERS: dict[str, tuple[Callable[[Drawing, Path], None], str | None]] = {
    ".svg": (write_svg, None),
    ".png": (write_png, "matplotlib"),
}


def picture_writer(path: Path, *, force: bool) -> Callable[[Drawing, Path], None]:
    """Return what writes a picture of this name. To be asked before the work, not after it.

    Raises:
        PictureError: the ending is unknown, a package is missing, the folder is, or a file is there already; what
            is returned raises it where the disk refuses, and leaves nothing half written.
    """
    if path.suffix.lower() not in WRITERS:
        raise PictureError(f"{path}: expected a picture called *{' or *'.join(WRITERS)}, got {path.suffix!r}")
    write, package = WRITERS[path.suffix.lower()]
    if package is not None and find_spec(package) is None:
        raise PictureError(
            f"{path}: {path.suffix} needs {package}: `pip install crampwatch[research]`, or draw an .svg"
        )
    if not path.parent.is_dir():
        raise PictureError(f"{path}: expected a folder {path.parent}, found none")
    if path.exists() and not force:
        raise PictureError(f"{path}: is there already; choose another name, or --force to overwrite it")
    return partial(_write_whole, write)


def _write_whole(write: Callable[[Drawing, Path], None], drawing: Drawing, path: Path) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        write(drawing, part)
        part.replace(path)
    except OSError as error:
        raise PictureError(
            f"{path}: cannot be written ({error.strerror or error}); free some space, or choose another place"
        ) from error
    finally:
        part.unlink(missing_ok=True)
