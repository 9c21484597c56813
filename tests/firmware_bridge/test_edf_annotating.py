"""A copy with annotations: samples to the bit, what was noted before, and what was added, for every reader."""

from __future__ import annotations

from pathlib import Path

import edfio
import mne
import numpy as np
import pyedflib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.edf_annotating import AnnotatingError, write_annotated
from firmware_bridge.edf_annotations import Annotation
from firmware_bridge.recorded_edf import open_file
from firmware_bridge.recorded_log import read_log
from firmware_bridge.recordings import Recording, open_recording
from firmware_bridge.samples import Gap, Mark, SampleBlock
from tests.firmware_bridge.foreign_edf import ForeignFile, acceleration, emg, emg_counts, record_time, tal
from tests.firmware_bridge.own_nights import block, record

ADDED = [
    Annotation(0.5, 1.25, "tonic cramp"),
    Annotation(2.0, None, "leg_movement"),
    Annotation(2.1, 0.5, "µV"),
]
SIGNALS = [emg(), *acceleration()]
FILES = {
    "EDF": ForeignFile(SIGNALS, fixed={"patient": "Müller, Anna", "recording": "sleep lab 3"}),
    "BDF": ForeignFile(SIGNALS, bits=24),
    "EDF+C": ForeignFile(
        SIGNALS,
        notes=[record_time("+0", tal("+0.25", "lights off")), record_time("+1"), record_time("+2")],
        plus="EDF+C",
    ),
    "BDF+C": ForeignFile(SIGNALS, notes=[record_time(f"+{n}") for n in range(3)], bits=24, plus="BDF+C"),
    "EDF+D": ForeignFile(SIGNALS, notes=[record_time(f"+{t}") for t in (0, 1, 7)], plus="EDF+D"),
}


def written(path: Path, kind: str) -> Path:
    return FILES[kind].write(path / f"night.{kind[:3].lower()}")


def texts(path: Path) -> list[Annotation]:
    return list(read_log(open_file(path)).annotations)


def samples(recording: Recording) -> object:
    """Everything of a stream that is no note, however it is cut."""
    items = list(recording.items())
    blocks = [item for item in items if isinstance(item, SampleBlock)]
    return (
        [(one.first_index, one.missing) for one in items if isinstance(one, Gap)],
        np.concatenate([block.emg_counts for block in blocks]).tolist(),
        np.concatenate([block.acc_counts for block in blocks]).tolist(),
    )


@pytest.mark.parametrize("kind", FILES)
def test_samples_and_old_notes_stay_and_new_ones_are_there(tmp_path: Path, kind: str) -> None:
    source = written(tmp_path, kind)
    before = source.read_bytes()
    target = tmp_path / f"copy{source.suffix}"
    write_annotated(source, target, ADDED)
    assert source.read_bytes() == before
    assert samples(open_recording(target)) == samples(open_recording(source))
    assert sorted(texts(target)) == sorted([*texts(source), *ADDED])
    assert open_file(target).header.kind == (kind if "+" in kind else f"{kind}+C")
    assert oct(target.stat().st_mode & 0o777) == "0o600"


def test_our_own_night_replays_as_before_its_long_notes_whole(tmp_path: Path) -> None:
    long = Mark(500, "note", "a remark that does not end " * 12)
    source = tmp_path / "signal.edf"
    night = record(source, [block(0, 2000), long, Gap(2000, 1000, "link down"), block(3000, 2000)])
    target = tmp_path / "copy.edf"
    write_annotated(source, target, [Annotation(second / 4, 0.1, "tonic") for second in range(19)])
    copy = open_recording(target)
    assert (copy.recording_id, copy.info, copy.start, copy.warnings) == (
        night.recording_id,
        night.info,
        night.start,
        night.warnings,
    )
    assert samples(copy) == samples(night)
    assert [mark for mark in copy.annotations if mark.text == long.text]
    assert sum(mark == Mark(mark.index, "note", "tonic", 0.1) for mark in copy.annotations) == 19


def test_mne_edfio_and_pyedflib_show_them_with_onset_and_duration(tmp_path: Path) -> None:
    source = written(tmp_path, "EDF")
    target = tmp_path / "copy.edf"
    write_annotated(source, target, ADDED)
    expected = [(0.5, 1.25, "tonic cramp"), (2.0, 0.0, "leg_movement"), (2.1, 0.5, "µV")]
    by_mne = mne.read_annotations(target)
    assert [(a["onset"], a["duration"], a["description"]) for a in by_mne] == expected
    raw = mne.io.read_raw_edf(target, verbose="error")
    assert [str(text) for text in raw.annotations.description] == [text for _, _, text in expected]
    by_edfio = edfio.read_edf(target)
    assert [(a.onset, a.duration or 0.0, a.text) for a in by_edfio.annotations] == expected
    assert np.array_equal(by_edfio.signals[0].digital, emg_counts(open_recording(source).items())[:, 0])
    with pyedflib.EdfReader(str(target)) as reader:
        onsets, _, by_pyedflib = reader.readAnnotations()
        assert list(zip(onsets, by_pyedflib, strict=True)) == [(onset, text) for onset, _, text in expected]
        assert reader.getStartdatetime().year == 2026


@settings(max_examples=40)
@given(
    added=st.lists(
        st.builds(
            Annotation,
            st.floats(0, 1e4).map(lambda seconds: round(seconds, 3)),
            st.floats(0.001, 1e3).map(lambda seconds: round(seconds, 3)),
            st.text(st.characters(blacklist_categories=("C", "Z")), min_size=1, max_size=80),
        ),
        max_size=60,
    )
)
def test_any_annotations_come_back(tmp_path_factory: pytest.TempPathFactory, added: list[Annotation]) -> None:
    folder = tmp_path_factory.mktemp("any")
    source = ForeignFile([emg()]).write(folder / "a.edf")
    write_annotated(source, folder / "b.edf", added)
    assert sorted(texts(folder / "b.edf")) == sorted(added)


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        (Annotation(-1.0, 1.0, "a"), "expected times of 0 s or more"),
        (Annotation(float("nan"), 1.0, "a"), "expected times of 0 s or more"),
        (Annotation(1.0, float("inf"), "a"), "expected times of 0 s or more"),
        (Annotation(1.0, 1.0, "a\x14b"), "without control characters"),
        (Annotation(1.0, 1.0, ""), "without control characters"),
    ],
)
def test_impossible_annotations_are_refused_and_leave_nothing(
    tmp_path: Path, annotation: Annotation, message: str
) -> None:
    source = written(tmp_path, "EDF")
    with pytest.raises(AnnotatingError, match=message):
        write_annotated(source, tmp_path / "copy.edf", [annotation])
    assert list(tmp_path.iterdir()) == [source]


def test_a_copy_is_not_overwritten_unasked_and_the_recording_never(tmp_path: Path) -> None:
    source = written(tmp_path, "EDF")
    write_annotated(source, tmp_path / "copy.edf", ADDED)
    with pytest.raises(AnnotatingError, match="is there already"):
        write_annotated(source, tmp_path / "copy.edf", [])
    with pytest.raises(AnnotatingError, match="is there already"):
        write_annotated(source, source, [], force=True)
    write_annotated(source, tmp_path / "copy.edf", [], force=True)
    assert texts(tmp_path / "copy.edf") == []


def test_what_is_no_edf_file_and_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "night.edf").write_text("onset,emg\n0,1\n")
    with pytest.raises(AnnotatingError, match="cannot be copied with annotations"):
        write_annotated(tmp_path / "night.edf", tmp_path / "copy.edf", [])
    with pytest.raises(AnnotatingError, match="cannot be copied with annotations"):
        write_annotated(tmp_path / "gone.edf", tmp_path / "copy.edf", [])
    source = written(tmp_path, "BDF")
    with pytest.raises(AnnotatingError, match=r"expected a name that ends in \.bdf"):
        write_annotated(source, tmp_path / "copy.edf", [])
    with pytest.raises(AnnotatingError, match="cannot be written"):
        write_annotated(source, tmp_path / "nowhere" / "copy.bdf", [])
