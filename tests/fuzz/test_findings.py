"""What the fuzzers have found is refused by the errors that are documented, and stays so."""

from __future__ import annotations

import json
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from crampwatch.bids import DESCRIPTION, BidsError, read_dataset
from detector.alarm_messages import receipt_message
from detector.bundle import PARAMETERS, shipped_bundle
from detector.command_box import CommandBox
from detector.messages import encode
from firmware_bridge.recordings import UnreadableRecordingError, UnsuitableRecordingError, open_recording
from tests.dashboard.events import BEGAN
from tests.firmware_bridge.foreign_edf import ForeignFile, acceleration, emg
from tests.fuzz.target import load

# The first byte of an input for the settings says how the rest of it is read.
SETTINGS, MONTAGE, CAREGIVERS, FIT, CARD, PARAMETERS_FILE = (bytes([kind]) for kind in range(6))
DIGITS, LARGE, DEEP = b"1" * 5000, b"1" * 400, b"[" * 5000
FIT_TEXT = b"squeeze_uv = 200.0\ncramp_ratio = 4.0\ncramp_rise_uv = 12.0\nmovement_mg = 20.0\nrest_uv = "


def parameters(number: bytes) -> bytes:
    """Return the shipped bundle's parameters with another intercept."""
    content = json.loads((shipped_bundle() / PARAMETERS).read_text())
    content["scores"]["tonic"]["intercept"] = "@"
    return json.dumps(content).encode().replace(b'"@"', number)


@pytest.mark.parametrize(
    "found",
    [
        SETTINGS + b"[sensor]\nid = " + DIGITS,
        SETTINGS + b"a = " + DEEP,
        MONTAGE + b"rate_hz = " + DIGITS,
        MONTAGE + b"rate_hz = " + LARGE,
        MONTAGE + b"a = " + DEEP,
        CAREGIVERS + b"watchdog = " + DIGITS,
        CAREGIVERS + b"a = " + DEEP,
        FIT + FIT_TEXT + DIGITS,
        FIT + FIT_TEXT + LARGE,
        FIT + b"a = " + DEEP,
        CARD + b'{"format": ' + DIGITS + b"}",
        CARD + DEEP,
        PARAMETERS_FILE + parameters(DIGITS),
        PARAMETERS_FILE + parameters(LARGE),
        PARAMETERS_FILE + parameters(b"1e999"),
    ],
    ids=lambda found: f"{found[0]} {found[1:12]!r}",
)
def test_settings_montages_caregivers_limits_and_bundles(tmp_path: Path, found: bytes) -> None:
    target = load("settings")
    with target.opened(tmp_path) as take, pytest.raises(target.refusals):
        take(found)


def test_the_description_of_a_dataset(tmp_path: Path) -> None:
    (tmp_path / DESCRIPTION).write_bytes(DEEP)
    with pytest.raises(BidsError, match="expected the description"):
        read_dataset(tmp_path)


@pytest.mark.parametrize("rate_hz", [1e19, 1e300, 1e-300, float("inf"), float("nan"), 0.0, -500.0])
def test_rates_that_nothing_is_sampled_at(tmp_path: Path, rate_hz: float) -> None:
    labels, units = np.array(["EMG calf"]), np.array(["uV"])
    np.savez(tmp_path / "night.npz", night=np.ones((600, 1)), fs=rate_hz, labels=labels, units=units)
    with pytest.raises(UnreadableRecordingError, match="rate"):
        open_recording(tmp_path / "night.npz")


@pytest.mark.parametrize("number", [0x110000, 0xFFFFFFFF, 0xD800])
def test_labels_of_numbers_that_are_no_characters(tmp_path: Path, number: int) -> None:
    labels = np.array([number], "<u4").view("<U1")
    np.savez(tmp_path / "night.npz", night=np.ones((600, 1)), fs=500.0, labels=labels, units=np.array(["uV"]))
    with pytest.raises(UnreadableRecordingError, match="characters"):
        open_recording(tmp_path / "night.npz")


def test_axes_whose_ranges_no_scale_holds(tmp_path: Path) -> None:
    signals = [emg(), *acceleration(physical_max="4e8")]
    signals[1] = replace(signals[1], physical_max="4")
    path = ForeignFile(signals).write(tmp_path / "night.edf")
    with pytest.raises(UnsuitableRecordingError, match="no scale in common"):
        open_recording(path)


def test_a_reply_that_quotes_half_of_a_character() -> None:
    box = CommandBox()
    payload = b'{"version": "\\ud800", "id": "c1", "who": "Kim"}'
    box.heard("crampwatch/1/left-calf/command/caregiver/ack", payload, retained=False, now=BEGAN)
    [told] = box.receipts()
    assert encode(receipt_message(told))


@pytest.mark.parametrize("sides", [(1, 0), (1, 9), (1, -5), (2000, 2000)])
def test_a_matlab_text_of_other_sides_than_it_says(tmp_path: Path, sides: tuple[int, int]) -> None:
    """The library that reads such files ends the process where it believes them."""
    path = tmp_path / "night.mat"
    savemat(path, {"night": np.ones((600, 1)), "fs": 500.0, "labels": np.array(["EMG c"], object)})
    content = path.read_bytes()
    said = struct.pack("<II", 5, 8)
    at = content.index(said + struct.pack("<II", 1, 5)) + len(said)
    path.write_bytes(content[:at] + struct.pack("<ii", *sides) + content[at + 8 :])
    with pytest.raises(UnreadableRecordingError, match="MATLAB: damaged"):
        open_recording(path)


def test_matlab_numbers_of_a_type_that_there_is_none_of(tmp_path: Path) -> None:
    path = tmp_path / "night.mat"
    savemat(path, {"night": np.ones((600, 1)), "fs": 500.25})
    content = path.read_bytes()
    rate = struct.pack("<IId", 9, 8, 500.25)
    assert rate in content
    path.write_bytes(content.replace(rate, struct.pack("<IId", 58889, 0, 500.25)))
    with pytest.raises(UnreadableRecordingError, match="MATLAB: damaged"):
        open_recording(path)
