"""Tables find their counterparts, recordings their length, and what does not fit is said in one line."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from crampwatch.score_files import Pair, ScoreFilesError, load, pair_files
from detector.event_files import EventFileError
from detector.scoring_labels import ScoringError
from firmware_bridge.recorder import NightRecorder
from firmware_bridge.samples import SampleBlock, Scale, SensorInfo

HEADER = "onset\tduration\ttrial_type\talert"


def table(path: Path, *rows: str, header: str = HEADER) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return path


def names(pairs: list[Pair]) -> list[tuple[str, str, str]]:
    return [(pair.name, pair.truth.name, pair.hypothesis.name) for pair in pairs]


def recorded(path: Path, seconds: int) -> Path:
    scale = Scale(-2048, 2047, -1000.0, 1000.0, "uV")
    info = SensorInfo("calf-1", 500.0, 0.0, ("left-calf",), (scale,), None)
    counts = (np.arange(500 * seconds) % 100).astype(np.int16)[:, None]
    with NightRecorder(path, info, recording_id="r", start=datetime(2026, 1, 1, tzinfo=UTC)) as recorder:
        recorder.write(SampleBlock(info, 0, counts, np.zeros((0, 3), np.int16)))
    return path


# --- Pairs


def test_two_files_are_a_pair_whatever_they_are_called(tmp_path: Path) -> None:
    truth, said = table(tmp_path / "expert.tsv"), table(tmp_path / "mine.tsv")
    assert names(pair_files(truth, said)) == [("expert", "expert.tsv", "mine.tsv")]


def test_two_folders_are_paired_by_stem(tmp_path: Path) -> None:
    for stem in ("b", "a"):
        table(tmp_path / "truth" / f"{stem}_truth.tsv")
        table(tmp_path / "out" / f"{stem}_events.tsv")
    (tmp_path / "out" / "notes.txt").write_text("not a table", "utf-8")
    assert names(pair_files(tmp_path / "truth", tmp_path / "out")) == [
        ("a", "a_truth.tsv", "a_events.tsv"),
        ("b", "b_truth.tsv", "b_events.tsv"),
    ]


def test_one_folder_may_hold_both(tmp_path: Path) -> None:
    table(tmp_path / "a_truth.tsv")
    table(tmp_path / "a_events.tsv")
    assert names(pair_files(tmp_path, tmp_path)) == [("a", "a_truth.tsv", "a_events.tsv")]


def test_a_folder_of_hand_made_labels_is_a_truth(tmp_path: Path) -> None:
    table(tmp_path / "labels" / "a_events.tsv")
    table(tmp_path / "out" / "a_events.tsv")
    (pair,) = pair_files(tmp_path / "labels", tmp_path / "out")
    assert (pair.truth.parent.name, pair.hypothesis.parent.name) == ("labels", "out")


def test_the_same_stem_in_several_subfolders_is_told_apart_by_them(tmp_path: Path) -> None:
    for subject in ("sub-01", "sub-02"):
        table(tmp_path / "truth" / subject / "night_truth.tsv")
        table(tmp_path / "out" / subject / "night_events.tsv")
    pairs = pair_files(tmp_path / "truth", tmp_path / "out")
    assert [pair.name for pair in pairs] == ["sub-01/night", "sub-02/night"]
    assert all(pair.truth.parent.name == pair.hypothesis.parent.name for pair in pairs)


def test_a_file_finds_its_counterpart_in_a_folder_and_leaves_the_rest(tmp_path: Path) -> None:
    truth = table(tmp_path / "a_truth.tsv")
    said = table(tmp_path / "out" / "a_events.tsv")
    table(tmp_path / "out" / "b_events.tsv")
    assert names(pair_files(truth, tmp_path / "out")) == [("a", "a_truth.tsv", "a_events.tsv")]
    table(tmp_path / "b_truth.tsv")
    assert names(pair_files(tmp_path, said)) == [("a", "a_truth.tsv", "a_events.tsv")]


def test_a_truth_that_nobody_answered_is_refused_by_name(tmp_path: Path) -> None:
    table(tmp_path / "truth" / "a_truth.tsv")
    table(tmp_path / "truth" / "b_truth.tsv")
    table(tmp_path / "out" / "a_events.tsv")
    with pytest.raises(ScoreFilesError, match=r"out: expected a counterpart .* found no b_events.tsv"):
        pair_files(tmp_path / "truth", tmp_path / "out")


def test_an_answer_without_a_truth_is_refused_since_its_false_alarms_would_vanish(tmp_path: Path) -> None:
    table(tmp_path / "truth" / "a_truth.tsv")
    for stem in "abcdefgh":
        table(tmp_path / "out" / f"{stem}_events.tsv")
    with pytest.raises(ScoreFilesError, match=r"truth: .* found no b_truth.tsv, .* f_truth.tsv and 2 more"):
        pair_files(tmp_path / "truth", tmp_path / "out")


def test_a_file_whose_counterpart_is_not_in_the_folder_is_refused(tmp_path: Path) -> None:
    truth = table(tmp_path / "a_truth.tsv")
    table(tmp_path / "out" / "b_events.tsv")
    with pytest.raises(ScoreFilesError, match=r"found no a_events\.tsv"):
        pair_files(truth, tmp_path / "out")


def test_a_folder_without_tables_is_refused(tmp_path: Path) -> None:
    said = table(tmp_path / "a_events.tsv")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ScoreFilesError, match=r"empty: expected files called \*_truth.tsv or \*_events.tsv"):
        pair_files(tmp_path / "empty", said)
    with pytest.raises(ScoreFilesError, match=r"empty: expected files called \*_events.tsv in this folder"):
        pair_files(said, tmp_path / "empty")


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScoreFilesError, match="nowhere: expected an events table or a folder of them"):
        pair_files(tmp_path, tmp_path / "nowhere")


# --- What a pair holds


def one_pair(folder: Path, *truth: str, header: str = HEADER) -> Pair:
    return Pair("a", table(folder / "a_truth.tsv", *truth, header=header), table(folder / "a_events.tsv"))


def test_the_length_is_that_of_the_recording_beside_the_table(tmp_path: Path) -> None:
    pair = one_pair(tmp_path, "1\t2\ttonic\tnone")
    recorded(tmp_path / "a.edf", 7)
    loaded = load(pair, hours=8.0)
    assert (loaded.recording.duration_s, loaded.notes) == (7.0, ())


def test_the_recording_may_lie_beside_the_hypothesis(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    recorded(tmp_path / "out" / "a.edf", 5)
    pair = Pair("a", table(tmp_path / "a_truth.tsv"), table(tmp_path / "out" / "a_events.tsv"))
    assert load(pair).recording.duration_s == 5.0


def test_a_length_can_be_given(tmp_path: Path) -> None:
    loaded = load(one_pair(tmp_path), hours=7.5)
    assert (loaded.recording.duration_s, loaded.notes) == (27_000.0, ())


def test_an_unknown_length_is_said(tmp_path: Path) -> None:
    loaded = load(one_pair(tmp_path))
    assert loaded.recording.duration_s is None
    assert loaded.notes == (
        "length unknown, so no rates: put the recording beside its table, or give --hours",
    )


def test_a_recording_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    pair = one_pair(tmp_path)
    (tmp_path / "a.edf").write_bytes(b"%PDF-1.4 not a recording")
    loaded = load(pair)
    assert loaded.recording.duration_s is None
    assert [note.startswith("length unknown: ") for note in loaded.notes] == [True]
    assert load(pair, hours=1.0).recording.duration_s == 3600.0


def test_a_table_without_verdicts_is_said(tmp_path: Path) -> None:
    pair = one_pair(tmp_path, "5\t30\ttonic", header="onset\tduration\ttrial_type")
    loaded = load(pair, hours=1.0)
    assert [label.alert for label in loaded.recording.truth] == ["cramp"]
    assert ["no alert column" in note for note in loaded.notes] == [True]


@pytest.mark.parametrize(
    ("place", "column", "expected"),
    [
        ("sub-07/a_truth.tsv", None, "sub-07"),
        ("x/sub-03_night_truth.tsv", None, "sub-03"),
        ("sub-07/a_truth.tsv", "anna", "anna"),
        ("x/a_truth.tsv", None, "a"),
    ],
)
def test_the_subject_is_what_the_truth_says_or_the_path_or_the_stem(
    tmp_path: Path, place: str, column: str | None, expected: str
) -> None:
    rows = [] if column is None else [f"1\t2\ttonic\tnone\t{column}"]
    truth = table(tmp_path / place, *rows, header=f"{HEADER}\tsubject" if column else HEADER)
    assert load(Pair("a", truth, table(tmp_path / "a_events.tsv"))).recording.subject == expected


@pytest.mark.parametrize(
    ("reason", "expected"),
    [("synthetic cramp", True), ("Synthetic", True), ("calf tight", False), ("n/a", False)],
)
def test_a_truth_that_calls_itself_synthetic_is(tmp_path: Path, reason: str, *, expected: bool) -> None:
    assert (
        load(one_pair(tmp_path, f"5\t30\ttonic\tcramp\t{reason}", header=f"{HEADER}\treason")).synthetic
        is expected
    )


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(EventFileError, match=r"a_truth\.tsv.* found no trial_type"):
        load(one_pair(tmp_path, header="onset\tduration"))


def test_a_negative_duration_is_refused_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(ScoringError, match=r"a_truth.tsv: tonic at 5 s: expected a duration of 0 s or more"):
        load(one_pair(tmp_path, "5\t-3\ttonic\tcramp"))
