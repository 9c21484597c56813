"""What the wearer's skin would put on the pins: signals in µV and g as counts of a board's converters."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from firmware_bridge.recordings import open_recording
from firmware_bridge.samples import SampleBlock, Scale, StreamItem

Floats = npt.NDArray[np.float32]
Counts = npt.NDArray[np.int16]


def through_converter(physical: Floats, scale: Scale) -> Counts:
    """Return the nearest counts that a converter with this scale can give; what is beyond its rails is at them."""
    counts: Floats = np.rint((physical - scale.bias) / scale.gain)
    return np.clip(counts, scale.digital_min, scale.digital_max).astype(np.int16)


def signals_of(items: Iterable[StreamItem]) -> tuple[Floats, Floats]:
    """Return EMG in µV, ``[n, channel]``, and acceleration in g, ``[m, 3]``, of a stream without its holes."""
    blocks = [item for item in items if isinstance(item, SampleBlock)]
    return np.concatenate([b.emg_uv for b in blocks]), np.concatenate([b.acc_g for b in blocks])


def signals_of_recording(path: Path) -> tuple[Floats, Floats]:
    """Return the signals of an EDF or BDF file, to be played into a board's pins."""
    return signals_of(open_recording(path).items())
