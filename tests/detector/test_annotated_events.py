"""Events written here are read by what researchers use: as annotations, as a table, as scores."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from crampwatch.commands import app
from detector import annotations_of, detect, events_from_annotations, open_recording
from detector.annotated_events import OWN_TEXTS
from detector.event_files import EventRecord, Value, read_events, write_rows
from firmware_bridge.edf_annotating import write_annotated
from tests.firmware_bridge.foreign_edf import ForeignFile, emg, record_time, tal
from tests.firmware_bridge.own_nights import block, record

ROWS: list[dict[str, Value]] = [
    {"onset": 0.5, "duration": 1.0, "trial_type": "tonic", "alert": "cramp"},
    {"onset": 1.5, "duration": 0.25, "trial_type": "clonic", "alert": "tonic_clonic"},
    {"onset": 2.0, "duration": 0.5, "trial_type": "leg_movement", "alert": "none"},
]


def told(events: list[EventRecord]) -> list[tuple[float, float, str, str | None]]:
    return [(one.onset_s, one.duration_s, one.trial_type, one.alert) for one in events]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    write_rows(tmp_path / "night_events.tsv", ROWS)
    return tmp_path / "night_events.tsv"


def test_events_go_out_as_annotations_and_come_back(tmp_path: Path, table: Path) -> None:
    source = tmp_path / "night.edf"
    record(source, [block(0, 3000)])
    done = CliRunner().invoke(app, ["annotate", str(source), str(table), "--out", str(tmp_path / "copy.edf")])
    assert (done.exit_code, done.output) == (0, f"{tmp_path / 'copy.edf'}: 3 annotations added\n")
    found = events_from_annotations(open_recording(tmp_path / "copy.edf"))
    assert told(found) == told(read_events(table))
    assert told(found)[0] == (0.5, 1.0, "tonic", "cramp")


def test_a_foreign_recordings_annotations_mean_what_one_says(tmp_path: Path) -> None:
    notes = [record_time("+0", tal("+0.5", "Krampf", "1.5"), tal("+1", "lights off")), record_time("+1")]
    source = ForeignFile([emg(seconds=2)], notes=notes, plus="EDF+C").write(tmp_path / "lab.edf")
    recording = open_recording(source)
    assert told(events_from_annotations(recording)) == []
    assert told(events_from_annotations(recording, {"Krampf": ("tonic", "cramp")})) == [
        (0.5, 1.5, "tonic", "cramp")
    ]


def test_every_text_that_is_written_is_understood() -> None:
    for text, (kind, alert) in OWN_TEXTS.items():
        event = EventRecord(1.0, 2.0, kind, alert)
        assert [one.text for one in annotations_of([event])] == [text]


def test_a_table_loads_in_pandas(table: Path) -> None:
    frame = pd.read_csv(table, sep="\t", na_values="n/a")
    assert frame["onset"].tolist() == [0.5, 1.5, 2.0]
    assert frame["confidence"].isna().all()


def test_a_table_loads_in_timescoring(table: Path) -> None:
    from timescoring.annotations import Annotation
    from timescoring.scoring import EventScoring

    frame = pd.read_csv(table, sep="\t")
    events = [(onset, onset + length) for onset, length in zip(frame.onset, frame.duration, strict=True)]
    mask = Annotation(events, 100, 300)
    assert mask.mask.sum() == 175
    scores = EventScoring(mask, mask, EventScoring.Parameters(minDurationBetweenEvents=0.0))
    assert scores.sensitivity == 1.0


def test_a_table_of_nothing_gives_a_copy_without_annotations(tmp_path: Path) -> None:
    write_rows(tmp_path / "none_events.tsv", [])
    source = ForeignFile([emg()]).write(tmp_path / "lab.edf")
    write_annotated(source, tmp_path / "copy.edf", annotations_of(read_events(tmp_path / "none_events.tsv")))
    assert events_from_annotations(open_recording(tmp_path / "copy.edf")) == []
    assert detect(tmp_path / "copy.edf") == detect(source)
