from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from firmware_bridge.channel_picking import Channel, ChannelError, channels_of, pick_acc, pick_emg
from firmware_bridge.edf_header import EdfSignal, parse_header
from tests.firmware_bridge.foreign_edf import ForeignFile, ForeignSignal, acceleration, emg


def _channels(*signals: ForeignSignal) -> list[Channel[EdfSignal]]:
    return channels_of(parse_header(ForeignFile(signals).header()))


def _labelled(*labels: str, unit: str = "uV", **fields: Any) -> list[Channel[EdfSignal]]:
    return _channels(*(emg(label=label, unit=unit, **fields) for label in labels))


@pytest.mark.parametrize(
    "label",
    [
        "EMG",
        "sEMG 1",
        "EXG 3",
        "Gastroc. med",
        "Soleus",
        "TIBIALIS L",
        "Leg/R",
        "L Leg",
        "Calf",
        "muscle",
        "LAT",
        "TA",
    ],
)
def test_a_muscle_is_known_by_its_label(label: str) -> None:
    assert pick_emg(_labelled("C3-A2", label)).channels[0].signal.label == label


@pytest.mark.parametrize(
    "label", ["EMG Chin", "ECG", "EEG C3", "EOG-L", "EMG rms", "Masseter EMG", "Pleth", "channel 1"]
)
def test_what_is_no_limb_muscle_is_never_guessed(label: str) -> None:
    with pytest.raises(ChannelError, match="no EMG channel"):
        pick_emg(_labelled(label))
    assert pick_emg(_labelled(label), wanted=[label]).channels[0].signal.label == label


def test_the_calf_comes_before_the_leg_and_the_leg_before_any_muscle() -> None:
    picked = pick_emg(_labelled("EMG VL", "EMG TA", "EMG gastroc lat", "EMG soleus"))
    assert [channel.signal.label for channel in picked.channels] == ["EMG gastroc lat"]
    assert "taken of 4" in picked.warnings[0]
    assert "'EMG soleus'" in picked.warnings[0]
    assert "--emg" in picked.warnings[0]
    assert pick_emg(_labelled("EMG VL", "EMG TA")).channels[0].signal.label == "EMG TA"


def test_a_slow_channel_is_passed_over_for_a_fast_one() -> None:
    picked = pick_emg(_channels(emg(rate=100, label="calf"), emg(label="EMG")))
    assert picked.channels[0].signal.label == "EMG"


def test_a_known_unit_comes_before_an_unknown_one() -> None:
    picked = pick_emg(_channels(emg(label="EMG 1", unit=""), emg(label="EMG 2", unit="mV")))
    assert picked.channels[0].signal.label == "EMG 2"


def test_too_slow_emg_is_refused_with_the_minimum() -> None:
    with pytest.raises(ChannelError, match=r"too slow: minimum 250 Hz, got 1 'EMG' \(uV, 100 Hz\).*--emg"):
        pick_emg(_channels(emg(rate=100, label="EMG")))
    assert pick_emg(_channels(emg(rate=250, label="EMG"))).channels[0].rate_hz == 250


def test_what_is_missing_is_said_with_what_is_there_and_what_to_do() -> None:
    with pytest.raises(ChannelError) as caught:
        pick_emg(_channels(emg(label="C3"), emg(label="ECG", unit="mV", rate=500)))
    assert str(caught.value) == (
        "no EMG channel: expected a label with EMG, EXG, gastroc, soleus, calf, tibialis, leg or muscle, in V, mV, "
        "µV or counts; got 1 'C3' (uV, 1000 Hz), 2 'ECG' (mV, 500 Hz); name it with --emg LABEL (or its number)"
    )


def test_a_long_list_of_channels_is_cut() -> None:
    with pytest.raises(ChannelError, match=r"16 'C15'.* and 4 more"):
        pick_emg(_labelled(*(f"C{i}" for i in range(20))))


def test_labels_that_cannot_be_printed_are_made_printable() -> None:
    with pytest.raises(ChannelError, match=r"1 'a\?b'"):
        pick_emg(_labelled("a\x1bb"))


@pytest.mark.parametrize("wanted", [["emg ta", "EMG soleus"], ["1", "2"], [" EMG TA ", "2"]])
def test_channels_are_named_by_label_or_number(wanted: list[str]) -> None:
    picked = pick_emg(_labelled("EMG TA", "EMG soleus"), wanted)
    assert [channel.signal.number for channel in picked.channels] == [1, 2]
    assert picked.warnings == ()


def test_a_label_goes_before_a_number() -> None:
    assert pick_emg(_labelled("EMG", "1"), ["1"]).channels[0].signal.number == 2


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (["soleus"], "--emg soleus: expected a label or number out of 1 'EMG'"),
        (["0"], "--emg 0"),
        (["-1"], "--emg -1"),
    ],
)
def test_a_channel_that_is_not_there_is_refused(wanted: list[str], message: str) -> None:
    with pytest.raises(ChannelError, match=message):
        pick_emg(_labelled("EMG"), wanted)


def test_a_label_that_stands_twice_needs_its_number() -> None:
    channels = _labelled("EMG", "EMG")
    with pytest.raises(ChannelError, match=r"expected one channel.*name it by its number"):
        pick_emg(channels, ["EMG"])
    assert pick_emg(channels, ["2"]).channels[0].signal.number == 2


def test_channels_of_different_rates_cannot_go_together() -> None:
    with pytest.raises(ChannelError, match="channels of one rate"):
        pick_emg(_channels(emg(label="a"), emg(label="b", rate=500)), ["a", "b"])


def test_a_unit_that_is_not_known_is_said_unless_given() -> None:
    picked = pick_emg(_labelled("EMG", unit="bananas"))
    assert picked.scales[0].unit == "count"
    assert "relative only" in picked.warnings[0]
    given = pick_emg(_labelled("EMG", unit="bananas"), unit="mV")
    assert given.scales[0].unit == "uV"
    assert given.scales[0].physical_max == 1_000_000
    assert given.warnings == ()
    assert pick_emg(_labelled("EMG"), unit="counts").scales[0].unit == "count"


@pytest.mark.parametrize("unit", ["kg", "g", "volt-ish"])
def test_a_unit_flag_must_be_a_voltage(unit: str) -> None:
    with pytest.raises(
        ChannelError, match=f"--emg-unit: expected one of v, mv, uv, nv, counts, got '{unit}'"
    ):
        pick_emg(_labelled("EMG"), unit=unit)


def test_a_bad_field_hurts_only_whoever_asks_for_that_channel() -> None:
    channels = _channels(emg(label="EMG"), emg(label="Leg broken", physical_max="nan"))
    assert pick_emg(channels, ["EMG"]).channels[0].signal.number == 1
    with pytest.raises(ChannelError, match=r"channel 2 'Leg broken'.*physical maximum: expected a number"):
        pick_emg(channels, ["2"])


@pytest.mark.parametrize(
    "labels",
    [
        ("ACC X", "ACC Y", "ACC Z"),
        ("accx", "accy", "accz"),
        ("X", "Y", "Z"),
        ("Gravity-X", "Gravity-Y", "Gravity-Z"),
        ("Accel.z", "Accel.x", "Accel.y"),
        ("ACCX1", "ACCY1", "ACCZ1"),
        ("xAcc", "yAcc", "zAcc"),
        ("acc1", "acc2", "acc3"),
    ],
)
def test_the_axes_are_found_by_their_letters(labels: tuple[str, ...]) -> None:
    signals = [
        ForeignSignal(label, s.counts, 100, "g") for label, s in zip(labels, acceleration(), strict=True)
    ]
    picked = pick_acc(_channels(emg(), *signals), Fraction(1000))
    assert [channel.signal.label for channel in picked.channels] == sorted(labels)


def test_a_gyroscope_is_not_taken_for_acceleration() -> None:
    signals = [ForeignSignal(f"Gyro {axis}", emg().counts, 100, "deg/s") for axis in "XYZ"]
    assert pick_acc(_channels(emg(), *signals), Fraction(1000)).channels == ()


@pytest.mark.parametrize(
    ("signals", "message"),
    [
        (acceleration(unit=""), "--acc-unit g"),
        (acceleration(rate=300), "divides the EMG's 1000 Hz"),
        (acceleration(rate=2000), "divides the EMG's 1000 Hz"),
        ([*acceleration()[:2], acceleration(rate=50)[2]], "one rate"),
    ],
)
def test_acceleration_that_cannot_be_used_is_ignored_and_said(
    signals: list[ForeignSignal], message: str
) -> None:
    picked = pick_acc(_channels(emg(), *signals), Fraction(1000))
    assert picked.channels == ()
    assert message in picked.warnings[0]
    assert "acceleration ignored" in picked.warnings[0]


def test_a_second_sensor_serves_where_the_first_cannot() -> None:
    good = [
        ForeignSignal(f"ACC {axis} 2", s.counts, 100, "mg")
        for axis, s in zip("XYZ", acceleration(), strict=True)
    ]
    picked = pick_acc(_channels(emg(), *acceleration(rate=300), *good), Fraction(1000))
    assert [channel.signal.number for channel in picked.channels] == [5, 6, 7]


def test_without_acceleration_nothing_is_said() -> None:
    picked = pick_acc(_channels(emg()), Fraction(1000))
    assert (picked.channels, picked.warnings) == ((), ())


def test_axes_are_taken_as_named() -> None:
    channels = _channels(emg(), *(ForeignSignal(f"ch{i}", emg().counts, 100, "") for i in range(3)))
    picked = pick_acc(channels, Fraction(1000), ["ch2", "2", "ch1"], "g")
    assert [channel.signal.number for channel in picked.channels] == [4, 2, 3]
    assert picked.scales[0].unit == "g"


@pytest.mark.parametrize(
    ("wanted", "unit", "message"),
    [
        (["ACC X"], None, "expected three channels X,Y,Z, got 1: ACC X"),
        (["ACC X", "ACC Y", "nope"], None, "--acc nope"),
        (["EMG gastroc", "ACC Y", "ACC Z"], None, "expected g, mg or m/s²; say the unit with --acc-unit g"),
        (["ACC X", "ACC Y", "ACC Z"], "mV", "--acc-unit: expected one of g, mg, m/s2, mm/s2, got 'mV'"),
    ],
)
def test_wrong_flags_for_acceleration_are_refused(wanted: list[str], unit: str | None, message: str) -> None:
    with pytest.raises(ChannelError, match=message.replace("²", ".")):
        pick_acc(_channels(emg(), *acceleration()), Fraction(1000), wanted, unit)


@pytest.mark.parametrize(
    ("labels", "missing"),
    [
        (["Acc X", "Acc Y"], "found no z;"),
        (["acc_z"], "found no x and no y;"),
        (["acc1", "acc3"], "found no y;"),
    ],
)
def test_an_accelerometer_that_lacks_an_axis_is_told(labels: list[str], missing: str) -> None:
    channels = [*_channels(emg()), *_labelled(*labels, unit="g")]
    picked = pick_acc(channels, channels[0].rate_hz)
    assert picked.channels == ()
    (warning,) = picked.warnings
    assert missing in warning
    assert all(f"'{label}'" in warning for label in labels)


def test_an_odd_axis_beside_a_whole_accelerometer_is_not_told() -> None:
    channels = [*_labelled("arm acc x", unit="g"), *_channels(emg(), *acceleration())]
    picked = pick_acc(channels, channels[1].rate_hz)
    assert [channel.signal.label for channel in picked.channels] == ["ACC X", "ACC Y", "ACC Z"]
    assert picked.warnings == ()
