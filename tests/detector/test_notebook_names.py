"""What a notebook asks for by name is the street itself, and costs nothing until it is asked for."""

from __future__ import annotations

import doctest
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

import detector
from crampwatch.channel_flags import ChannelFlags
from crampwatch.replay.one import How, Job, replay_one
from crampwatch.replay.program import program_here
from crampwatch.replay.span import Span
from detector import detecting, moment_tables
from detector.classifier import CLASSES
from detector.event_files import COLUMNS, read_events, write_rows
from detector.features import FEATURE_NAMES
from detector.filters import Signal
from detector.trust import Trust
from detector.types import Contraction, Levels, SignalQuality
from firmware_bridge.recorder import NightRecorder
from firmware_bridge.recordings import Recording
from models.synthesis import PlannedEvent, simulate_night

SCENE = [PlannedEvent(80.0, "cramp", 20.0), PlannedEvent(115.0, "clonic", 10.0)]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    night = simulate_night(0.04, seed=11, scene=SCENE)
    path = tmp_path_factory.mktemp("night") / "night.edf"
    with NightRecorder(path, night.info, recording_id=night.recording_id, start=night.start) as recorder:
        for item in night.items():
            recorder.write(item)
    return detector.open_recording(path)


class Overheard:
    """The shipped model, and what the street asks it."""

    def __init__(self) -> None:
        self._model = detector.load_model()
        self.name = self._model.name
        self.trust: Trust = self._model.trust
        self.asked: list[Signal] = []
        self.said: list[Signal] = []

    def probabilities(self, features: Signal) -> Signal:
        self.asked.append(features)
        self.said.append(self._model.probabilities(features))
        return self.said[-1]


def test_what_is_detected_is_what_the_command_writes(recording: Recording, tmp_path: Path) -> None:
    how = How(tmp_path, float("inf"), "file", ChannelFlags(), Span(), force=False, program=program_here())
    outcome = replay_one(Job(1, recording.path, Path("night"), 0, how))
    assert outcome.error == ""
    rows = detector.detect(recording.path)
    write_rows(tmp_path / "mine.tsv", rows)
    theirs = read_events(tmp_path / "night_events.tsv")
    assert [one.trial_type for one in theirs].count("tonic") == 1
    mine = read_events(tmp_path / "mine.tsv")
    assert [(m.onset_s, m.duration_s, m.reason, m.confidence) for m in mine] == [
        (t.onset_s, t.duration_s, t.reason, t.confidence) for t in theirs
    ]


def test_rows_are_a_data_frame_with_the_columns_of_bids_first(recording: Recording) -> None:
    frame = pd.DataFrame(detector.detect(recording))
    assert list(frame.columns) == [column.name for column in COLUMNS]
    assert list(frame.columns[:3]) == ["onset", "duration", "trial_type"]
    assert frame["onset"].is_monotonic_increasing
    assert (frame["alert"] == "cramp").sum() == 1


def test_features_and_probabilities_are_those_the_street_judges_by(recording: Recording) -> None:
    model = Overheard()
    for _ in detector.listen(recording, model=model):
        pass
    table = detector.features_of(recording)
    assert table.names == FEATURE_NAMES
    assert np.array_equal(table.values, np.concatenate(model.asked), equal_nan=True)
    chances = detector.probabilities_of(recording, model=model)
    assert chances.names == CLASSES
    assert np.array_equal(chances.values, np.concatenate(model.said[: len(model.asked) - 1]))
    assert np.array_equal(chances.times_s, table.times_s)


def test_a_table_of_moments_is_read_only_ordered_and_goes_into_pandas(recording: Recording) -> None:
    table = detector.features_of(recording)
    assert all(early < late for early, late in pairwise(table.times_s.tolist()))
    assert table.times_s[-1] <= recording.duration_s + 1
    frame = pd.DataFrame(table.structured())
    assert list(frame.columns) == ["time_s", "site", *FEATURE_NAMES]
    assert set(frame["site"]) == set(recording.info.sites)
    with pytest.raises(ValueError, match="read-only"):
        table.values[0, 0] = 1.0
    with pytest.raises(KeyError, match="expected one of times_resting"):
        table.column("fatigue")


def test_a_recording_at_rest_has_no_moments() -> None:
    table = detector.features_of(simulate_night(0.02, seed=3, scene=[]))
    assert table.values.shape == (len(table), len(FEATURE_NAMES))
    assert len(table) < 200


def test_listening_gives_revisions_and_quality_and_levels_if_asked_for(recording: Recording) -> None:
    kinds = {type(item) for item in detector.listen(recording)}
    assert kinds == {Contraction, SignalQuality}
    with_levels = detector.listen(recording, settings=detector.DetectorSettings())
    assert any(isinstance(item, Levels) for item in with_levels)


def test_listening_reads_no_further_than_it_has_to() -> None:
    class Endless:
        night = simulate_night(0.02, seed=3, scene=[])
        info = night.info
        recording_id = "endless"

        def items(self) -> Iterator[object]:
            yield from self.night.items()
            pytest.fail("the whole recording was read before anything was said")

    assert isinstance(next(iter(detector.listen(Endless()))), SignalQuality)  # type: ignore[arg-type]


def test_every_name_that_is_offered_is_there_and_another_is_refused() -> None:
    assert {name for name in detector.__all__ if not callable(getattr(detector, name))} == set()
    assert set(detector.__all__) <= set(dir(detector))
    with pytest.raises(AttributeError, match="no attribute 'detekt'"):
        _ = detector.detekt


def test_naming_the_package_brings_no_heavy_library() -> None:
    script = "import sys, detector; print(*{'numpy', 'scipy', 'sklearn'} & set(sys.modules))"
    outcome = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert outcome.stdout.strip() == ""


@pytest.mark.parametrize("module", [detecting, moment_tables], ids=lambda module: module.__name__)
def test_the_examples_in_the_docstrings_run(module: ModuleType) -> None:
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0
