"""Rows A12, B4 and B5: boards whose clocks drift, hosts that sleep, samples of the future."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from firmware_bridge import clock as host_clock
from firmware_bridge.board_faults import Overrun
from firmware_bridge.decoder import Decoder
from firmware_bridge.device_clock import AHEAD_S, DeviceClock
from firmware_bridge.frames import HelloRequest, encode
from firmware_bridge.samples import Gap, LinkState, SampleBlock, StreamItem
from firmware_bridge.simulated_board import SimulatedBoard
from firmware_bridge.sources import Source, open_source
from firmware_bridge.time_watch import DRIFT_LIMIT_PPM, DriftWatch
from tests.faults.loss_rows import Street
from tests.faults.row import Outcome, row
from tests.firmware_bridge.assembled import HELLO, INFO, frames_of
from tests.firmware_bridge.live_reading import read_until, talker
from tests.firmware_bridge.wire_streams import block

RATE_HZ = 1000.0
DRIFTS_PPM = (50.0, -50.0, 500.0, -500.0, 5000.0, -5000.0)
READ_S = 0.25
# Timestamps have to be true to this at up to so much drift.
TRUE_S, TRUE_UP_TO_PPM = 0.05, 500.0
FRAME = 10
SLEEPS_S = (30.0, 600.0, 8 * 3600.0)
TOLD_S = 5.0
JUMPS_S = (30.0, 3600.0, 11.9 * 3600.0, 24 * 24 * 3600.0)


def arrivals(hours: float, seed: int) -> Iterator[float]:
    """Yield when reads happen: a few milliseconds late each, now and then by up to two seconds."""
    rng = np.random.default_rng(seed)
    for at in range(1, int(hours * 3600 / READ_S) + 1):
        stall_s = rng.uniform(0.2, 2.0) if rng.random() < 1e-3 else 0.0
        yield at * READ_S + 0.002 + rng.exponential(0.004) + stall_s


def drifted(ppm: float, hours: float) -> tuple[float, float, int]:
    """Return the worst error of a timestamp, the drift found at the end, and how often it was told."""
    clock, watch, worst_s, alarms, minute = DeviceClock(RATE_HZ), DriftWatch(), 0.0, 0, 0
    pace_hz = RATE_HZ * (1 + ppm / 1e6)
    for n, at_s in enumerate(arrivals(hours, round(abs(ppm))), 1):
        # What was sampled when the read began arrives with it.
        index = int(n * READ_S * pace_hz)
        clock.observe(index, at_s, round(index * 1000) % (1 << 32))
        if at_s // 60 > minute:
            minute = int(at_s // 60)
            worst_s = max(worst_s, abs(min(clock.host_s(index), at_s) - index / pace_hz))
            alarms += bool(watch.judge(clock))
    return worst_s, clock.drift_ppm or 0.0, alarms


@row(
    "A12",
    "board clock off by 50, 500, 5000 ppm",
    "timestamps true to 50 ms at +-500 ppm, told once beyond 2000 ppm (hours each)",
    pr=2,
    nightly=10,
    virtual=True,
)
def drift(repetitions: int) -> Outcome:
    """Let boards of six clocks sample for so many simulated hours, read late now and then."""
    wrong, worst_s, told = 0, 0.0, []
    for ppm in DRIFTS_PPM:
        error_s, found_ppm, alarms = drifted(ppm, repetitions)
        if abs(ppm) <= TRUE_UP_TO_PPM:
            worst_s = max(worst_s, error_s)
        wrong += alarms != int(abs(ppm) > DRIFT_LIMIT_PPM)
        told.append(f"{ppm:+.0f} ppm: {error_s * 1000:.0f} ms, found {found_ppm:+.0f}, told {alarms}x")
    return Outcome(
        lost=0,
        wrong=wrong,
        passed=wrong == 0 and worst_s <= TRUE_S,
        figures=f"{repetitions} h each; " + "; ".join(told),
        worst_delay_s=worst_s,
        repetitions=len(DRIFTS_PPM),
    )


@contextmanager
def sleeping_host() -> Iterator[Callable[[float], None]]:
    """Give a function that makes the computer seem to have slept."""
    awake = host_clock.boot_s
    slept = [0.0]
    host_clock.boot_s = lambda: awake() + slept[0]
    try:
        yield lambda for_s: slept.__setitem__(0, slept[0] + for_s)
    finally:
        host_clock.boot_s = awake


class BatteryBoard:
    """A board that goes on counting while the host sleeps."""

    def __init__(self) -> None:
        self.slept_s = 0.0
        self.index = 0

    def items(self) -> Iterator[StreamItem]:
        """Yield samples for ever, and a hole where the host slept."""
        while True:
            if self.slept_s:
                missing = round(self.slept_s * RATE_HZ)
                self.slept_s = 0.0
                yield Gap(self.index, missing, "not recorded")
                self.index += missing
            yield block(INFO, self.index, 20)
            self.index += 20


def flowing(items: Sequence[StreamItem]) -> bool:
    """Tell whether the newest item is samples."""
    return bool(items) and isinstance(items[-1], SampleBlock)


def woken(
    source: Source, board: BatteryBoard, sleep: Callable[[float], None], for_s: float
) -> tuple[float, int]:
    """Let the host sleep once; return how long it took to be told, and how much was wrong afterwards."""
    before = read_until(source, flowing)
    assert isinstance(before[-1], SampleBlock)
    board.slept_s = for_s
    sleep(for_s)
    began_s = time.monotonic()
    items = read_until(source, lambda got: any(isinstance(i, LinkState) for i in got))
    delay_s = time.monotonic() - began_s
    state = next(item for item in items if isinstance(item, LinkState))
    items += read_until(source, lambda got: any(isinstance(i, LinkState) and i.up for i in got))
    items += read_until(source, flowing)
    wrong = int(state.up or f"slept for {for_s:.0f} s" not in state.reason)
    for item in items:
        if isinstance(item, SampleBlock):
            wrong += not np.array_equal(
                block(INFO, item.first_index, item.samples).emg_counts, item.emg_counts
            )
    holes = [item for item in items if isinstance(item, Gap)]
    wrong += len(holes) != 1 or not for_s <= holes[0].missing / RATE_HZ <= for_s + TOLD_S
    return delay_s, wrong


@row(
    "B4",
    "host sleeps 30 s, 10 min, 8 h",
    "told <= 5 s after waking, port reopened, the hole as long as the sleep",
    pr=6,
    nightly=100,
)
def suspended(repetitions: int) -> Outcome:
    """Move the boot clock on, as a suspended machine finds it, while the board goes on counting."""
    board, delays_s, wrong = BatteryBoard(), [], 0
    line = SimulatedBoard(board.items(), INFO, 1.0, [Overrun()])
    with sleeping_host() as sleep, line, open_source(f"serial:{line.port}") as source:
        source.open()
        for turn in range(repetitions):
            delay_s, faults = woken(source, board, sleep, SLEEPS_S[turn % len(SLEEPS_S)])
            delays_s.append(delay_s)
            wrong += faults
        counters = source.counters
    wrong += counters["host_sleeps"] != repetitions
    worst_s = max(delays_s)
    return Outcome(
        lost=0,
        wrong=wrong,
        passed=wrong == 0 and worst_s <= TOLD_S,
        figures=f"{counters['host_sleeps']} sleeps told, {counters['links_lost']} occurrences, every hole exact",
        worst_delay_s=worst_s,
    )


def ahead_of_time(jump_s: float, frames: int, rng: np.random.Generator) -> int:
    """Return how much is wrong after a board has claimed to be in the future for so many frames."""
    street, now_s, wrong = Street(), 100.0, 0
    street.hear(encode(HELLO), now_s)
    began_s, jump = now_s, round(jump_s * RATE_HZ) // FRAME * FRAME
    claimed = [0] * 300 + [jump] * frames + [0] * (600 - frames if frames < 300 else 0)
    for i, ahead in enumerate(claimed):
        now_s = began_s + (i + 1) * FRAME / RATE_HZ + rng.exponential(0.002)
        zero = (ahead + i * FRAME) % (1 << 32)
        [frame] = frames_of(0, 1, zero=zero)
        street.take([frame], now_s, seed=None)
        wrong += street.index / RATE_HZ > now_s - began_s + AHEAD_S
    # Whatever it claimed, in the end its samples stand in the present.
    wrong += street.wrong + (abs(street.index / RATE_HZ - (now_s - began_s)) > TRUE_S)
    return wrong


def never_fresh() -> tuple[float, int]:
    """Return how long a board that sends nothing but futures is taken for alive, and how much is wrong."""
    turns = itertools.count()
    rng = np.random.default_rng(5)

    def say(heard: bytes) -> bytes:
        turn = next(turns)
        hello = encode(HELLO) if HelloRequest() in Decoder().feed(heard) else b""
        ahead = int(rng.integers(10**5, 10**7)) * FRAME if turn > 300 else 0
        return hello + b"".join(map(encode, frames_of(0, 1, zero=turn * FRAME + ahead)))

    with talker(say) as port, open_source(f"serial:{port}") as source:
        source.open()
        fresh_s, last = time.monotonic(), 0
        while True:
            for item in source.read(0.02):
                if isinstance(item, SampleBlock):
                    fresh_s, last = time.monotonic(), item.end_index
                if isinstance(item, LinkState):
                    return time.monotonic() - fresh_s, int(item.up or last > 310 * FRAME)
            if time.monotonic() - fresh_s > 30.0:
                return math.inf, 1


@row(
    "B5",
    "samples of the future",
    "never fresh: dropped, or a new count in the present; nothing else for 5 s is a lost link",
    pr=100,
    nightly=1_000,
)
def future(repetitions: int) -> Outcome:
    """One frame, a few, or all from now on claim to be 30 s to 24 days ahead; then nothing but futures."""
    rng = np.random.default_rng(50)
    wrong = 0
    for turn in range(repetitions):
        wrong += ahead_of_time(JUMPS_S[turn % len(JUMPS_S)], (1, 7, 600)[turn // len(JUMPS_S) % 3], rng)
    delay_s, faults = never_fresh()
    wrong += faults
    return Outcome(
        lost=0,
        wrong=wrong,
        passed=wrong == 0 and delay_s <= TOLD_S,
        figures=f"{repetitions} boards ahead of time set right; one that sends futures alone lost after "
        f"{delay_s:.2f} s",
        worst_delay_s=delay_s,
    )
