"""Every real recording in ../shared/data opens, is read whole, and survives being recorded again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import edfio
import numpy as np
import pytest

from firmware_bridge.recorder import NightRecorder
from firmware_bridge.recordings import open_recording
from firmware_bridge.samples import SampleBlock
from tests.conftest import SHARED_DATA
from tests.firmware_bridge.foreign_edf import emg_counts

FILES = sorted(SHARED_DATA.glob("*/*.edf"))
pytestmark = pytest.mark.shared_data


def test_there_are_recordings_to_read(shared_data: Path) -> None:
    assert len(list(shared_data.glob("*/*.edf"))) > 50


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_real_recording_is_read_as_edfio_reads_it(path: Path) -> None:
    recording = open_recording(path)
    reference = edfio.read_edf(path)
    (signal,) = [s for s in reference.signals if _site(s.label) == recording.info.sites[0]]
    counts = emg_counts(recording.items(block_s=7.0))
    assert np.array_equal(counts[:, 0], signal.digital)
    assert recording.samples == len(signal.digital)
    assert recording.start is None
    assert recording.info.emg_scales[0].unit == ("uV" if signal.physical_dimension else "count")
    blocks = [item for item in recording.items() if isinstance(item, SampleBlock)]
    physical = np.concatenate([block.emg_uv[:, 0] for block in blocks])
    assert np.allclose(physical, signal.data, rtol=1e-5, atol=1e-2)


@pytest.mark.parametrize("folder", ["plux", "quiet", "walking", "amplifier_trouble"])
def test_a_real_recording_recorded_again_gives_the_same_counts(folder: str, tmp_path: Path) -> None:
    for path in (path for path in FILES if path.parent.name == folder):
        first = open_recording(path)
        copy = tmp_path / path.name
        with NightRecorder(
            copy, first.info, recording_id="copy", start=datetime(2026, 5, 2, tzinfo=UTC)
        ) as night:
            for item in first.items(block_s=0.3):
                night.write(item)
        second = open_recording(copy)
        assert second.info == first.info
        assert second.samples == first.samples
        assert np.array_equal(emg_counts(second.items()), emg_counts(first.items()))


def test_the_calf_is_chosen_among_leg_muscles(shared_data: Path) -> None:
    recording = open_recording(shared_data / "walking" / "treadmill_calf.edf")
    assert recording.info.sites == ("gastroc-med",)
    assert "taken of 4" in recording.warnings[0]


def test_a_250_hz_recording_is_just_fast_enough_and_brings_its_acceleration(shared_data: Path) -> None:
    info = open_recording(shared_data / "amplifier_trouble" / "hum_and_jaw_clench.edf").info
    assert (info.emg_rate_hz, info.acc_rate_hz) == (250.0, 250.0)


def _site(label: str) -> str:
    return label.lower().removeprefix("emg ").replace(" ", "-")
