"""Files of columns open as the same `Recording` that an EDF file is, whatever their format."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.formats.columns import Column, ColumnRun, TextNote
from firmware_bridge.formats.montage import Montage, MontageChannel
from firmware_bridge.recorded_table import open_table
from firmware_bridge.recordings import (
    Recording,
    open_recording,
)
from firmware_bridge.samples import Gap, SampleBlock
from tests.firmware_bridge.foreign_edf import ForeignFile, acceleration, emg
from tests.firmware_bridge.written_columns import noise, npz


def _counts(
    recording: Recording, block_s: float, start_s: float = 0.0
) -> list[tuple[int, bytes, bytes] | Gap]:
    """Everything, cut where only a gap or the grid cuts, so that block lengths make no difference."""
    out: list[tuple[int, bytes, bytes] | Gap] = []
    for item in recording.items(block_s, start_s):
        if isinstance(item, SampleBlock):
            last = out[-1] if out and not isinstance(out[-1], Gap) else None
            if last is not None:
                out[-1] = (last[0], last[1] + item.emg_counts.tobytes(), last[2] + item.acc_counts.tobytes())
            else:
                out.append((item.first_index, item.emg_counts.tobytes(), item.acc_counts.tobytes()))
        elif isinstance(item, Gap):
            out.append(item)
    return out


class _Columns:
    """Columns in memory: EMG of one rate, acceleration of another that does not fit it, holes in both."""

    kind = "Columns"
    start: datetime | None = None
    notes: tuple[TextNote, ...] = ()
    warnings: tuple[str, ...] = ()

    def __init__(self, path: Path, rows: list[tuple[Column, npt.NDArray[np.float64]]]) -> None:
        path.write_bytes(b"columns")
        self.path = path
        self.parts: tuple[Path, ...] = (path,)
        self._rows = rows

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(column for column, _ in self._rows)

    def read(self, numbers: Sequence[int], start: int, stop: int) -> npt.NDArray[np.float64]:
        return np.column_stack([self._rows[number - 1][1][start:stop] for number in numbers])


def _opened(path: Path, rows: list[tuple[Column, npt.NDArray[np.float64]]], montage: Montage) -> Recording:
    from firmware_bridge.recordings import _recording

    return _recording(open_table(_Columns(path, rows), montage))


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """EMG at 1259.26 Hz with a hole, acceleration at 148.15 Hz that begins later; brought to 1000 Hz."""
    rng = np.random.default_rng(5)
    emg_hz, acc_hz = 34_000 / 27, 4_000 / 27
    runs = (ColumnRun(0, 20_000, 0.0), ColumnRun(20_000, 17_000, 18.0))
    values = rng.normal(0, 9, 37_000)
    values[5_000:5_040] = np.nan
    late = (ColumnRun(0, 4_500, 0.7),)
    rows = [(Column(1, "EMG calf", "uV", emg_hz, 37_000, runs), values)]
    for i, axis in enumerate("xyz"):
        acc = rng.normal(axis == "z", 0.01, 4_500)
        rows.append((Column(i + 2, f"acc {axis}", "g", acc_hz, 4_500, late), acc))
    path = tmp_path_factory.mktemp("odd") / "night.columns"
    return _opened(path, rows, Montage(resample_hz=1000.0))


def test_odd_rates_come_to_one_axis_and_gaps_stay_gaps(odd: Recording) -> None:
    assert (odd.info.emg_rate_hz, odd.info.acc_ratio) == (1000.0, 7)
    (gap,) = odd.gaps
    assert (gap.first_index, gap.end_index) == pytest.approx((15_883, 18_000), abs=7)
    assert gap.first_index % 7 == gap.missing % 7 == 0
    gaps = [item for item in odd.items() if isinstance(item, Gap)]
    assert len(gaps) == 2
    assert gaps[0].first_index == pytest.approx(5_000 * 27 / 34, abs=60)
    assert any("EMG: brought from 1259.26 Hz to 1000 Hz" in warning for warning in odd.warnings)
    assert any("acceleration: brought from 148.148 Hz" in warning for warning in odd.warnings)


@settings(max_examples=10, deadline=None)
@given(block_s=st.floats(0.1, 40.0))
def test_block_lengths_change_not_one_bit(odd: Recording, block_s: float) -> None:
    assert _counts(odd, block_s) == _counts(odd, 1024.0)


@settings(max_examples=15, deadline=None)
@given(start=st.integers(0, 31_000))
def test_a_window_is_that_part_of_the_whole(odd: Recording, start: int) -> None:
    stretches = odd.window(start / 1000, (start + 700) / 1000)

    whole = {
        item.first_index: item.emg_counts[:, 0] for item in odd.items(1024.0) if isinstance(item, SampleBlock)
    }
    for stretch in stretches:
        first = max(index for index in whole if index <= stretch.first_index)
        part = whole[first][stretch.first_index - first :][: len(stretch.counts)]
        np.testing.assert_array_equal(stretch.counts, part)


def test_no_filter_rings_from_one_stretch_into_another(tmp_path: Path) -> None:
    runs = (ColumnRun(0, 2_000, 0.0), ColumnRun(2_000, 2_000, 5.0))
    values = np.concatenate([np.full(2_000, 1.0), np.full(2_000, 1000.0)])
    values += np.tile([0.01, -0.01], 2_000)
    recording = _opened(
        tmp_path / "a", [(Column(1, "EMG", "uV", 1500.0, 4_000, runs), values)], Montage(resample_hz=1000.0)
    )

    first, second = (item.emg_uv for item in recording.items() if isinstance(item, SampleBlock))

    assert np.abs(first - 1.0).max() < 0.5
    assert np.abs(second - 1000.0).max() < 5.0


def test_counts_are_16_bits_where_that_loses_nothing_and_24_where_it_would(tmp_path: Path) -> None:
    small = open_recording(npz(tmp_path, ["EMG"], ["uV"], x=noise()))
    offset = open_recording(npz(tmp_path, ["EMG"], ["uV"], x=noise() + 150_000, name="offset.npz"))

    assert small.info.emg_scales[0].digital_max == 32_767
    assert offset.info.emg_scales[0].digital_max == 8_388_607
    for recording, values in ((small, noise()), (offset, noise() + 150_000)):
        (block,) = (item for item in recording.items() if isinstance(item, SampleBlock))
        np.testing.assert_allclose(
            block.emg_counts[:, 0] * recording.info.emg_scales[0].gain, values, atol=0.06
        )
        assert recording.warnings == ()


def test_counts_of_a_converter_stay_what_they_are(tmp_path: Path) -> None:
    counts = np.rint(noise(scale=900.0)) + 2048
    recording = open_recording(npz(tmp_path, ["EMG"], ["counts"], x=counts), emg_unit="counts")

    (block,) = (item for item in recording.items() if isinstance(item, SampleBlock))

    np.testing.assert_array_equal(block.emg_counts[:, 0], counts)
    assert recording.info.emg_scales[0].unit == "count"


def test_a_channel_that_alone_lacks_samples_stands_flat_and_is_told(tmp_path: Path) -> None:
    table = np.column_stack([noise(seed=1), noise(seed=2) + 40])
    table[1000:3000, 1] = np.nan
    table[4000:4010] = np.nan
    recording = open_recording(npz(tmp_path, ["EMG L", "EMG R"], ["uV", "uV"], x=table), emg=["1", "2"])

    before, after = (item for item in recording.items() if isinstance(item, SampleBlock))

    flat = before.emg_uv[1000:3000, 1]
    assert (flat == flat[0]).all()
    assert flat[0] == pytest.approx(40, abs=1)
    assert (before.end_index, after.first_index) == (4000, 4010)
    assert any("2 s are missing here alone" in warning for warning in recording.warnings)


def test_a_derivation_is_the_difference_in_microvolts(tmp_path: Path) -> None:
    left, right = noise(seed=1), noise(seed=2)
    hum = 500 * np.sin(np.arange(5_000) / 3)
    path = npz(
        tmp_path, ["Mus-1", "Mus-2"], ["mV", "uV"], x=np.column_stack([(left + hum) / 1000, right + hum])
    )

    for name in ("Mus-1 - Mus-2", "1-2", "mus-1-mus-2", "Mus-1 - 2"):
        recording = open_recording(path, emg=[name])
        (block,) = (item for item in recording.items() if isinstance(item, SampleBlock))
        np.testing.assert_allclose(block.emg_uv[:, 0], left - right, atol=0.02)


def test_an_edf_file_takes_derivations_and_gains_and_else_keeps_its_integers(tmp_path: Path) -> None:
    path = tmp_path / "a.edf"
    signals = (emg(label="EMG A"), emg(label="EMG B"), *acceleration())
    ForeignFile(signals).write(path)
    plain = open_recording(path, emg=["EMG A"])
    sited = open_recording(path, montage=Montage(emg=(MontageChannel("EMG A", "left-calf"),)))
    doubled = open_recording(path, montage=Montage(emg=(MontageChannel("EMG A", gain=2.0),)))
    nothing = open_recording(path, emg=["EMG A - EMG B"])

    assert sited.info.sites == ("left-calf",)
    assert _counts(sited, 9.0) == _counts(plain, 9.0)
    (one,), (two,) = (
        [item for item in recording.items() if isinstance(item, SampleBlock)]
        for recording in (plain, doubled)
    )
    np.testing.assert_allclose(two.emg_uv, 2 * one.emg_uv, atol=0.1)
    (none,) = (item for item in nothing.items() if isinstance(item, SampleBlock))
    np.testing.assert_array_equal(none.emg_uv, 0)
    assert any("never changes" in warning for warning in nothing.warnings)


def test_acceleration_of_an_odd_rate_is_brought_to_the_emg_when_it_is_asked_for(tmp_path: Path) -> None:
    path = ForeignFile((emg(), *acceleration(rate=64))).write(tmp_path / "a.edf")

    left_out, asked_for = open_recording(path), open_recording(path, acc=["ACC X", "ACC Y", "ACC Z"])

    assert left_out.info.acc_scale is None
    assert asked_for.info.acc_rate_hz == pytest.approx(1000 / 16)
    assert any("acceleration: brought from 64 Hz to 62.5 Hz" in warning for warning in asked_for.warnings)
