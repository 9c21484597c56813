"""From the ADC's pins to a verdict: a cramp through the very firmware, pyserial, the bridge and the detector."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from detector.pipeline import Pipeline
from detector.types import Contraction
from firmware_bridge.clock import Clock
from firmware_bridge.frames import Cue
from firmware_bridge.samples import Gap, LinkState, Mark, SampleBlock, Scale, SensorInfo, StreamItem
from firmware_bridge.sources import Source, open_source
from models.synthesis import simulate_event
from tests.firmware_bridge.device.firmware_build import ROOT
from tests.firmware_bridge.device.simavr_board import SimavrBoard
from tests.firmware_bridge.device.stimulus import signals_of, signals_of_recording, through_converter

pytestmark = pytest.mark.firmware

StartBoard = Callable[..., SimavrBoard]
# Simulated seconds a second, of the chip and of the host's clock alike.
SPEED = 4.0
# What simulation/two_channels.h says: 3.3 V, a gain of 1100, four conversions; and a LIS3DH.
EMG_SCALE = Scale(0, 4092, -1500.0, 1497.1, "uV")
ACC_SCALE = Scale(-2048, 2047, -4.096, 4.094, "g")
CRAMP_AT_S, CRAMP_S = 30.0, 15.0
# What config.h says: 5 V and a gain of 200.
UNO_SCALE = Scale(0, 4092, -12500.0, 12475.6, "uV")
# Bursts of a real muscle.
RECORDING = ROOT / "tests" / "recordings" / "bursts.edf"


@pytest.fixture(scope="module")
def cramp() -> tuple[np.ndarray, np.ndarray]:
    """A cramp in the left calf, none in the right one, as counts of EMG and of acceleration."""
    uv, g = signals_of(simulate_event("cramp", CRAMP_S, seed=4, rest_s=(CRAMP_AT_S, 5.0)).items())
    # The right calf hears what the left one does when it rests.
    right = np.roll(uv[: int(CRAMP_AT_S * 500)], 777, axis=0)
    right = np.resize(right, uv.shape)
    return through_converter(np.hstack([uv, right]), EMG_SCALE), through_converter(g, ACC_SCALE)


def read_until(source: Source, done: Callable[[list[StreamItem]], bool]) -> list[StreamItem]:
    items: list[StreamItem] = []
    while not done(items):
        items += source.read(1.0)
    return items


def sampled(items: list[StreamItem]) -> int:
    return max((item.end_index for item in items if isinstance(item, SampleBlock)), default=0)


def contractions(info: SensorInfo, items: list[StreamItem]) -> list[Contraction]:
    pipeline = Pipeline(info, recording_id="simavr")
    verdicts = [*(verdict for item in items for verdict in pipeline.feed(item)), *pipeline.finish()]
    return [verdict for verdict in verdicts if isinstance(verdict, Contraction)]


@pytest.mark.slow
def test_a_cramp_on_the_pins_is_a_cramp_in_the_end(
    start_board: StartBoard, two_channels_elf: Path, cramp: tuple[np.ndarray, np.ndarray]
) -> None:
    emg, acc = cramp
    board = start_board(two_channels_elf, emg=emg, acceleration=acc, reference_mv=3300, speed=SPEED)
    with open_source(f"serial:{board.port}", clock=Clock(rate=SPEED)) as source:
        info = source.open()
        items = read_until(source, lambda items: sampled(items) >= len(emg) - 1500)
    blocks = [item for item in items if isinstance(item, SampleBlock)]
    heard = np.concatenate([block.emg_counts for block in blocks])
    felt = np.concatenate([block.acc_counts for block in blocks])
    assert info.emg_scales == (EMG_SCALE, EMG_SCALE)
    assert info.acc_scale == ACC_SCALE
    assert not [item for item in items if isinstance(item, Gap | LinkState)]
    # The host may have asked for HELLO a few frames into the stream; from there on nothing is missing.
    first = next(i for i in range(0, 5000, 10) if np.array_equal(heard[:200], emg[i : i + 200]))
    assert np.array_equal(heard, emg[first : first + len(heard)])
    assert np.array_equal(felt, acc[first // 10 : first // 10 + len(felt)])

    found = contractions(info, items)
    assert found == contractions(info, [SampleBlock(info, 0, heard, felt)])
    cramps = [event for event in found if event.alert == "cramp"]
    assert {event.site for event in cramps} == {"left-calf"}
    assert abs((cramps[0].onset_index + first) / 1000 - CRAMP_AT_S) < 3.0


def test_a_recording_on_the_pins_comes_out_to_half_a_count(
    start_board: StartBoard, firmware_elf: Path
) -> None:
    uv, _ = signals_of_recording(RECORDING)
    uv = uv[:4000, :1]
    board = start_board(firmware_elf, emg=through_converter(uv, UNO_SCALE), speed=SPEED)
    with open_source(f"serial:{board.port}", clock=Clock(rate=SPEED)) as source:
        info = source.open()
        items = read_until(source, lambda items: sampled(items) >= 3000)
    assert info.emg_scales == (UNO_SCALE,)
    heard = np.concatenate([item.emg_uv for item in items if isinstance(item, SampleBlock)])[:2500, 0]
    # Where the host came in: at the unit whose samples fit best.
    misfits = [np.abs(heard - uv[i : i + len(heard), 0]).max() for i in range(0, 1000, 10)]
    assert min(misfits) <= UNO_SCALE.gain * 0.51
    assert np.std(heard) > 5 * UNO_SCALE.gain


def test_a_cue_through_the_source_is_a_mark_in_the_stream(
    start_board: StartBoard, firmware_elf: Path
) -> None:
    board = start_board(firmware_elf, speed=SPEED)
    with open_source(f"serial:{board.port}?id=left-calf", clock=Clock(rate=SPEED)) as source:
        assert source.open().sensor_id == "left-calf"
        read_until(source, lambda items: sampled(items) > 500)
        source.send(Cue(vibration=1, light=0, duration_ms=400))
        items = read_until(source, lambda items: any(isinstance(i, Mark) and i.kind == "cue" for i in items))
        began = board.wait_for_pin("vibration", on=True)
        assert source.counters["commands_acknowledged"] == 1
    mark = next(item for item in items if isinstance(item, Mark) and item.kind == "cue")
    assert mark.text == "vibrate steady, light off, 400 ms"
    assert mark.duration_s == 0.4
    assert began.on


def test_a_restart_of_the_chip_is_a_gap(start_board: StartBoard, firmware_elf: Path) -> None:
    board = start_board(firmware_elf, speed=SPEED)
    with open_source(f"serial:{board.port}", clock=Clock(rate=SPEED)) as source:
        source.open()
        read_until(source, lambda items: sampled(items) > 1000)
        board.hang()
        items = read_until(source, lambda items: any(isinstance(item, Gap) for item in items))
        assert source.counters["restarts"] == 1
    gap = next(item for item in items if isinstance(item, Gap))
    assert gap.reason == "sensor restarted"
    # The watchdog waits for half a second; arrival times through a pty add to it.
    assert 300 <= gap.missing <= 10_000


def test_a_dead_board_is_a_link_that_is_down(start_board: StartBoard, firmware_elf: Path) -> None:
    board = start_board(firmware_elf)
    with open_source(f"serial:{board.port}") as source:
        source.open()
        read_until(source, lambda items: sampled(items) > 500)
        board.kill()
        items = read_until(source, lambda items: any(isinstance(item, LinkState) for item in items))
    assert [item.up for item in items if isinstance(item, LinkState)] == [False]
