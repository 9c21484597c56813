from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from firmware_bridge.recordings import open_recording
from firmware_bridge.samples import SampleBlock

MIB = 1 << 20


@pytest.mark.slow
def test_a_file_far_larger_than_the_memory_it_takes_is_opened_and_read(tmp_path: Path) -> None:
    path = tmp_path / "night.npy"
    samples, channels = 3_600_000, 16
    file = np.lib.format.open_memmap(path, "w+", np.int16, (samples, channels))
    noise = np.random.default_rng(1).normal(0, 20, (1000, channels)).astype(np.int16)
    file.reshape(-1, 1000, channels)[:] = noise
    file.flush()
    del file

    tracemalloc.start()
    recording = open_recording(path, rate_hz=2000.0, emg=["2"], emg_unit="uV")
    blocks = recording.items(block_s=60.0, start_s=1700.0)
    read = sum(block.samples for block in blocks if isinstance(block, SampleBlock))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert path.stat().st_size > 100 * MIB
    assert (recording.samples, read) == (samples, 200_000)
    assert peak < 16 * MIB
