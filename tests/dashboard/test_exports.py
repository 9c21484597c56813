"""What is taken along: readable by others' programs, to the sample, with what was found and said."""

import csv
import io
from datetime import datetime, timedelta
from pathlib import Path

import edfio
import numpy as np
import pyedflib
import pytest
from starlette.testclient import TestClient

from dashboard.exports import ExportError, Stretch, write_edf
from dashboard.labels import Label, Labels, label_id
from dashboard.night_log import NightLog
from detector.event_files import read_events
from detector.scoring_labels import labels_of
from firmware_bridge.recordings import open_recording
from firmware_bridge.samples import Gap, SampleBlock
from tests.dashboard.events import event
from tests.dashboard.recorded import CRAMP, GAP, NIGHT, START, record_night

BEGAN = START.timestamp()
AT = "2026-11-22T08:00:00.000Z"


def counts_of(path: Path, first: int, stop: int) -> np.ndarray:
    counts = np.full(1_000_000, -32768, np.int32)
    for item in open_recording(path).items():
        if isinstance(item, SampleBlock):
            counts[item.first_index : item.end_index] = item.emg_counts[:, 0]
    return counts[first:stop]


@pytest.fixture
def labelled(log: NightLog) -> Labels:
    log.add(
        [
            event(1, onset_index=CRAMP[0] * 1000, duration_s=20.0),
            event(2, "rec.2", onset_index=45_000, duration_s=2.0),
        ]
    )
    labels = Labels(log.database)
    labels.put(Label(label_id("rec.1", "Ann"), NIGHT, "Ann", "cramp", AT, "rec.1", "left\tcalf\n<b>"))
    labels.put(Label(label_id("rec.2", "Ann"), NIGHT, "Ann", "nothing", AT, "rec.2"))
    labels.put(
        Label(
            "drawn",
            NIGHT,
            "Ben",
            "spasm",
            AT,
            onset_at="2026-11-22T01:00:05.000Z",
            ended_at="2026-11-22T01:00:08.000Z",
        )
    )
    return labels


def exported(client: TestClient, tmp_path: Path, start: float, end: float) -> Path:
    answer = client.get(f"/api/nights/{NIGHT}/selection.edf?t0={BEGAN + start}&t1={BEGAN + end}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].endswith('.edf"')
    path = tmp_path / "taken.edf"
    path.write_bytes(answer.content)
    return path


@pytest.mark.parametrize(("start", "end"), [(0, 60), (15.5, 30.25), (49.2, 52.0), (-5, 3), (58, 99)])
def test_a_stretch_reads_back_to_the_sample_where_it_was(
    client: TestClient, tmp_path: Path, start: float, end: float
) -> None:
    path = exported(client, tmp_path, start, end)
    first, stop = round(max(0, start) * 1000), round(min(60, end) * 1000)
    taken = open_recording(path)
    assert taken.start == START + timedelta(seconds=first / 1000)
    assert taken.samples == stop - first
    original = tmp_path / "nights" / NIGHT / "signal.edf"
    np.testing.assert_array_equal(counts_of(path, 0, stop - first), counts_of(original, first, stop))


@pytest.mark.usefixtures("labelled")
def test_other_programs_read_it_with_what_was_found_and_said(client: TestClient, tmp_path: Path) -> None:
    path = exported(client, tmp_path, 15, 50)
    found = edfio.read_edf(path)
    assert found.get_signal("EMG left-calf").physical_dimension == "uV"
    notes = [(note.onset, note.duration, note.text) for note in found.annotations]
    assert any(
        onset == 5.0 and length == 20.0 and "Cramp: calf tight" in text for onset, length, text in notes
    )
    assert any(onset == 5.0 and "Ann: Cramp left" in text for onset, _, text in notes)
    assert any(onset == 30.0 and "Ann: Nothing" in text for onset, _, text in notes)
    with pyedflib.EdfReader(str(path)) as other:
        assert other.getNSamples()[0] == 35_000
        np.testing.assert_array_equal(
            other.readSignal(0, digital=True)[:1000], found.signals[0].digital[:1000]
        )


def test_csv_has_a_row_for_each_sample_with_units_and_times(client: TestClient, tmp_path: Path) -> None:
    answer = client.get(f"/api/nights/{NIGHT}/selection.csv?t0={BEGAN + GAP[0] - 1}&t1={BEGAN + GAP[1] + 1}")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert list(rows[0]) == ["time", "emg_left-calf_uV", "acc_x_g", "acc_y_g", "acc_z_g"]
    # A second before the gap, one after it, and nothing of the gap.
    assert len(rows) == 2000
    times = [datetime.fromisoformat(row["time"]) for row in rows]
    assert times[0] == START + timedelta(seconds=GAP[0] - 1)
    assert times[1000] == START + timedelta(seconds=GAP[1])
    assert times[1] - times[0] == timedelta(milliseconds=1)
    first = counts_of(tmp_path / "nights" / NIGHT / "signal.edf", 49_000, 49_001)[0]
    assert float(rows[0]["emg_left-calf_uV"]) == pytest.approx(first * 0.1)
    assert [bool(row["acc_z_g"]) for row in rows[:11]] == [True, *[False] * 9, True]
    assert float(rows[0]["acc_z_g"]) == pytest.approx(2000 * 16 / 32767, abs=0.02)


@pytest.mark.parametrize("kind", ["edf", "csv"])
def test_where_nothing_was_recorded_there_is_nothing_to_take(client: TestClient, kind: str) -> None:
    address = f"/api/nights/{NIGHT}/selection.{kind}"
    assert client.get(f"{address}?t0={BEGAN + 900}&t1={BEGAN + 999}").status_code == 404
    assert client.get(f"{address}?t0={BEGAN + 9}&t1={BEGAN + 3}").status_code == 404
    for outside in ("x", "-1", "1e20", "99999999999999999999", "nan", "inf", "253370764800"):
        assert client.get(f"{address}?t0={outside}&t1=1").status_code == 400
        assert client.get(f"{address}?t0=0&t1={outside}").status_code == 400
    assert client.get(f"/api/nights/2020-01-01_x/selection.{kind}?t0=0&t1=1").status_code == 404


def test_labels_go_to_training_as_an_event_table(
    client: TestClient, labelled: Labels, tmp_path: Path
) -> None:
    # The last word counts where two people speak of one event.
    labelled.put(
        Label(label_id("rec.1", "Ben"), NIGHT, "Ben", "movement", "2026-11-22T09:00:00.000Z", "rec.1")
    )
    path = tmp_path / "labels.tsv"
    path.write_text(client.get(f"/api/nights/{NIGHT}/labels.tsv").text)
    rows = read_events(path)
    told = [(row.onset_s, row.duration_s, row.trial_type, row.alert, row.extra["by"]) for row in rows]
    assert told == [
        (5.0, 3.0, "clonic", "clonic", "Ben"),
        (20.0, 20.0, "leg_movement", "none", "Ben"),
        (45.0, 2.0, "nothing", "none", "Ann"),
    ]
    path.write_text(client.get(f"/api/nights/{NIGHT}/labels.tsv?by=Ann").text)
    rows = read_events(path)
    assert [(row.trial_type, row.extra.get("note")) for row in rows] == [
        ("tonic", "left calf <b>"),
        ("nothing", None),
    ]
    assert [label.alert for label in labels_of(rows, "labels.tsv")] == ["cramp", "none"]


def test_no_export_fills_the_disk_of_the_night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = open_recording(record_night(tmp_path / "nights"))
    stretch = Stretch.of(recording, BEGAN, BEGAN, BEGAN + 9)
    assert stretch is not None
    monkeypatch.setattr("dashboard.exports._SPARE_BYTES", 1 << 60)
    with pytest.raises(ExportError, match="room"):
        write_edf(tmp_path / "out.edf", stretch, [])
    assert not (tmp_path / "out.edf").exists()


def test_gaps_stay_gaps(client: TestClient, tmp_path: Path) -> None:
    taken = open_recording(exported(client, tmp_path, 49.5, 51.5))
    assert [item for item in taken.items() if isinstance(item, Gap)] == [Gap(500, 1000, "link down")]
