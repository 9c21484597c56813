"""A short recorded night: quiet, a cramp in its middle, and a second in which nothing came."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from firmware_bridge.recorder import NightRecorder
from firmware_bridge.samples import Gap, SampleBlock, Scale, SensorInfo

NIGHT = "2026-11-21_left-calf"
START = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
SECONDS = 60
# Seconds of the cramp, and of the gap.
CRAMP, GAP = (20, 40), (50, 51)
QUIET_COUNTS, CRAMP_COUNTS = 30, 1500
INFO = SensorInfo(
    "left-calf",
    1000,
    100,
    ("left-calf",),
    (Scale(-32767, 32767, -3276.7, 3276.7, "uV"),),
    Scale(-32767, 32767, -16.0, 16.0, "g"),
)


def record_night(nights: Path, name: str = NIGHT, file: str = "signal.edf", later_s: float = 0.0) -> Path:
    """Record a minute of noise, stronger during the cramp, and return the file."""
    folder = nights / name
    folder.mkdir(parents=True, exist_ok=True)
    start, recording_id = START + timedelta(seconds=later_s), "rec" if not later_s else f"rec-{later_s:.0f}"
    rng = np.random.default_rng(1)
    emg = rng.normal(0, QUIET_COUNTS, SECONDS * 1000)
    emg[CRAMP[0] * 1000 : CRAMP[1] * 1000] *= CRAMP_COUNTS / QUIET_COUNTS
    counts = emg.astype(np.int16)[:, None]
    acc = rng.integers(-20, 20, (SECONDS * 100, 3), dtype=np.int16) + np.array([0, 0, 2000], np.int16)
    with NightRecorder(folder / file, INFO, recording_id=recording_id, start=start) as recorder:
        first, last = (second * 1000 for second in GAP)
        recorder.write(SampleBlock(INFO, 0, counts[:first], acc[: first // 10]))
        recorder.write(Gap(first, last - first, "link down"))
        recorder.write(SampleBlock(INFO, last, counts[last:], acc[last // 10 :]))
    return folder / file
