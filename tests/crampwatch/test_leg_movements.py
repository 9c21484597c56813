"""`crampwatch leg-movements`: a recording through the published rules."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from crampwatch.channel_flags import ChannelFlags
from crampwatch.leg_movements import LegMovementsRequest, envelope_of, leg_movements, summary_of
from detector.leg_movements import WASM_2016
from detector.pipeline import Pipeline
from detector.types import SignalQuality
from firmware_bridge.recorder import NightRecorder
from firmware_bridge.recordings import open_recording
from tests.detector.signals import Scene

# Six movements of 2 s, 25 s apart, and one alone.
ONSETS_S = (30.0, 55.0, 80.0, 105.0, 130.0, 155.0, 300.0)
SCENE = Scene(330.0, amplitude_uv=[(onset, onset + 2.0, 60.0) for onset in ONSETS_S])


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("legs") / "legs.edf"
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with NightRecorder(path, SCENE.info, recording_id="legs", start=start) as recorder:
        recorder.write(SCENE.block())
    return path


def test_a_series_and_what_stands_alone_are_told_apart(night: Path) -> None:
    found = summary_of(open_recording(night), WASM_2016)
    assert [round(one.onset_s) for one in found.movements] == list(ONSETS_S)
    assert all(1.8 <= one.duration_s <= 2.4 for one in found.movements)
    assert (found.plm, len(found.series), found.isolated) == (6, 1, 1)
    assert found.monitored_h == pytest.approx(330.0 / 3600.0, rel=0.02)


@pytest.mark.parametrize(("standard", "name"), [("wasm", "WASM 2016"), ("aasm", "AASM")])
def test_both_standards_print_their_name_and_the_rate(
    night: Path, standard: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert leg_movements(LegMovementsRequest((night,), standard, ChannelFlags())) == 0
    said = capsys.readouterr().out
    assert name in said
    assert "6, 65" in said
    assert "tibialis anterior" in said


def test_json_holds_every_series(night: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert leg_movements(LegMovementsRequest((night,), "wasm", ChannelFlags(), json=True)) == 0
    [entry] = json.loads(capsys.readouterr().out)
    [series] = entry["series"]
    assert series["movements"] == 6
    assert series["intervals_s"] == pytest.approx([25.0] * 5, abs=0.2)


def test_an_unreadable_second_hides_its_movement() -> None:
    pipeline = Pipeline(SCENE.info, recording_id="r")
    block = SCENE.block()
    items = [*pipeline.feed(block), *pipeline.finish()]
    spoilt = [
        one._replace(flags=("flat",)) if isinstance(one, SignalQuality) and one.first_index == 55_000 else one
        for one in items
    ]
    whole, holed = (envelope_of(some, SCENE.info, block.samples, 0) for some in (items, spoilt))
    missing = np.isnan(np.asarray(holed.values_uv)) & ~np.isnan(np.asarray(whole.values_uv))
    assert np.flatnonzero(missing).tolist() == list(range(55 * 20, 56 * 20))


def test_nothing_gives_an_empty_envelope() -> None:
    assert envelope_of([], SCENE.info, 0, 0).duration_s == 0.0
