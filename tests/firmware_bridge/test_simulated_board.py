"""The simulated board on a real pty, read back through pyserial: same counts, indices, scales, holes."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from firmware_bridge.clock import Clock
from firmware_bridge.decoder import Decoder
from firmware_bridge.frames import BadFrame, Cue, Frame, HelloRequest, Keepalive, Samples, Set, encode
from firmware_bridge.recordings import open_recording
from firmware_bridge.samples import (
    Gap,
    LinkState,
    Mark,
    SampleBlock,
    Scale,
    SensorInfo,
    SensorStatus,
    StreamItem,
)
from firmware_bridge.simulated_board import SimulatedBoard
from firmware_bridge.sources import open_source
from firmware_bridge.wire import FrameError
from tests.firmware_bridge.live_reading import PATIENCE_S, read_all, read_until
from tests.firmware_bridge.wire_streams import block, flat, sensor


def a_night(info: SensorInfo, seconds: int) -> list[StreamItem]:
    """Return a stream with everything in it."""
    rate, ratio = round(info.emg_rate_hz), info.acc_ratio
    third = seconds * rate // 3 // ratio * ratio
    return [
        Gap(0, 7 * ratio, "not recorded"),
        block(info, 7 * ratio, third),
        Mark(7 * ratio + third + 3, "button short"),
        SensorStatus(7 * ratio + third + 3, 3700, (False,) * len(info.sites), 1, 2),
        block(info, 7 * ratio + third, third),
        Gap(7 * ratio + 2 * third, 13 * ratio, "link down"),
        Mark(20 * ratio + 2 * third, "cue", "vibrate double, light off, 800 ms", 0.8),
        block(info, 20 * ratio + 2 * third, third + 3 * ratio),
        Gap(23 * ratio + 3 * third, ratio, "not recorded"),
    ]


def through_pty(
    items: Iterable[StreamItem], info: SensorInfo, speed: float, clock: Clock | None = None
) -> list[StreamItem]:
    board = SimulatedBoard(items, info, speed, clock=clock)
    with board, open_source(f"serial:{board.port}", clock=clock) as source:
        assert source.open() == board.info
        assert board.info.same_signal(info)
        return read_all(source)


@pytest.mark.parametrize(
    ("info", "seconds", "speed"),
    [
        (sensor(), 300, math.inf),
        (sensor(), 90, 100.0),
        (sensor(), 2, 1.0),
        (sensor(2, 2000.0, 20), 60, math.inf),
        (sensor(3, 990.5, 0), 60, math.inf),
        (sensor(1, 250.0, 1), 120, math.inf),
    ],
    ids=["as fast as it goes", "100 times", "as it was", "2 channels at 2 kHz", "no acceleration", "250 Hz"],
)
def test_what_is_read_back_is_what_was_played(info: SensorInfo, seconds: int, speed: float) -> None:
    items = a_night(info, seconds)
    got = through_pty(items, info, speed)
    assert flat(got).same(flat(items))
    assert not any(isinstance(item, LinkState | SensorInfo) for item in got)


def test_the_clock_of_an_accelerated_night_paces_the_board_as_well() -> None:
    clock = Clock(50.0)
    info = sensor()
    began_s = clock.mono_s()
    got = through_pty([block(info, 0, 30_000)], info, 1.0, clock)
    assert clock.mono_s() - began_s >= 29.9
    assert flat(got).same(flat([block(info, 0, 30_000)]))


def test_a_wall_clock_time_is_put_beside_a_sample_every_minute() -> None:
    info = sensor()
    got = through_pty([block(info, 0, 150_000)], info, math.inf)
    anchors = [item for item in got if isinstance(item, Mark)]
    assert [mark.kind for mark in anchors] == ["clock"] * 3
    assert anchors[0].index == 0
    assert all(60_000 <= b.index - a.index < 65_000 for a, b in pairwise(anchors))
    assert anchors[1].text.endswith(f"device_us={anchors[1].index * 1000}")


def test_a_slow_reader_loses_nothing() -> None:
    """RELIABILITY.md row A13, for a board that waits."""
    info = sensor()
    items: list[StreamItem] = [block(info, 0, 200_000)]
    with SimulatedBoard(items, info, math.inf) as board, open_source(f"serial:{board.port}") as source:
        source.open()
        time.sleep(0.3)
        got = source.read(0.01)
        time.sleep(0.3)
        assert flat([*got, *read_all(source)]).same(flat(items))


def test_the_stream_waits_for_a_host_to_say_hello() -> None:
    taken: list[int] = []
    info = sensor()

    def stream() -> Iterator[StreamItem]:
        for at in range(0, 1000, 100):
            taken.append(at)
            yield block(info, at, 100)

    with SimulatedBoard(stream(), info, math.inf) as board:
        time.sleep(0.1)
        assert taken == [0]
        assert not board.finished
        with open_source(f"serial:{board.port}") as source:
            source.open()
            assert flat(read_all(source)).emg.shape == (1000, 1)
        assert board.finished


def test_a_host_that_missed_the_end_is_told_when_it_asks() -> None:
    info = sensor()
    with SimulatedBoard([block(info, 0, 1000)], info, math.inf) as board:
        for _ in range(2):
            with open_source(f"serial:{board.port}") as source:
                assert source.open() == board.info
                read_all(source)


def test_a_second_host_hears_the_rest() -> None:
    info = sensor()
    with SimulatedBoard([block(info, 0, 20_000)], info, 40.0) as board:
        with open_source(f"serial:{board.port}") as first:
            first.open()
            read_until(first, lambda items: any(isinstance(item, SampleBlock) for item in items))
        with open_source(f"serial:{board.port}") as second:
            second.open()
            got = [item for item in read_all(second) if isinstance(item, SampleBlock)]
    assert got[0].first_index == 0
    assert sum(item.samples for item in got) > 10_000


def test_cues_and_settings_reach_the_board_and_come_back_as_marks() -> None:
    info = sensor()
    with (
        SimulatedBoard([block(info, 0, 100_000)], info, 10.0) as board,
        open_source(f"serial:{board.port}") as source,
    ):
        source.open()
        source.send(Cue(PULSE, URGENT, 700))
        source.send(Set(0, 80))
        got = read_until(
            source, lambda items: sum(isinstance(i, Mark) and i.kind != "clock" for i in items) == 2
        )
        read_until(source, lambda _: source.counters["commands_acknowledged"] == 2)
        assert [(cue.vibration, cue.light, cue.duration_ms) for cue in board.cues] == [(PULSE, URGENT, 700)]
    said = [(mark.kind, mark.text) for mark in got if isinstance(mark, Mark) and mark.kind != "clock"]
    assert said == [("cue", "vibrate pulse, light urgent, 700 ms"), ("setting", "vibration_strength=80")]


PULSE, URGENT = 2, 4


def test_a_board_whose_host_hangs_buzzes_and_one_whose_host_said_goodbye_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("firmware_bridge.simulated_board._LEAST_PATIENCE_S", 0.2)
    clock = Clock(600.0)
    board = SimulatedBoard([block(sensor(), 0, 10_000)], sensor(), 1e-3, clock=clock)
    with board, open_source(f"serial:{board.port}", clock=clock) as source:
        source.open()
        source.send(Keepalive(watching=False))
        time.sleep(0.5)
        assert board.alone_buzzes == 0
        source.send(Keepalive())
        # Nobody reads, and minutes of the night go by.
        ends_s = time.monotonic() + PATIENCE_S
        while not board.alone_buzzes and time.monotonic() < ends_s:
            time.sleep(0.02)
        marks = read_until(source, lambda items: any(isinstance(i, Mark) and i.kind == "cue" for i in items))
    assert "vibrate alone" in next(m.text for m in marks if isinstance(m, Mark) and m.kind == "cue")


def test_a_stream_that_breaks_is_told_and_the_board_stays_sound() -> None:
    info = sensor()

    def stream() -> Iterator[StreamItem]:
        yield block(info, 0, 100)
        raise ZeroDivisionError

    with SimulatedBoard(stream(), info, math.inf) as board, open_source(f"serial:{board.port}") as source:
        source.open()
        read_until(source, lambda _: board.finished)
        assert isinstance(board.failure, ZeroDivisionError)
        assert not source.finished


def test_a_recording_of_24_bits_is_played_in_16_with_a_warning() -> None:
    info = sensor(emg_scales=(Scale(-(1 << 23), (1 << 23) - 1, -375000.0, 375000.0, "uV"),))
    board = SimulatedBoard([replace(block(info, 0, 100), info=info)], info)
    assert len(board.warnings) == 1
    assert board.info.emg_scales[0].digital_min == -32768
    board.close()


def test_a_signal_that_no_board_can_say_is_refused_at_once() -> None:
    with pytest.raises(FrameError, match="channels"):
        SimulatedBoard([], sensor(channels=9))


def test_closing_in_mid_stream_ends_at_once_and_leaves_nothing() -> None:
    info = sensor()
    threads = threading.active_count()
    board = SimulatedBoard([block(info, 0, 1_000_000)], info, 1.0)
    board.start()
    port = Path(board.port)
    assert port.exists()
    with open_source(f"serial:{board.port}") as source:
        source.open()
        board.close()
        board.close()
    assert not port.exists()
    assert threading.active_count() == threads


def test_what_goes_over_the_line_is_wire_md_and_nothing_else() -> None:
    """Read with nothing but os and the decoder: no private channel."""
    info = sensor()
    with SimulatedBoard([block(info, 0, 100)], info, math.inf) as board:
        port = os.open(board.port, os.O_RDWR | os.O_NOCTTY)
        os.write(port, encode(HelloRequest()))
        decoder = Decoder()
        frames: list[Frame | BadFrame] = []
        while len(frames) < 12:
            frames += decoder.feed(os.read(port, 4096))
        os.close(port)
    assert [type(frame).__name__ for frame in frames] == ["Hello", *["Samples"] * 10, "Bye"]
    assert [frame.counter for frame in frames if isinstance(frame, Samples)] == list(range(0, 100, 10))


@pytest.mark.shared_data
def test_a_real_recording_through_the_pty_is_the_recording(shared_data: Path) -> None:
    recording = open_recording(next(shared_data.glob("plux/*.edf")))
    items = list(recording.items(1.0))
    assert flat(through_pty(items, recording.info, math.inf)).same(flat(items))
