"""Other people's programs read our nights: edfio, and pyedflib, which is the strictest."""

from __future__ import annotations

import warnings
from pathlib import Path

import edfio
import numpy as np
import pyedflib
import pytest

from firmware_bridge.recorder import NightRecorder
from firmware_bridge.samples import Gap, Mark, StreamItem
from tests.firmware_bridge.own_nights import INFO, START, block, record


def _night(path: Path) -> Path:
    items: list[StreamItem] = [
        block(0, 200),
        Mark(200, "cue", "steady", 0.5),
        block(200, 800),
        Gap(1000, 500, "lost frames"),
        Mark(1500, "event", "Wade fest: 12 s, 6 × Ruhe — 足"),
        block(1500, 1490),
        Mark(2990, "note", "a\nb\x14c"),
    ]
    record(path, items)
    return path


def test_edfio_reads_everything_without_a_warning(tmp_path: Path) -> None:
    edf = edfio.read_edf(_night(tmp_path / "night.edf"))
    assert [signal.label for signal in edf.signals] == ["EMG left-calf", "ACC X", "ACC Y", "ACC Z"]
    assert [signal.physical_dimension for signal in edf.signals] == ["uV", "g", "g", "g"]
    assert edf.signals[0].prefiltering == "HP:20Hz LP:450Hz"
    assert edf.signals[0].transducer_type == "surface EMG, site left-calf, sensor left-calf"
    assert (edf.startdate, edf.starttime) == (START.date(), START.time())
    assert edf.recording.hospital_administration_code == "left-calf-1"
    assert edf.recording.equipment_code == "crampwatch"
    expected = block(0, 1000).emg_uv[:, 0]
    assert edf.signals[0].data[:1000] == pytest.approx(expected, abs=1e-3)
    assert (edf.signals[0].digital[1000:1500] == -32768).all()
    texts = [(a.onset, a.duration, a.text) for a in edf.annotations]
    assert texts[1:] == [
        (0.2, 0.5, "cue: steady"),
        (1.0, 0.5, "gap: lost frames"),
        (1.5, None, "event: Wade fest: 12 s, 6 × Ruhe — 足"),
        (2.99, None, "end"),
        (2.99, None, "note: a\\x0ab\\x14c"),
    ]


def test_pyedflib_reads_everything(tmp_path: Path) -> None:
    with pyedflib.EdfReader(str(_night(tmp_path / "night.edf"))) as edf:
        assert edf.datarecords_in_file == 3
        assert edf.getSignalLabels() == ["EMG left-calf", "ACC X", "ACC Y", "ACC Z"]
        assert edf.getStartdatetime().replace(microsecond=0) == START.replace(microsecond=0, tzinfo=None)
        digital = edf.readSignal(0, digital=True)
        onsets, durations, texts = edf.readAnnotations()
    assert digital[:1000].tolist() == block(0, 1000).emg_counts[:, 0].tolist()
    assert (digital[1000:1500] == -32768).all()
    noted = dict(zip(texts, onsets, strict=True))
    assert noted["cue: steady"] == pytest.approx(0.2)
    assert noted["gap: lost frames"] == pytest.approx(1.0)
    assert durations[list(texts).index("cue: steady")] == pytest.approx(0.5)


@pytest.mark.parametrize(("counted", "torn"), [(4, 0), (5, 0), (5, 1000), (4, 2855)])
def test_a_night_caught_at_any_moment_of_a_write_opens_everywhere(
    tmp_path: Path, counted: int, torn: int
) -> None:
    """Killed between append and patch (one record not yet counted), or inside the write (a part of a record)."""
    path = tmp_path / "night.edf"
    with NightRecorder(path, INFO, recording_id="x", start=START) as night:
        night.write(block(0, 5000))
        raw = bytearray(path.read_bytes())
    raw[236:244] = str(counted).encode().ljust(8)
    path.write_bytes(raw + b"\x07" * torn)
    with warnings.catch_warnings():
        # edfio says that it corrects the count, and that it drops the torn record.
        warnings.simplefilter("ignore", UserWarning)
        edf = edfio.read_edf(path)
    assert edf.num_data_records == 5
    assert np.array_equal(edf.signals[0].digital, block(0, 5000).emg_counts[:, 0])
    with pyedflib.EdfReader(str(path)) as reader:
        assert reader.datarecords_in_file == counted
        assert (
            reader.readSignal(0, digital=True).tolist() == block(0, counted * 1000).emg_counts[:, 0].tolist()
        )
