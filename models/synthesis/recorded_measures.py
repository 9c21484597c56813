"""The same measures of real recordings: holds, walking, bursts and quiet muscles, to hold the simulator against.

None of them is a cramp: no recording of one is publicly available under a clear licence.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import signal

from firmware_bridge.recordings import open_recording
from firmware_bridge.samples import SampleBlock
from models.synthesis.errors import SynthesisError
from models.synthesis.measures import Measures
from models.synthesis.motor_units import Reals

# What the folders beside a checkout hold: heading, and the files under it.
COLLECTIONS: Mapping[str, str] = {
    "real holds (tibialis, aged 64–82)": "isometric_leg/*_tibialis_hold.edf",
    "real low activity (vastus)": "isometric_leg/*_vastus_low.edf",
    "real walking (calf, treadmill)": "walking/*.edf",
    "real bursts (forearm)": "plux/emg_bursts.edf",
    "real quiet muscles": "quiet/*.edf",
}
# Band that is measured, Hz, as far as the rate allows: the synthetic sensor's.
BAND_HZ = (20.0, 450.0)
HIGHEST_CORNER = 0.45


@dataclass(frozen=True, slots=True)
class Recorded:
    """Real recordings of one kind: their measures, and the seconds of real data behind them."""

    name: str
    measures: tuple[Measures, ...]
    seconds: float


def measure_recordings(folder: Path) -> list[Recorded]:
    """Return the measures of every collection that is in a folder.

    Raises:
        SynthesisError: none is.
        RecordingError: a file cannot be read.
    """
    found = []
    for name, pattern in COLLECTIONS.items():
        stretches = [band_passed(path) for path in sorted(folder.glob(pattern))]
        if stretches:
            seconds = sum(len(values) / rate_hz for values, rate_hz in stretches)
            found.append(Recorded(name, tuple(Measures.of(*stretch) for stretch in stretches), seconds))
    if not found:
        patterns = ", ".join(COLLECTIONS.values())
        raise SynthesisError(f"{folder}: expected recordings such as {patterns}; found none")
    return found


def band_passed(path: Path) -> tuple[Reals, float]:
    """Return a recording's first EMG channel in µV within the band, and its rate.

    Raises:
        RecordingError: it cannot be read.
    """
    recording = open_recording(path)
    rate_hz = recording.info.emg_rate_hz
    blocks = [item.emg_uv[:, 0] for item in recording.items() if isinstance(item, SampleBlock)]
    values = np.concatenate(blocks).astype(np.float64)
    low, high = BAND_HZ
    corners = [low, min(high, HIGHEST_CORNER * rate_hz)]
    sections = signal.butter(2, corners, "bandpass", fs=rate_hz, output="sos")
    return np.asarray(signal.sosfiltfilt(sections, values - values.mean()), np.float64), rate_hz
