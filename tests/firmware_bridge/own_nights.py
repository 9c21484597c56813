"""Nights that the project's own recorder writes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np

from firmware_bridge.recorder import NightRecorder
from firmware_bridge.recordings import Recording, open_recording
from firmware_bridge.samples import SampleBlock, Scale, SensorInfo, StreamItem

START = datetime(2026, 5, 2, 23, 4, 5, 250_000, timezone(timedelta(hours=2)))
INFO = SensorInfo(
    sensor_id="left-calf",
    emg_rate_hz=1000.0,
    acc_rate_hz=100.0,
    sites=("left-calf",),
    emg_scales=(Scale(-32767, 32767, -1638.35, 1638.35, "uV"),),
    acc_scale=Scale(-16000, 16000, -16.0, 16.0, "g"),
    firmware="1.2 beta",
    hardware_id="AB12-34",
    boot_id=77,
    prefilter="HP:20Hz LP:450Hz",
)


def block(first: int, samples: int, info: SensorInfo = INFO) -> SampleBlock:
    emg = (np.arange(first, first + samples) % 20_000).astype(np.int16)[:, None]
    triples = samples // info.acc_ratio if info.acc_scale else 0
    acc = (np.arange(3 * triples) % 1000).astype(np.int16).reshape(-1, 3)
    return SampleBlock(info, first, np.repeat(emg, len(info.sites), axis=1), acc)


def record(
    path: Path, items: Iterable[StreamItem], info: SensorInfo = INFO, *, overwrite: bool = False
) -> Recording:
    with NightRecorder(path, info, recording_id="left-calf-1", start=START, overwrite=overwrite) as night:
        for item in items:
            night.write(item)
    return open_recording(path)
