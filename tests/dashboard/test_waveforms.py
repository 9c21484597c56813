"""Zooming: the extremes shown are the true ones, at any zoom, and what is missing is never drawn."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.postures import BIN_S
from dashboard.pyramid import MISSING
from dashboard.wave_format import EXTREMES, FLOATS, HEADER, SAMPLES, encode
from dashboard.waveforms import AXES, TRACES, Overview, Trace, WaveformError
from firmware_bridge.recorder import NightRecorder
from firmware_bridge.samples import Gap, SampleBlock, Scale, SensorInfo

# Not whole in bins of any kind: the end is not yet in the overview, and shows all the same.
RATE_HZ, ACC_RATE_HZ, SECONDS = 1000, 100, 40.51
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
# Counts of a whole recording by the curve's name, `MISSING` where nothing came.
Truth = dict[str, npt.NDArray[np.int16]]


def block(first: int, samples: int, info: SensorInfo = INFO) -> SampleBlock:
    rng = np.random.default_rng(first)
    emg = rng.integers(-3000, 3000, (samples, 1), dtype=np.int16)
    triples = samples // info.acc_ratio if info.acc_scale else 0
    return SampleBlock(info, first, emg, rng.integers(-2000, 2000, (triples, 3), dtype=np.int16))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("night") / "signal.edf"
    with NightRecorder(path, INFO, recording_id="rec", start=START) as recorder:
        recorder.write(block(0, GAP[0]))
        recorder.write(Gap(GAP[0], GAP[1], "link down"))
        recorder.write(block(sum(GAP), round(SECONDS * RATE_HZ) - sum(GAP)))
    return path


@pytest.fixture(scope="module")
def overview(path: Path, tmp_path_factory: pytest.TempPathFactory) -> Overview:
    return Overview(path, tmp_path_factory.mktemp("overview"))


@pytest.fixture(scope="module")
def truth(overview: Overview) -> Truth:
    found: Truth = {"emg": np.full(round(SECONDS * RATE_HZ), MISSING, np.int16)}
    found |= {axis: np.full(round(SECONDS * ACC_RATE_HZ), MISSING, np.int16) for axis in AXES}
    for item in overview.recording.items():
        if isinstance(item, SampleBlock):
            found["emg"][item.first_index : item.end_index] = item.emg_counts[:, 0]
            for n, axis in enumerate(AXES):
                found[axis][item.first_index // 10 : item.end_index // 10] = item.acc_counts[:, n]
    return found


windows = given(
    start=st.floats(0, SECONDS - 0.1), width=st.floats(0.05, SECONDS), pixels=st.integers(20, 3000)
)


@pytest.mark.parametrize("name", ["emg", *AXES])
@windows
def test_extremes_are_the_true_ones(
    overview: Overview, truth: Truth, name: str, start: float, width: float, pixels: int
) -> None:
    rate_hz = RATE_HZ if name == "emg" else ACC_RATE_HZ
    end = min(SECONDS, start + width)
    trace = overview.trace(name, start, end, pixels)
    first, step = round(trace.start_s * rate_hz), round(trace.step_s * rate_hz)
    assert first <= start * rate_hz
    own = truth[name][first:]
    if trace.values.ndim == 1:
        np.testing.assert_array_equal(trace.values, own[: len(trace.values)])
        return
    assert first + step * len(trace.values) >= np.floor(end * rate_hz)
    for n, (low, high) in enumerate(trace.values):
        inside = own[n * step : (n + 1) * step]
        present = inside[inside != MISSING]
        expected = (present.min(), present.max()) if len(present) else (MISSING, MISSING)
        assert (low, high) == expected
        # The last bin may go beyond what has been worked out; nothing is known to be missing there.
        assert trace.flags[n] == (MISSING in inside)


@windows
def test_no_answer_is_bigger_than_the_screen(
    overview: Overview, start: float, width: float, pixels: int
) -> None:
    for name in TRACES:
        trace = overview.trace(name, start, min(SECONDS, start + width), pixels)
        # Four samples a pixel at the most, or two pairs.
        assert trace.values.size <= 4 * pixels + 12


def test_what_is_missing_is_told_and_not_drawn(overview: Overview) -> None:
    first_s, missing_s = (number / RATE_HZ for number in GAP)
    assert overview.missing_s == [(first_s, first_s + missing_s)]
    assert overview.seen_s == pytest.approx(SECONDS - missing_s)
    for pixels in (10, 100, 5000):
        trace = overview.trace("emg", first_s + 0.3, first_s + missing_s - 0.3, pixels)
        assert (trace.values == MISSING).all()
        assert np.isnan(overview.trace("rms", first_s + 0.3, first_s + missing_s - 0.3, pixels).values).all()


def test_the_envelope_is_the_spread_of_each_tenth_of_a_second(overview: Overview, truth: Truth) -> None:
    trace = overview.trace("rms", 0, 5, 5000)
    uv = truth["emg"][:5000].reshape(-1, 100) * 0.1
    np.testing.assert_allclose(trace.values[:50], uv.std(axis=1), rtol=1e-4)
    assert trace.step_s == 0.1
    # Fewer pixels show the highest of what they stand for.
    coarse = overview.trace("rms", 0, 5, 10)
    np.testing.assert_allclose(coarse.values[:10], trace.values[:50].reshape(10, 5).max(axis=1))


def all_of(overview: Overview) -> list[tuple[bytes, bytes, float]]:
    traces = [overview.trace(name, 0, 30, pixels) for name in TRACES for pixels in (20, 300, 9000)]
    return [(trace.values.tobytes(), trace.flags.tobytes(), trace.step_s) for trace in traces]


def test_an_overview_grows_with_its_file_as_if_read_at_once(tmp_path: Path) -> None:
    path = tmp_path / "signal.edf"
    with NightRecorder(path, INFO, recording_id="rec", start=START) as recorder:
        recorder.write(block(0, 7_000))
        recorder.flush()
        growing = Overview(path, tmp_path / "growing")
        recorder.write(Gap(7_000, 900, "link down"))
        recorder.write(block(7_900, 12_100))
        recorder.flush()
        growing.refresh()
        recorder.write(block(20_000, 10_000))
    growing.refresh()
    assert all_of(growing) == all_of(Overview(path, tmp_path / "at once"))


def test_an_overview_is_made_once(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = all_of(Overview(path, tmp_path / "kept"))

    def never(*_arguments: object) -> None:
        pytest.fail("it was made again")

    monkeypatch.setattr(Overview, "_take", never)
    assert all_of(Overview(path, tmp_path / "kept")) == made


def _other_card(folder: Path) -> None:
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps(card | {"key": ["another"]}))


def _cut_level(folder: Path) -> None:
    (folder / "emg.2").write_bytes(b"")


def _torn(folder: Path) -> None:
    (folder / "emg.0").write_bytes((folder / "emg.0").read_bytes() + b"torn")


DAMAGES: dict[str, Callable[[Path], object]] = {
    "no card": lambda folder: (folder / "card.json").unlink(),
    "no JSON": lambda folder: (folder / "card.json").write_text("{"),
    "not an object": lambda folder: (folder / "card.json").write_text("[1]"),
    "another recording's": _other_card,
    "a level cut off": _cut_level,
    "an envelope cut off": lambda folder: (folder / "rms").write_bytes(b""),
    "killed while it grew": _torn,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_overview_is_made_again(path: Path, tmp_path: Path, damage: str) -> None:
    made = all_of(Overview(path, tmp_path / "kept"))
    DAMAGES[damage](tmp_path / "kept")
    assert all_of(Overview(path, tmp_path / "kept")) == made


def test_a_recording_that_was_replaced_by_a_shorter_one_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "signal.edf"
    for seconds in (30, 10):
        with NightRecorder(path, INFO, recording_id="rec", start=START, overwrite=True) as recorder:
            recorder.write(block(0, seconds * RATE_HZ))
        found = Overview(path, tmp_path / "kept")
    assert found.recording.duration_s == 10
    assert all_of(found) == all_of(Overview(path, tmp_path / "fresh"))


def test_a_recording_without_acceleration_has_no_such_curves(tmp_path: Path) -> None:
    bare = SensorInfo("left-calf", RATE_HZ, 0, ("left-calf",), INFO.emg_scales, None)
    with NightRecorder(tmp_path / "signal.edf", bare, recording_id="rec", start=START) as recorder:
        recorder.write(block(0, 5_000, bare))
    found = Overview(tmp_path / "signal.edf", tmp_path / "kept")
    assert len(found.trace("ax", 0, 5, 100).values) == 0
    assert len(found.trace("emg", 0, 5, 100).values) > 0


def test_every_channel_has_curves_of_its_own(tmp_path: Path) -> None:
    two = replace(INFO, sites=("left-calf", "right-calf"), emg_scales=INFO.emg_scales * 2)
    emg = np.random.default_rng(3).integers(-300, 300, (20_000, 2), dtype=np.int16) * np.array(
        [1, 5], np.int16
    )
    with NightRecorder(tmp_path / "signal.edf", two, recording_id="rec", start=START) as recorder:
        recorder.write(SampleBlock(two, 0, emg, np.zeros((2_000, 3), np.int16)))
    found = Overview(tmp_path / "signal.edf", tmp_path / "kept")
    for channel in (0, 1):
        own = emg[:, channel]
        np.testing.assert_array_equal(found.trace("emg", 0, 2, 9000, channel).values[:2000], own[:2000])
        pairs = found.trace("emg", 0, 20, 10, channel).values
        assert (pairs[:, 0].min(), pairs[:, 1].max()) == (own.min(), own.max())
        uv = own[:100].std() * 0.1
        assert found.trace("rms", 0, 20, 9000, channel).values[0] == pytest.approx(uv, rel=1e-4)
    # One that is not there is the last one.
    assert (
        found.trace("emg", 0, 20, 10, 7).values.tobytes() == found.trace("emg", 0, 20, 10, 1).values.tobytes()
    )


def test_gravity_is_what_the_axes_say_on_the_whole(overview: Overview) -> None:
    gravity, bin_s = overview.gravity()
    assert bin_s <= BIN_S
    assert len(gravity) * bin_s >= SECONDS - BIN_S
    # Random samples of some hundred counts each way: nearly nothing pulls.
    assert np.abs(gravity).max() < 0.1


def test_a_folder_that_cannot_be_used_is_told(path: Path, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file where a folder should be")
    with pytest.raises(WaveformError, match="cannot be used"):
        Overview(path, tmp_path / "kept")


@pytest.mark.parametrize(
    ("name", "pixels", "kind"), [("emg", 9000, SAMPLES), ("emg", 100, EXTREMES), ("rms", 100, FLOATS)]
)
def test_a_trace_travels_as_its_header_says(overview: Overview, name: str, pixels: int, kind: int) -> None:
    trace = overview.trace(name, 11.5, 14.5, pixels)
    packed = encode(trace, 3, 1000.0)
    magic, own_kind, curve, start, step, bins, flags, scale, offset = HEADER.unpack_from(packed)
    assert (magic, own_kind, curve) == (b"CW02", kind, 3)
    assert (start, step, bins) == (1000.0 + trace.start_s, trace.step_s, len(trace.values))
    dtype = "<f4" if kind == FLOATS else "<i2"
    values = np.frombuffer(packed, dtype, trace.values.size, HEADER.size)
    physical = values * scale + offset
    np.testing.assert_array_equal(values, trace.values.ravel())
    if trace.scale is not None:
        np.testing.assert_allclose(physical, trace.scale.to_physical(values.astype(np.int16)), rtol=1e-5)
    assert flags in {0, bins}
    assert np.frombuffer(packed, np.uint8, flags, HEADER.size + values.nbytes).any() == trace.flags.any()
    assert len(packed) % 8 == 0


def test_an_empty_trace_travels(overview: Overview) -> None:
    nothing = Trace(0.0, 1.0, np.zeros(0, np.int16), np.zeros(0, bool), None)
    assert len(encode(nothing, 0, 0.0)) == HEADER.size
