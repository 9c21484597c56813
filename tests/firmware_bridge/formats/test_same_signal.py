"""The same signal in every format, through the whole detector, gives the same events."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from scipy.signal import butter, sosfilt

from detector.pipeline import Pipeline
from detector.types import Contraction
from firmware_bridge.formats.montage import Montage, MontageChannel
from firmware_bridge.recordings import Recording, open_recording
from tests.firmware_bridge.formats.sample_files import OWN, RATE_HZ, UNITS, SampleFile
from tests.firmware_bridge.formats.sample_files_more import MORE


@cache
def _night() -> npt.NDArray[np.float64]:
    """Fifty seconds: a still leg that tightens for 20 s. Synthetic, and no more than a signal to find."""
    rng = np.random.default_rng(11)
    samples = int(50 * RATE_HZ)
    muscle = sosfilt(butter(2, (30, 150), "bandpass", fs=RATE_HZ, output="sos"), rng.normal(0, 1, samples))
    tight = np.interp(np.arange(samples) / RATE_HZ, [20, 20.5, 40, 40.5], [2.0, 90.0, 90.0, 2.0])
    acc = rng.normal((0.02, -0.1, 0.99), 0.002, (samples, 3))
    table = np.column_stack([np.round(muscle / muscle.std() * tight, 3), np.round(acc, 5)])
    table.flags.writeable = False
    return table


def _montage(sample: SampleFile) -> Montage:
    """What has to be said about a file without labels, or without units."""
    numbers = [str(number) for number in sample.numbers]
    says_g = sample.units[1:] == UNITS[1:]
    return Montage(
        emg=(MontageChannel(numbers[0], "calf", None if sample.units else "uV"),),
        acc=tuple(numbers[1:]),
        acc_unit=None if says_g else "g",
        rate_hz=sample.hints.rate_hz,
        read=sample.hints.options,
    )


def _verdicts(recording: Recording) -> list[tuple[str, str, str, float, float]]:
    pipeline = Pipeline(recording.info, recording_id="one")
    found: dict[str, Contraction] = {}
    for items in (*map(pipeline.feed, recording.items()), pipeline.finish()):
        found |= {item.id: item for item in items if isinstance(item, Contraction)}
    rate_hz = recording.info.emg_rate_hz
    return [
        (one.kind, one.alert, one.site, one.onset_index / rate_hz, (one.offset_index or 0) / rate_hz)
        for one in found.values()
    ]


# Kind, verdict, site; then onset and offset in seconds, as the signal was made.
MADE = ("tonic", "cramp", "calf"), (20.0, 40.5)


@pytest.mark.parametrize("sample", [*OWN, *MORE], ids=lambda sample: sample.name)
def test_the_same_signal_in_every_format_gives_the_same_events(sample: SampleFile, tmp_path: Path) -> None:
    recording = open_recording(sample.write(tmp_path, _night()), montage=_montage(sample))

    (verdict,) = _verdicts(recording)

    assert verdict[:3] == MADE[0]
    assert verdict[3:] == pytest.approx(MADE[1], abs=0.75)
    assert recording.info.emg_rate_hz == RATE_HZ
    assert recording.duration_s == pytest.approx(50.0, abs=0.1)
