"""A short recorded night."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from firmware_bridge.recorder import NightRecorder
from firmware_bridge.samples import SampleBlock, Scale, SensorInfo

NIGHT = "2026-11-21_left-calf"
START = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
SECONDS = 30
INFO = SensorInfo(
    "left-calf",
    1000,
    100,
    ("left-calf",),
    (Scale(-32767, 32767, -3276.7, 3276.7, "uV"),),
    Scale(-32767, 32767, -16.0, 16.0, "g"),
)


def record_night(nights: Path) -> Path:
    """Record half a minute of noise, and return the file."""
    folder = nights / NIGHT
    folder.mkdir(parents=True)
    rng = np.random.default_rng(1)
    emg = rng.integers(-300, 300, (SECONDS * 1000, 1), dtype=np.int16)
    acc = rng.integers(-20, 20, (SECONDS * 100, 3), dtype=np.int16)
    with NightRecorder(folder / "signal.edf", INFO, recording_id="rec", start=START) as recorder:
        recorder.write(SampleBlock(INFO, 0, emg, acc))
    return folder / "signal.edf"
