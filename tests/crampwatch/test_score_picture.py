"""The picture says what the table says; its text cannot break it; it goes only where it may."""

import errno
import os
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.score_drawing import Box, Drawing, PictureError, Word, picture_writer, to_svg
from crampwatch.score_picture import (
    GREEN,
    LOOKS,
    MOST_LETTERS,
    ORANGE,
    RED,
    clock_text,
    draw_timelines,
    shortened,
)
from detector.scoring_labels import Label, LabelledRecording
from detector.scoring_matching import CLONIC, CRAMP, match

SVG = "{http://www.w3.org/2000/svg}"


def night(name: str = "night", duration_s: float | None = 3600.0) -> LabelledRecording:
    truth = (
        Label(100.0, 160.0, "tonic", "cramp", "cramp"),
        Label(600.0, 640.0, "tonic", "cramp", "cramp"),
        Label(900.0, 930.0, "leg_movement", "none", "turn_over"),
        Label(1500.0, 1560.0, "tonic", "cramp", "cramp", peak_uv=3.0, baseline_uv=4.0),
        Label(2000.0, 2030.0, "clonic", "clonic", "clonic"),
    )
    said = (
        Label(101.0, 158.0, "tonic", "cramp", detected_at_s=109.0),
        Label(905.0, 930.0, "tonic", "cramp"),
        Label(1510.0, 1550.0, "tonic", "cramp"),
        Label(2001.0, 2030.0, "clonic", "clonic"),
    )
    return LabelledRecording(name, "a", truth, said, duration_s)


def marks(drawing: Drawing, fill: str) -> list[str]:
    """Titles of the marks in a colour, the legend apart."""
    return [
        shape.title
        for shape in drawing.shapes
        if isinstance(shape, Box) and shape.fill == fill and shape.title
    ]


def test_every_hit_miss_and_false_alarm_is_drawn() -> None:
    drawing = draw_timelines([night()])
    assert marks(drawing, GREEN) == [
        *("cramp, found at 0:01:40, 60 s", "cramp, 9.0 s after its onset at 0:01:41, 57 s"),
        *("clonic, found at 0:33:20, 30 s", "clonic at 0:33:21, 29 s"),
    ]
    assert marks(drawing, RED) == ["cramp, missed at 0:10, 40 s"]
    assert marks(drawing, ORANGE) == ["false cramp: turn over at 0:15:05, 25 s"]
    assert len(marks(drawing, LOOKS["right, not asked for"][0])) == 2
    assert marks(drawing, LOOKS["something else"][0]) == ["turn over at 0:15, 30 s"]


def test_faint_cramps_are_misses_where_they_are_asked_for() -> None:
    recording = LabelledRecording("n", "a", night().truth, (), 3600.0)
    assert len(marks(draw_timelines([recording], ask_faint=True), RED)) == 4
    assert len(marks(draw_timelines([recording]), RED)) == 3


def test_misses_and_false_alarms_carry_letters_beside_their_colours() -> None:
    letters = [shape.text for shape in draw_timelines([night()]).shapes if isinstance(shape, Word)]
    # One each in the legend, one each at the mark.
    assert (letters.count("M"), letters.count("F")) == (2, 2)


def test_the_picture_counts_as_the_table_does() -> None:
    matchings = [match(night(), target) for target in (CRAMP, CLONIC)]
    drawing = draw_timelines([night()])
    assert len(marks(drawing, RED)) == sum(len(one.misses) for one in matchings)
    assert len(marks(drawing, ORANGE)) == sum(len(one.false) for one in matchings)


def test_later_is_farther_right_and_all_of_it_is_on_the_paper() -> None:
    drawing = draw_timelines([night(), night("second", None)])
    boxes = [shape for shape in drawing.shapes if isinstance(shape, Box)]
    assert all(box.x >= 0 and box.x + box.width <= drawing.width for box in boxes)
    assert all(box.y >= 0 and box.y + box.height <= drawing.height for box in boxes)
    by_title = {box.title: box.x for box in boxes}
    assert by_title["cramp, found at 0:01:40, 60 s"] < by_title["cramp, missed at 0:10, 40 s"]


def test_what_is_synthetic_is_called_so() -> None:
    assert "synthetic" in draw_timelines([night()], synthetic=True).title
    assert "synthetic" not in draw_timelines([night()]).title


def test_no_recordings_make_an_empty_picture() -> None:
    ET.fromstring(to_svg(draw_timelines([])))


@given(st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Z")), max_size=60))
def test_no_name_can_break_the_svg(name: str) -> None:
    recording = LabelledRecording(name, "a", (Label(1.0, 20.0, "tonic", "cramp", name),), (), 60.0)
    root = ET.fromstring(to_svg(draw_timelines([recording])))
    texts = [element.text or "" for element in root.iter(f"{SVG}text")]
    assert shortened(name) in texts
    assert all(set(element.attrib) & {"style", "class"} == set() for element in root.iter())


def test_the_same_drawing_gives_the_same_bytes() -> None:
    assert to_svg(draw_timelines([night()])) == to_svg(draw_timelines([night()]))


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (60, "0:01"), (3661, "1:01:01"), (28_799.7, "8:00")]
)
def test_times_are_short(seconds: float, text: str) -> None:
    assert clock_text(seconds) == text


@given(st.text(max_size=80))
def test_names_fit_the_margin(name: str) -> None:
    assert len(shortened(name)) <= MOST_LETTERS
    assert shortened(name) == name or "…" in shortened(name)


# --- Files


def test_an_svg_is_written(tmp_path: Path) -> None:
    path = tmp_path / "p.svg"
    picture_writer(path, force=False)(draw_timelines([night()]), path)
    assert ET.parse(path).getroot().tag == f"{SVG}svg"


def test_a_png_is_written_by_matplotlib(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib (extra research) is not installed")
    path = tmp_path / "p.png"
    picture_writer(path, force=False)(draw_timelines([night("costs $5$")]), path)
    assert path.read_bytes().startswith(b"\x89PNG")


def test_without_matplotlib_a_png_is_refused_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crampwatch.score_drawing.find_spec", lambda _: None)
    with pytest.raises(PictureError, match="needs matplotlib"):
        picture_writer(tmp_path / "p.png", force=False)
    picture_writer(tmp_path / "p.svg", force=False)(draw_timelines([night()]), tmp_path / "p.svg")
    assert (tmp_path / "p.svg").read_text("utf-8").startswith("<svg")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("p.jpg", r"expected a picture called \*\.svg or \*\.png, got '\.jpg'"),
        ("p", "expected a picture called"),
        ("no/p.svg", "expected a folder .*no, found none"),
        ("there.svg", "is there already; choose another name, or --force"),
    ],
)
def test_a_picture_that_cannot_go_there_is_refused(tmp_path: Path, name: str, expected: str) -> None:
    (tmp_path / "there.svg").write_text("mine", "utf-8")
    with pytest.raises(PictureError, match=expected):
        picture_writer(tmp_path / name, force=False)
    assert (tmp_path / "there.svg").read_text("utf-8") == "mine"


def test_force_overwrites(tmp_path: Path) -> None:
    path = tmp_path / "there.svg"
    path.write_text("mine", "utf-8")
    picture_writer(path, force=True)(draw_timelines([night()]), path)
    assert path.read_text("utf-8").startswith("<svg")


@pytest.mark.parametrize("name", ["lines.svg", "lines.png"])
def test_a_picture_that_the_disk_refuses_is_told_and_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def full(_self: Path, _target: Path) -> Path:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    write = picture_writer(tmp_path / name, force=False)
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(PictureError, match=f"{name}: cannot be written .No space left on device"):
        write(draw_timelines([night()]), tmp_path / name)
    assert list(tmp_path.iterdir()) == []
