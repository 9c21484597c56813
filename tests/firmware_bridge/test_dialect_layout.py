"""What a board cannot say itself: columns, units, rates and rectified signals, found out or stated."""

from __future__ import annotations

import numpy as np
import pytest

from firmware_bridge.dialect_layout import learn_layout
from firmware_bridge.dialect_options import DialectOptions
from firmware_bridge.dialect_rate import RowArrival, measured_rate_hz, settled_rate_hz
from firmware_bridge.rectified import RectifiedWatch
from firmware_bridge.source_contract import SourceUrl, SourceUrlError

LAYOUT = learn_layout([(512.0,)], (), DialectOptions(bits=10, uv_per_count=0.8))


def options(query: str) -> DialectOptions:
    return DialectOptions.of(SourceUrl.parse(f"serial:/dev/x?{query}"))


@pytest.mark.parametrize(
    ("query", "row", "emg", "acc"),
    [
        ("", (512.0,), [0], []),
        ("", (512.0, 1.0), [0], []),
        ("", (512.0, 0.0, 0.0, 1.0), [0], [1, 2, 3]),
        ("channels=x,y,z,emg", (0.0, 0.0, 1.0, 512.0), [3], [0, 1, 2]),
        ("channels=-,emg", (1.0, 512.0), [1], []),
        ("channels=emg,emg", (1.0, 512.0), [0, 1], []),
    ],
)
def test_columns_have_roles(query: str, row: tuple[float, ...], emg: list[int], acc: list[int]) -> None:
    layout = learn_layout([row] * 3, (), options(query) if query else DialectOptions())
    assert [column.index for column in layout.emg] == emg
    assert [column.index for column in layout.acc] == acc
    assert any("state them with channels=" in text for text in layout.warnings) == (
        not query and len(row) > 1
    )


def test_labels_tell_roles() -> None:
    rows = [(0.0, 0.1, 0.98, 512.0)] * 3
    layout = learn_layout(rows, ("accX", "accY", "accZ", "EMG_raw"), DialectOptions())
    assert [column.index for column in layout.emg] == [3]
    assert [column.index for column in layout.acc] == [0, 1, 2]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("channels=x,y,z", "emg at least once"),
        ("channels=emg,x", "x, y, z once each or not at all"),
        ("channels=emg,leg", "role for each column"),
        ("rate=fast", "rate to be a number"),
        ("rate=500.5", "rate to be a whole number"),
        ("bits=99", "bits to be a number from 8 to 16"),
        ("dialect=latin", "one of crampwatch, chords, text, auto; got 'latin'"),
        ("signal=loud", "one of raw, envelope"),
        ("uv_per_count=0", "uv_per_count to be a number"),
    ],
)
def test_what_cannot_be_is_refused(query: str, words: str) -> None:
    with pytest.raises(SourceUrlError, match=words):
        options(query)


def test_more_columns_named_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected 4 columns \(emg,x,y,z\), got 1 in a row"):
        learn_layout([(1.0,)], (), options("channels=emg,x,y,z"))


def test_microvolts_are_as_stated_and_else_unknown() -> None:
    stated = learn_layout([(512.0,)], (), options("uv_per_count=0.8&bits=10")).emg[0]
    assert (stated.scale.unit, stated.scale.digital_min, stated.scale.digital_max) == ("uV", 0, 1023)
    assert stated.scale.gain == pytest.approx(0.8)
    unknown = learn_layout([(512.0,)], (), DialectOptions())
    assert unknown.emg[0].scale.unit == "count"
    assert any("uv_per_count" in text for text in unknown.warnings)


@pytest.mark.parametrize(
    "numbers",
    [[0.0123, -0.0051, 0.0002], [1.651, 1.648, 1.702], [512.0, 515.0, 490.0], [-32767.0, 3.0, 32767.0]],
    ids=["mV around nothing", "volts on a bias", "counts", "signed 16-bit counts"],
)
def test_what_is_printed_is_kept_to_the_last_digit_where_16_bits_hold_it(numbers: list[float]) -> None:
    layout = learn_layout([(number,) for number in numbers], (), options("uv_per_count=100"))
    emg, _, outside = layout.counts([(number,) for number in numbers])
    uv = layout.emg[0].scale.to_physical(emg[:, 0])
    assert uv == pytest.approx(np.array(numbers) * 100, rel=1e-4)
    assert outside == 0


def test_a_strong_contraction_fits_beside_a_weak_rest() -> None:
    rest = np.random.default_rng(1).normal(scale=0.005, size=500).round(6)
    layout = learn_layout([(number,) for number in rest.tolist()], (), options("uv_per_count=1000"))
    emg, _, outside = layout.counts([(1.5,), (-1.5,)])
    assert outside == 0
    assert layout.emg[0].scale.to_physical(emg[:, 0]) == pytest.approx(np.array([1500, -1500]), rel=1e-3)
    assert layout.emg[0].scale.gain <= 1.0


def test_numbers_out_of_range_end_at_its_end_and_are_counted() -> None:
    emg, _, outside = LAYOUT.counts([(2000.0,), (-5.0,), (512.0,)])
    assert (emg[:, 0].tolist(), outside) == ([1023, 0, 512], 2)


@pytest.mark.parametrize(
    ("row", "g"),
    [
        ((1.0, 0.0, 0.0, 0.98), 0.98),
        ((1.0, 0.0, 0.0, 256.0), 1.0),
        ((1.0, 0.0, 9.81, 0.0), 1.0),
        ((1.0, 0.0, 0.0, -16384.0), -1.0),
    ],
    ids=["g", "counts of an ADXL345", "m/s²", "counts of an MPU-6050"],
)
def test_acceleration_is_scaled_by_gravity(row: tuple[float, ...], g: float) -> None:
    layout = learn_layout([row] * 5, (), DialectOptions())
    _, acc, _ = layout.counts([row])
    scale = layout.acc[0].scale
    assert float(scale.to_physical(acc).sum()) == pytest.approx(g, rel=0.01)
    assert any("taken for 1 g" in text for text in layout.warnings) == (abs(row[2] + row[3]) > 2)


def test_acceleration_that_measures_nothing_is_left_out() -> None:
    layout = learn_layout([(1.0, 0.0, 0.0, 0.0)] * 5, (), DialectOptions())
    assert layout.acc == ()
    assert layout.info("x", 500.0, "", "").acc_rate_hz == 0
    assert any("left out" in text for text in layout.warnings)


@pytest.mark.parametrize("rate_hz", [250, 500, 512, 860, 1000])
def test_a_rate_is_measured_and_taken_for_the_usual_one_next_to_it(rate_hz: int) -> None:
    # What had waited before the first arrival does not count.
    arrivals = [
        RowArrival(900, 10.0),
        *(RowArrival(rate_hz // 10, 10.0 + i * (rate_hz // 10) / rate_hz) for i in range(1, 21)),
    ]
    measured_hz = measured_rate_hz(arrivals)
    assert measured_hz is not None
    rate, warnings = settled_rate_hz(measured_hz, None)
    assert rate == rate_hz
    assert f"state it with rate={rate_hz}" in warnings[0]


def test_a_stated_rate_is_taken_unless_what_comes_contradicts_it() -> None:
    assert settled_rate_hz(980.0, 1000.0) == (1000.0, ())
    with pytest.raises(
        ValueError, match=r"expected 1000 rows a second, as stated, got 192; state rate=192 .*baud="
    ):
        settled_rate_hz(192.0, 1000.0)


def test_an_unusual_rate_is_taken_as_measured() -> None:
    assert settled_rate_hz(333.4, None)[0] == 333.0
    assert measured_rate_hz([RowArrival(5, 1.0)]) is None


def muscle(seconds: int, rate_hz: int, seed: int = 0) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return white noise that swells for three seconds in six."""
    rng = np.random.default_rng(seed)
    second = np.arange(seconds * rate_hz) // rate_hz
    return rng.normal(size=seconds * rate_hz) * np.where(second % 6 >= 3, 100.0, 3.0)


@pytest.mark.parametrize("rate_hz", [250, 500, 1000])
def test_a_rectified_envelope_is_recognised(rate_hz: int) -> None:
    rectified = np.abs(muscle(20, rate_hz))
    kernel = np.hanning(rate_hz // 4)
    envelope = np.convolve(rectified, kernel / kernel.sum(), "same")
    noise = np.random.default_rng(2).normal(size=len(envelope))
    watch = RectifiedWatch(rate_hz, 1.0)
    assert watch.feed(np.maximum(0, np.rint(envelope + noise + 5)).tolist()) == "envelope"
    assert watch.feed([0.0] * rate_hz) is None


@pytest.mark.parametrize("rate_hz", [250, 500, 1000])
@pytest.mark.parametrize("bias", [0.0, 512.0], ids=["around nothing", "on a bias"])
def test_a_raw_signal_is_not_taken_for_one(rate_hz: int, bias: float) -> None:
    watch = RectifiedWatch(rate_hz, 1.0)
    assert watch.feed((bias + np.rint(muscle(20, rate_hz))).tolist()) == "raw"


def test_a_slow_drift_on_a_bias_is_not_taken_for_one() -> None:
    time_s = np.arange(20_000) / 1000
    drift = 512 + 150 * np.sin(2 * np.pi * 0.3 * time_s) * (time_s % 4 > 2)
    noise = np.random.default_rng(3).normal(size=len(drift))
    assert RectifiedWatch(1000, 1.0).feed(np.rint(drift + noise).tolist()) is None
