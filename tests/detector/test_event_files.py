"""Event tables: what is written is read back, two runs give the same bytes, nothing is overwritten unasked."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.event_files import (
    COLUMNS,
    EventFileExistsError,
    UnreadableEventFileError,
    Value,
    event_row,
    read_events,
    write_events,
    write_rows,
)
from detector.types import Contraction
from firmware_bridge.samples import Scale
from tests.detector.signals import Scene, detect, sensor

INFO = sensor()
SCENE = Scene(60.0, amplitude_uv=[(20.0, 45.0, 60.0)], bursts=[(50.0, 58.0, 80.0, 3.5, 0.12)])
CRAMP = Contraction(
    id="r.20000",
    revision=2,
    phase="ended",
    kind="tonic",
    alert="cramp",
    channel=0,
    site="left-calf",
    onset_index=20_000,
    decided_index=28_500,
    duration_s=25.0,
    reason="left-calf tight 25 s, 20 x resting level, leg still",
    model="rules-1",
    confidence=0.97,
    offset_index=45_000,
    peak_uv=61.24,
)


def test_the_columns_are_those_of_the_design(tmp_path: Path) -> None:
    path = tmp_path / "night_events.tsv"
    write_events(path, [CRAMP], INFO)
    assert path.read_text() == (
        "onset\tduration\ttrial_type\talert\tdetected_at\tconfidence\tsite\tpeak_uv\tburst_rate_hz\tsequence\treason\n"
        "20.000\t25.000\ttonic\tcramp\t28.500\t0.970\tleft-calf\t61.2\tn/a\tn/a\t"
        "left-calf tight 25 s, 20 x resting level, leg still\n"
    )


def test_the_sidecar_describes_every_column(tmp_path: Path) -> None:
    write_events(tmp_path / "night_events.tsv", [CRAMP], INFO)
    described = json.loads((tmp_path / "night_events.json").read_text())
    assert list(described) == [column.name for column in COLUMNS]
    assert all(entry["Description"] for entry in described.values())
    assert described["onset"]["Units"] == "s"
    assert described["alert"]["Levels"] == ["none", "cramp", "clonic", "tonic_clonic"]


def test_a_night_without_events_still_has_its_header(tmp_path: Path) -> None:
    path = tmp_path / "night_events.tsv"
    write_events(path, [], INFO)
    assert path.read_text().startswith("onset\tduration\ttrial_type\t")
    assert read_events(path) == []


def test_only_the_last_revision_of_each_event_is_written_by_onset(tmp_path: Path) -> None:
    path = tmp_path / "night_events.tsv"
    earlier = replace(CRAMP, id="r.5000", onset_index=5_000, kind="leg_movement", alert="none")
    write_events(path, [replace(CRAMP, revision=0, alert="none"), CRAMP, earlier], INFO)
    assert [(one.onset_s, one.alert) for one in read_events(path)] == [(5.0, "none"), (20.0, "cramp")]


def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        events = [item for item in detect([SCENE.block()], INFO) if isinstance(item, Contraction)]
        write_events(tmp_path / f"{name}.tsv", events, INFO)
    assert (tmp_path / "one.tsv").read_bytes() == (tmp_path / "two.tsv").read_bytes()
    assert len(read_events(tmp_path / "one.tsv")) >= 2


@pytest.mark.parametrize("there", ["night_events.tsv", "night_events.json"])
def test_nothing_is_overwritten_unasked(tmp_path: Path, there: str) -> None:
    path = tmp_path / "night_events.tsv"
    (tmp_path / there).write_text("mine")
    with pytest.raises(EventFileExistsError, match=rf"{there}: is there already.*--force"):
        write_events(path, [CRAMP], INFO)
    assert [one.name for one in tmp_path.iterdir()] == [there]
    write_events(path, [CRAMP], INFO, force=True)
    assert len(read_events(path)) == 1


def test_a_peak_in_counts_is_not_called_microvolts() -> None:
    info = sensor(scale=Scale(0, 1023, 0.0, 1023.0, "count"))
    assert event_row(CRAMP, info)["peak_uv"] is None


texts = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1).filter(
    lambda text: text != "n/a"
)
numbers = st.floats(0.0, 1e6).map(lambda value: round(value, 1))


@given(
    onset=numbers,
    duration=numbers,
    alert=st.sampled_from(["none", "cramp", "clonic", "tonic_clonic"]),
    confidence=st.none() | numbers,
    site=st.none() | texts,
    note=st.none() | texts,
)
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, note: str | None, **row: Value
) -> None:
    path = tmp_path_factory.mktemp("tables") / "truth.tsv"
    write_rows(path, [{**row, "trial_type": "tonic", "class": note}], extra={"class": "Finer class"})
    (found,) = read_events(path)
    assert (found.onset_s, found.duration_s, found.alert) == (row["onset"], row["duration"], row["alert"])
    assert (found.confidence, found.site, found.trial_type) == (row["confidence"], row["site"], "tonic")
    assert found.extra == ({} if note is None else {"class": note})
    assert found.end_s == found.onset_s + found.duration_s


def test_tabs_and_line_ends_in_a_sentence_do_not_break_the_table(tmp_path: Path) -> None:
    path = tmp_path / "night_events.tsv"
    write_events(path, [replace(CRAMP, reason="a\tb\nc")], INFO)
    assert read_events(path)[0].reason == "a b c"


def test_a_table_of_three_columns_by_others_is_read(tmp_path: Path) -> None:
    path = tmp_path / "others_events.tsv"
    path.write_text("\ufeffonset\tduration\ttrial_type\n60.000\t30.000\ttonic\n", "utf-8")
    (found,) = read_events(path)
    assert (found.onset_s, found.end_s, found.trial_type, found.alert) == (60.0, 90.0, "tonic", None)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "line 1: expected tab-separated columns onset, duration, trial_type, found no onset"),
        (b"onset,duration,trial_type\n", "found no onset"),
        (b"onset\tduration\n", "found no trial_type"),
        (b"onset\tduration\ttrial_type\n1\t2\n", "line 2: expected 3 columns, got 2"),
        (b"onset\tduration\ttrial_type\nsoon\t2\ttonic\n", "line 2: expected a number as onset, got 'soon'"),
        (b"onset\tduration\ttrial_type\n1\tn/a\ttonic\n", "line 2: expected a number as duration, got n/a"),
        (b"onset\tduration\ttrial_type\n\xff\t2\ttonic\n", "expected UTF-8 text"),
    ],
)
def test_what_is_no_event_table_is_refused_saying_where(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "bad.tsv"
    path.write_bytes(content)
    with pytest.raises(UnreadableEventFileError, match=message):
        read_events(path)


def test_a_missing_table_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(UnreadableEventFileError, match=r"nowhere\.tsv: cannot be read"):
        read_events(tmp_path / "nowhere.tsv")
