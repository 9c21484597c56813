"""All of a recording read as a night's replay reads it, within bounds."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from firmware_bridge.formats.montage import Montage
from firmware_bridge.recordings import Recording, open_recording
from firmware_bridge.samples import SampleBlock

# Enough to have been everywhere in such a small file.
_MOST_ITEMS = 500


def read_all(path: Path, rate_hz: float | None = None, montage: Montage | None = None) -> Recording:
    """Open a recording, and read its stream and a window of it."""
    recording = open_recording(path, rate_hz=rate_hz, montage=montage)
    for item in islice(recording.items(block_s=0.5), _MOST_ITEMS):
        if isinstance(item, SampleBlock):
            item.emg_uv.sum()
            item.acc_g.sum()
    recording.window(0.0, min(recording.duration_s, 5.0))
    return recording
