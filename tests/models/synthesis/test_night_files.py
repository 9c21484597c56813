import json
from pathlib import Path

import numpy as np
import pytest

from detector.event_files import read_events
from firmware_bridge.recordings import open_recording
from firmware_bridge.samples import Gap, Mark, SampleBlock
from models.synthesis import SENSORS, PlannedEvent, SynthesisError, simulate_night
from models.synthesis.night import Night
from models.synthesis.night_files import write_night
from models.synthesis.truth_files import EXTRA_COLUMNS, truth_path, write_truth
from tests.models.synthesis.playing import flattened

SCENE = (
    PlannedEvent(25.0, "cramp", 30.0, {"thrashes": 1.0, "presses": 1.0, "wakes_s": 10.0, "level": 0.5}),
    PlannedEvent(75.0, "drop_out", 3.0),
    PlannedEvent(82.0, "tonic_clonic", 40.0, {"has_tonic": 1.0, "has_clonic": 1.0}),
)


def night(sensor: str = "good") -> Night:
    return simulate_night(140 / 3600, 3, scene=SCENE, sensor=SENSORS[sensor])


def table(path: Path) -> list[dict[str, str]]:
    header, *rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    return [dict(zip(header, row, strict=True)) for row in rows]


@pytest.mark.parametrize("sensor", ["good", "coarse", "slow", "fast", "slowest", "bare"])
def test_what_is_read_back_is_what_was_simulated(tmp_path: Path, sensor: str) -> None:
    made = night(sensor)
    write_night(tmp_path / "night.edf", made)
    read = open_recording(tmp_path / "night.edf")
    assert read.info.same_signal(made.info)
    assert read.recording_id == made.recording_id
    items = [item for item in read.items() if isinstance(item, SampleBlock | Gap | Mark)]
    assert flattened(items) == flattened(list(made.items()))


def test_the_same_night_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_night(tmp_path / f"{name}.edf", night())
    for suffix in (".edf", "_truth.tsv", "_truth.json"):
        assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"two{suffix}").read_bytes()


def test_progress_reaches_its_end(tmp_path: Path) -> None:
    shares: list[float] = []
    write_night(tmp_path / "night.edf", night(), progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_the_truth_has_the_columns_of_an_events_file_and_its_own(tmp_path: Path) -> None:
    write_truth(tmp_path / "t.tsv", night())
    header = (tmp_path / "t.tsv").read_text(encoding="utf-8").splitlines()[0].split("\t")
    # DESIGN.md section 5.
    expected = (
        "onset,duration,trial_type,alert,detected_at,confidence,site,peak_uv,burst_rate_hz,sequence,reason"
    )
    assert ",".join(header[:11]) == expected
    described = json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))
    assert set(header) <= set(described)
    assert header[11:] == list(EXTRA_COLUMNS)
    # The detector reads it as it reads its own.
    assert [record.extra["class"] for record in read_events(tmp_path / "t.tsv")] == [
        row.name for row in night().truth
    ]


def test_the_truth_says_what_was_simulated(tmp_path: Path) -> None:
    write_truth(tmp_path / "t.tsv", night())
    rows = {row["class"]: row for row in table(tmp_path / "t.tsv")}
    cramp, clonic = rows["cramp"], rows["tonic_clonic.clonic"]
    assert (cramp["onset"], cramp["duration"]) == ("25.000", "30.000")
    assert (cramp["trial_type"], cramp["alert"], cramp["site"]) == ("tonic", "cramp", "left-calf")
    assert 25.0 < float(cramp["strong_at"]) < 55.0
    assert cramp["sequence"] == cramp["detected_at"] == "n/a"
    assert float(cramp["peak_uv"]) > 10 * float(cramp["baseline_uv"])
    assert cramp["subject"] == "usual-3"
    assert clonic["alert"] == "tonic_clonic"
    assert clonic["sequence"] == rows["tonic_clonic.tonic"]["sequence"] != "n/a"
    assert 0.5 < float(clonic["burst_rate_hz"]) < 6.0
    assert int(clonic["burst_count"]) >= 5
    assert rows["drop_out"]["trial_type"] == "artefact"


def test_a_fast_clock_stretches_the_truth_as_it_stretches_the_file(tmp_path: Path) -> None:
    skewed = simulate_night(140 / 3600, 3, scene=SCENE, sensor=SENSORS["good"].__class__(clock_error=0.01))
    write_truth(tmp_path / "t.tsv", skewed)
    assert next(row for row in table(tmp_path / "t.tsv") if row["class"] == "cramp")["onset"] == "25.250"


@pytest.mark.parametrize("there", ["night.edf", "night_truth.tsv", "night_truth.json"])
def test_nothing_is_overwritten_unasked(tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_text("mine")
    with pytest.raises(SynthesisError, match="is there already"):
        write_night(tmp_path / "night.edf", night())
    assert [path.name for path in tmp_path.iterdir()] == [there]
    write_night(tmp_path / "night.edf", night(), force=True)
    assert (tmp_path / there).read_bytes() != b"mine"


def test_a_night_without_events_has_a_truth_with_a_header_only(tmp_path: Path) -> None:
    still = simulate_night(10 / 3600, 1, scene="still")
    write_night(tmp_path / "still.edf", still)
    assert table(truth_path(tmp_path / "still.edf")) == []


def test_an_edf_reader_by_others_sees_the_same_microvolts(tmp_path: Path) -> None:
    edfio = pytest.importorskip("edfio")
    made = simulate_night(30 / 3600, 3, scene=[PlannedEvent(5.0, "hold", 20.0)])
    write_night(tmp_path / "night.edf", made)
    emg = edfio.read_edf(tmp_path / "night.edf").signals[0].data
    ours = np.concatenate([b.emg_uv[:, 0] for b in made.items() if isinstance(b, SampleBlock)])
    np.testing.assert_allclose(emg[: len(ours)], ours, atol=1e-3)
