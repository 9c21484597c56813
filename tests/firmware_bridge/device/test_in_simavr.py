"""The firmware, as it is flashed, in a simulated chip: what goes into the pins comes out as frames, bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from firmware_bridge.frames import BadFrame, Samples, Status
from firmware_bridge.hello import RESET_CAUSES, Hello
from firmware_bridge.samples import Scale
from tests.firmware_bridge.device.frame_link import FrameLink, signal_of
from tests.firmware_bridge.device.simavr_board import SimavrBoard

pytestmark = pytest.mark.firmware

StartBoard = Callable[..., SimavrBoard]
RNG = np.random.default_rng(20)
# Sums of four conversions of a 10-bit ADC, both rails included; more of them than a test listens to.
EMG = RNG.integers(0, 4 * 1023 + 1, (12_000, 1)).astype(np.int16)
ACC = RNG.integers(-1024, 1024, (1_200, 3)).astype(np.int16)
HEARD = 10_000


@pytest.fixture
def signals() -> dict[str, object]:
    return {"emg": EMG, "acceleration": ACC}


def test_samples_come_out_bit_for_bit_and_evenly_timed(
    start_board: StartBoard, firmware_elf: Path, signals: dict[str, object]
) -> None:
    board = start_board(firmware_elf, **signals)
    with FrameLink(board.port) as link:
        link.run(HEARD)
        signal = signal_of(link.of(Samples))
        assert np.array_equal(signal.counters, np.arange(0, len(signal.emg), 10))
        assert np.array_equal(signal.emg, EMG[: len(signal.emg)])
        assert np.array_equal(signal.acc, ACC[: len(signal.acc)])
        # The timer that paces the ADC and the one that tells the time run from one crystal.
        assert set(np.diff(signal.device_us.astype(np.int64))) <= {9996, 10000, 10004}
        assert not link.of(BadFrame)


def test_hello_says_what_the_board_is(
    start_board: StartBoard, firmware_elf: Path, signals: dict[str, object]
) -> None:
    board = start_board(firmware_elf, hardware_id="0123456789abcdef", **signals)
    with FrameLink(board.port) as link:
        hello = link.wait_for(Hello)
        assert isinstance(link.frames[0], Hello)
    assert (hello.hardware_id, hello.boot_id, hello.epoch) == ("0123456789abcdef", 1, 1)
    assert RESET_CAUSES[hello.reset_cause] == "power on"
    assert (hello.emg_rate, hello.acc_ratio, hello.frame_samples) == (Fraction(1000), 10, 10)
    # 5 V over 4 × 1024 steps and a gain of 200: the highest count stands for one step less than half the range.
    assert hello.emg_scales == (Scale(0, 4092, -12500.0, 12475.6, "uV"),)
    assert hello.acc_scale == Scale(-2048, 2047, -4.096, 4.094, "g")
    assert hello.info().sensor_id == "sensor-89abcdef"
    assert hello.sites == ("left-calf",)


def test_status_counts_samples_at_the_rails(start_board: StartBoard, firmware_elf: Path) -> None:
    emg = np.full((4000, 1), 2046, np.int16)
    emg[500:520], emg[700:705] = 0, 4092
    board = start_board(firmware_elf, emg=emg)
    with FrameLink(board.port) as link:
        status = link.wait_for(Status, 3)
    assert (status.clipped, status.lost, status.lead_off, status.battery_mv) == (25, 0, 0, 0)
    assert status.epoch == 1
    assert 2990 <= status.counter <= 3010


def test_an_adxl345_does_as_well(
    start_board: StartBoard, firmware_elf: Path, signals: dict[str, object]
) -> None:
    board = start_board(firmware_elf, accelerometer="adxl345", **signals)
    with FrameLink(board.port) as link:
        link.run(2000)
        signal = signal_of(link.of(Samples))
        assert link.of(Hello)[0].acc_scale == Scale(-1024, 1023, -4.0, 3.996094, "g")
    assert np.array_equal(signal.acc, ACC[: len(signal.acc)])
    assert np.array_equal(signal.emg, EMG[: len(signal.emg)])


def test_without_an_accelerometer_the_emg_is_all_there(
    start_board: StartBoard, firmware_elf: Path, signals: dict[str, object]
) -> None:
    board = start_board(firmware_elf, accelerometer="none", **signals)
    with FrameLink(board.port) as link:
        link.run(2000)
        signal = signal_of(link.of(Samples), acc_ratio=0)
        assert (link.of(Hello)[0].acc_ratio, link.of(Hello)[0].acc_scale) == (0, None)
    assert np.array_equal(signal.emg, EMG[: len(signal.emg)])


def test_an_accelerometer_that_goes_leaves_no_sample_and_comes_back(
    start_board: StartBoard, firmware_elf: Path, signals: dict[str, object]
) -> None:
    board = start_board(firmware_elf, speed=4, **signals)
    with FrameLink(board.port) as link:
        link.run(1000)
        board.accelerometer("off")
        link.run(1000)
        board.accelerometer("on")
        link.run(1500)
        board.accelerometer("reset")
        link.run(3000)
        signal = signal_of(link.of(Samples))
    missing = (signal.acc == np.iinfo(np.int16).min).all(axis=1)
    zeros = (signal.acc == 0).all(axis=1)
    assert 80 <= missing.sum() <= 400
    assert not missing[:90].any()
    assert not missing[-100:].any()
    # A device that lost its own power measures nothing until it is set up again, a second on.
    assert 90 <= zeros.sum() <= 110
    assert not zeros[-100:].any()
    assert np.array_equal(signal.emg, EMG[: len(signal.emg)])


def test_two_channels_with_lead_off_and_battery(start_board: StartBoard, two_channels_elf: Path) -> None:
    emg = RNG.integers(0, 4093, (6000, 2)).astype(np.int16)
    board = start_board(
        two_channels_elf, emg=emg, acceleration=ACC, reference_mv=3300, battery_pin_mv=1850, speed=8
    )
    with FrameLink(board.port) as link:
        hello = link.wait_for(Hello)
        link.wait_for(Status, 1)
        board.set_pin("B0", high=True)
        link.wait_for(Status, 3)
        signal = signal_of(link.of(Samples), channels=2)
        statuses = link.of(Status)
    assert hello.name == "both-calves"
    assert hello.sites == ("left-calf", "right-calf")
    assert hello.emg_scales == (Scale(0, 4092, -1500.0, 1497.1, "uV"),) * 2
    # 0.73 µV a count: below the microvolt that absolute thresholds ask for.
    assert hello.emg_scales[0].gain < 1.0
    assert np.array_equal(signal.emg, emg[: len(signal.emg)])
    assert np.array_equal(signal.acc, ACC[: len(signal.acc)])
    # A 10-bit reading of half the battery's 3700 mV.
    assert abs(statuses[-1].battery_mv - 3700) <= 10
    assert (statuses[0].lead_off, statuses[-1].lead_off) == (0, 0b10)


def test_a_new_board_makes_itself_an_id_and_keeps_it(start_board: StartBoard, firmware_elf: Path) -> None:
    hellos = []
    for _ in range(2):
        board = start_board(firmware_elf, hardware_id=None)
        with FrameLink(board.port) as link:
            hellos.append(link.wait_for(Hello))
        board.close()
    first, second = hellos
    assert first.hardware_id == second.hardware_id
    assert first.hardware_id not in {"0" * 16, "f" * 16}
    assert (first.boot_id, second.boot_id) == (1, 2)


def test_the_chip_mostly_sleeps_and_its_interrupts_are_short(
    start_board: StartBoard, firmware_elf: Path, signals: dict[str, object]
) -> None:
    board = start_board(firmware_elf, **signals)
    with FrameLink(board.port) as link:
        link.run(5000)
        cost = board.cost()
    assert cost["asleep"] > 0.5
    # Of the stack's room at least half is left.
    assert 0 < cost["stack"] < 400
    # A byte takes 87 µs at 115200 baud: no interrupt keeps another waiting for half of that.
    assert all(
        0 <= cost[name] < 40 for name in ("timer0", "timer1", "adc", "uart_receive", "uart_send", "i2c")
    )
    assert cost["adc"] > 0
