"""A column of times is found by its name in the languages whose programs write decimal commas."""

from pathlib import Path

import pytest

from firmware_bridge.recordings import open_recording


@pytest.mark.parametrize("word", ["Zeit (ms)", "Temps [ms]", "tiempo_ms", "Tempo", "Tijd (ms)"])
def test_times_are_found_beside_decimal_commas(tmp_path: Path, word: str) -> None:
    path = tmp_path / "night.csv"
    rows = (f"{i};0,0{i % 7}1" for i in range(2000))
    path.write_text(f"{word};EMG (mV)\n" + "\n".join(rows) + "\n")
    recording = open_recording(path)
    assert recording.info.emg_rate_hz == pytest.approx(1000.0)
    assert recording.duration_s == pytest.approx(2.0)
