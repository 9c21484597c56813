"""Zooming: the extremes shown are the true ones, at any zoom, and what is missing is never drawn."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.nights import encode
from dashboard.waveforms import Overview
from firmware_bridge.recorder import NightRecorder
from firmware_bridge.samples import Gap, SampleBlock, Scale, SensorInfo

RATE_HZ, ACC_RATE_HZ, SECONDS = 1000, 100, 40
GAP = (12_340, 1_500)
INFO = SensorInfo(
    "left-calf",
    RATE_HZ,
    ACC_RATE_HZ,
    ("left-calf",),
    (Scale(-32767, 32767, -3276.7, 3276.7, "uV"),),
    Scale(-32767, 32767, -16.0, 16.0, "g"),
)
START = datetime(2026, 11, 22, 0, 0, tzinfo=UTC)


def block(first: int, samples: int) -> SampleBlock:
    rng = np.random.default_rng(first)
    emg = rng.integers(-3000, 3000, (samples, 1), dtype=np.int16)
    acc = rng.integers(-2000, 2000, (samples // 10, 3), dtype=np.int16)
    return SampleBlock(INFO, first, emg, acc)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("night") / "signal.edf"
    with NightRecorder(path, INFO, recording_id="rec", start=START) as recorder:
        recorder.write(block(0, GAP[0]))
        recorder.write(Gap(GAP[0], GAP[1], "link down"))
        recorder.write(block(sum(GAP), SECONDS * RATE_HZ - sum(GAP)))
    return path


@pytest.fixture(scope="module")
def overview(path: Path) -> Overview:
    return Overview.of(path)


@pytest.fixture(scope="module")
def truth(overview: Overview) -> np.ndarray:
    uv = np.full(SECONDS * RATE_HZ, np.nan, np.float32)
    for item in overview.recording.items():
        if isinstance(item, SampleBlock):
            uv[item.first_index : item.end_index] = item.emg_uv[:, 0]
    return uv


@given(start=st.floats(0, SECONDS - 0.1), width=st.floats(0.05, SECONDS), pixels=st.integers(50, 3000))
def test_extremes_are_the_true_ones(
    overview: Overview, truth: np.ndarray, start: float, width: float, pixels: int
) -> None:
    trace = overview.emg(start, min(SECONDS, start + width), pixels)
    first, step = round(trace.start_s * RATE_HZ), round(trace.step_s * RATE_HZ)
    own = truth[first : first + step * len(trace.values)]
    if trace.values.ndim == 1:
        np.testing.assert_array_equal(trace.values, own)
        return
    bins = own[: len(own) // step * step].reshape(-1, step)
    whole = len(bins)
    np.testing.assert_array_equal(trace.values[:whole, 0], bins.min(axis=1))
    np.testing.assert_array_equal(trace.values[:whole, 1], bins.max(axis=1))


@given(start=st.floats(0, SECONDS - 1), width=st.floats(0.5, SECONDS), pixels=st.integers(50, 3000))
def test_no_answer_is_bigger_than_the_screen(
    overview: Overview, start: float, width: float, pixels: int
) -> None:
    end = min(SECONDS, start + width)
    # Four samples a pixel at the most, or four levels' step.
    assert overview.emg(start, end, pixels).values.size <= 8 * pixels + 16
    assert overview.envelope(start, end, pixels).values.size <= 2 * pixels + 4


def test_what_is_missing_is_not_drawn(overview: Overview) -> None:
    first_s, missing_s = (number / RATE_HZ for number in GAP)
    for pixels in (10, 100, 5000):
        trace = overview.emg(first_s + 0.05, first_s + missing_s - 0.05, pixels)
        inside = trace.values[1:-2] if len(trace.values) > 3 else trace.values[:1]
        assert np.isnan(inside).all()
    assert overview.seen_s == pytest.approx(SECONDS - missing_s, abs=0.6)


def test_an_overview_grows_with_its_file_as_if_read_at_once(tmp_path: Path) -> None:
    path = tmp_path / "signal.edf"
    with NightRecorder(path, INFO, recording_id="rec", start=START) as recorder:
        recorder.write(block(0, 7_000))
        recorder.flush()
        growing = Overview.of(path)
        recorder.write(block(7_000, 13_000))
        recorder.flush()
        growing.refresh()
    growing.refresh()
    whole = Overview.of(path)
    for pixels in (20, 300, 3000):
        np.testing.assert_array_equal(growing.emg(0, 20, pixels).values, whole.emg(0, 20, pixels).values)
        np.testing.assert_array_equal(
            growing.envelope(0, 20, pixels).values, whole.envelope(0, 20, pixels).values
        )
        np.testing.assert_array_equal(
            growing.movement(0, 20, pixels).values, whole.movement(0, 20, pixels).values
        )


def test_a_trace_travels_as_its_header_says(overview: Overview) -> None:
    trace = overview.emg(0, 1, 2000)
    packed = encode(trace, 1000.0)
    assert packed[:4] == b"CW01"
    kind, start, step, bins, scale = (
        np.frombuffer(packed, dtype, 1, offset)[0]
        for dtype, offset in (("<u4", 4), ("<f8", 8), ("<f8", 16), ("<u4", 24), ("<f4", 28))
    )
    assert (kind, start, step, bins) == (0, 1000.0, 1 / RATE_HZ, len(trace.values))
    values = np.frombuffer(packed, "<i2", offset=32) * scale
    np.testing.assert_allclose(values, trace.values, atol=scale)
