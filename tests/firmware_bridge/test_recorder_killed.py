from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path

import edfio
import numpy as np
import pyedflib
import pytest

from firmware_bridge.recordings import open_recording
from firmware_bridge.samples import SampleBlock
from tests.firmware_bridge.own_nights import INFO

ROOT = Path(__file__).resolve().parents[2]
CHILD = """
import sys
from pathlib import Path
from firmware_bridge.samples import Gap, Mark
from firmware_bridge.recorder import NightRecorder
from tests.firmware_bridge.own_nights import INFO, START, block
night = NightRecorder(Path(sys.argv[1]), INFO, recording_id="killed-1", start=START)
for second in range(1_000_000):
    night.write(Mark(second * 1000, "cue", f"number {second}"))
    if second % 5 == 4:
        night.write(block(second * 1000, 600))
        night.write(Gap(second * 1000 + 600, 400, "lost frames"))
    else:
        night.write(block(second * 1000, 1000))
    print(second, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [1, 7, 23, 300])
def test_a_killed_recorder_leaves_a_valid_file_up_to_its_last_second(tmp_path: Path, seconds: int) -> None:
    path = tmp_path / "killed.edf"
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path)], stdout=subprocess.PIPE, cwd=ROOT
    ) as child:
        assert child.stdout is not None
        for _ in range(seconds):
            child.stdout.readline()
        child.kill()
        said = seconds + len(child.stdout.read().split())
    recording = open_recording(path)
    # The last record may be on disk without having been said.
    assert said <= (path.stat().st_size - 6 * 256) // 2856 <= said + 1
    assert recording.recording_id == "killed-1"
    assert recording.info == INFO
    whole = recording.samples // 1000
    assert said - 1 <= whole <= said + 1
    assert [mark.text for mark in recording.annotations][:whole] == [f"number {i}" for i in range(whole)]
    assert len(recording.gaps) == recording.samples // 5000
    for item in recording.items():
        if isinstance(item, SampleBlock):
            assert (item.emg_counts[:, 0] == np.arange(item.first_index, item.end_index) % 20_000).all()
    _others_read_it_too(path, recording.samples)


def _others_read_it_too(path: Path, samples: int) -> None:
    with warnings.catch_warnings():
        # Where the kill fell between append and patch, edfio says that it corrects the count.
        warnings.simplefilter("ignore", UserWarning)
        edf = edfio.read_edf(path)
    assert edf.num_data_records * 1000 >= samples
    assert {f"cue: number {i}" for i in range(samples // 1000)} <= {note.text for note in edf.annotations}
    with pyedflib.EdfReader(str(path)) as reader:
        assert reader.datarecords_in_file in {edf.num_data_records, edf.num_data_records - 1}
        digital = reader.readSignal(0, digital=True)
    assert np.array_equal(digital, edf.signals[0].digital[: len(digital)])
