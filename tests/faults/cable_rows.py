"""Rows A7, A8 and A9: cables that are pulled, ports where somebody else sits, boards that fall silent."""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np

from firmware_bridge.board_faults import Fault, Overrun, Silence, Unplug
from firmware_bridge.board_source import BoardSource
from firmware_bridge.clock import Clock
from firmware_bridge.link_watch import LADDER
from firmware_bridge.ports import open_serial
from firmware_bridge.recorder import NightRecorder
from firmware_bridge.recordings import open_recording
from firmware_bridge.samples import Gap, LinkState, SampleBlock, StreamItem
from firmware_bridge.simulated_board import SimulatedBoard
from firmware_bridge.source_contract import NotASensorError, SourceUrl
from firmware_bridge.sources import open_source
from tests.faults.loss_rows import own_index
from tests.faults.row import Outcome, row
from tests.firmware_bridge.live_reading import open_files, read_until, talker
from tests.firmware_bridge.wire_streams import block, sensor

INFO = sensor()
RATE_HZ = 1000
# A cable is out for 0.2 s every 1.3 s.
PERIOD_S, OUT_S = 1.3, 0.2
REOPENED_S = 2.0
PLACED_S = 0.02
TECHNICAL_S = 5.0
SILENT_TOGETHER = 10


def placing_errors_s(items: list[StreamItem]) -> list[float]:
    """Return by how much each gap is wider or narrower than what was missed in it.

    The board samples in real time, plugged in or not, and each sample tells when it was taken.
    """
    blocks = [item for item in items if isinstance(item, SampleBlock)]
    ends = {item.end_index for item in items if isinstance(item, Gap)}
    errors_s: list[float] = []
    last = own_index(blocks[0], 0) + blocks[0].samples - 1
    for before, after in pairwise(blocks):
        first = own_index(after, last + 1)
        if after.first_index in ends:
            errors_s.append(abs(after.first_index - before.end_index - (first - last - 1)) / RATE_HZ)
        last = first + after.samples - 1
    return errors_s


@row(
    "A7",
    "unplug and replug, with and without reset",
    "reopened <= 2 s, no descriptor leaked, one occurrence each, gaps placed within 20 ms in the recording",
    pr=20,
    nightly=500,
)
def unplugged(repetitions: int) -> Outcome:
    """Pull the cable of a board on a pty; every other time the board loses its supply with it."""
    faults: list[Fault] = [
        Overrun(),
        *(Unplug(1.0 + i * PERIOD_S, OUT_S, reboot=i % 2 == 1) for i in range(repetitions)),
    ]
    samples = int((1.0 + repetitions * PERIOD_S + 1.0) * RATE_HZ) // 10 * 10
    states: list[LinkState] = []
    delays_s: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        board = SimulatedBoard([block(INFO, 0, samples)], INFO, 1.0, faults, link=Path(folder) / "sensor")
        plug, plugged_s = board._line.plug, [0.0]

        def noted_plug() -> None:
            plug()
            plugged_s.append(time.monotonic())

        board._line.plug = noted_plug  # type: ignore[method-assign]
        outside = open_files()
        with board, open_source(f"serial:{board.port}") as source:
            info = source.open()
            before = open_files()
            path = Path(folder) / "signal.edf"
            with NightRecorder(path, info, recording_id="a7", start=datetime.now(UTC)) as recorder:
                while not source.finished:
                    for item in source.read(0.02):
                        recorder.write(item)
                        if isinstance(item, LinkState):
                            states.append(item)
                            if item.up:
                                delays_s.append(time.monotonic() - plugged_s[-1])
                leaked = max(0, open_files() - before - 1)
            counters = source.counters
        leaked += open_files() - outside
        errors_s = placing_errors_s(list(open_recording(path).items()))
    ups = [state.up for state in states]
    wrong = (ups != [False, True] * repetitions) + counters["port_faults"] + leaked
    worst_s, placed_s = max(delays_s, default=math.inf), max(errors_s, default=math.inf)
    late = sum(delay > REOPENED_S for delay in delays_s) + repetitions - len(delays_s)
    return Outcome(
        lost=late,
        wrong=wrong,
        passed=wrong == 0 and late == 0 and len(errors_s) == repetitions and placed_s <= PLACED_S,
        figures=f"{len(delays_s)} times back, at worst after {worst_s:.2f} s; {leaked} descriptors leaked; "
        f"{ups.count(False)} occurrences; {len(errors_s)} gaps in the recording, at worst "
        f"{placed_s * 1000:.0f} ms off, 95 % within {np.quantile(errors_s or [math.inf], 0.95) * 1000:.0f} ms",
        worst_delay_s=worst_s,
    )


def pinned(port: Path) -> BoardSource:
    """Return a source that believes our board alone."""
    url = SourceUrl.parse(f"serial:{port}?hardware={INFO.hardware_id}")
    return BoardSource(url, open_serial, Clock())


@contextmanager
def stranger(link: Path, turn: int) -> Iterator[None]:
    """Let somebody else sit where our board was: another sensor, or a sketch that prints numbers."""
    if turn % 2 == 0:
        other = sensor(hardware_id="5" * 16)
        with SimulatedBoard([block(other, 0, 60_000)], other, 1.0, link=link):
            yield
        return
    with talker(lambda _heard: b"512,0.01,-0.02,0.98\n") as port:
        link.symlink_to(port)
        yield
        link.unlink()


@row(
    "A8",
    "renumbered, and another device in its place",
    "only our hardware id is accepted, at the start and in the night",
    pr=6,
    nightly=200,
)
def replaced(repetitions: int) -> Outcome:
    """Ours, then a stranger under the same name, then ours again under another number."""
    wrong, lost, told = 0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        link = Path(folder) / "sensor"
        wrong += binds(link, 0) + binds(link, 1)
        for turn in range(repetitions):
            with ExitStack() as stack:
                source = stack.enter_context(pinned(link))
                with SimulatedBoard([block(INFO, 0, 60_000)], INFO, 1.0, link=link):
                    source.open()
                    read_until(source, lambda got: any(isinstance(i, SampleBlock) for i in got))
                with stranger(link, turn):
                    ends_s = time.monotonic() + 1.5
                    items: list[StreamItem] = []
                    while time.monotonic() < ends_s:
                        items += source.read(0.05)
                    # What of ours was still on its way when it was unplugged is told before the loss.
                    down = next(i for i, item in enumerate(items) if isinstance(item, LinkState))
                    wrong += any(isinstance(item, SampleBlock) for item in items[down:])
                    told += source.counters["strangers"] + source.counters["bad_frames"] > 0
                with SimulatedBoard([block(INFO, 0, 60_000)], INFO, 1.0, link=link):
                    back = read_until(source, lambda got: any(isinstance(i, SampleBlock) for i in got))
                    lost += not any(isinstance(item, LinkState) and item.up for item in back)
    return Outcome(
        lost=lost,
        wrong=wrong,
        passed=wrong == 0 and lost == 0 and told == repetitions,
        figures=f"{told} strangers seen, {wrong} believed, {repetitions - lost} times ours found again",
    )


def binds(link: Path, turn: int) -> bool:
    """Tell whether a source that wants ours takes a stranger for it when it is opened."""
    with stranger(link, turn), pinned(link) as source:
        try:
            source.open()
        except NotASensorError:
            return False
    return True


class Listener:
    """A board that has a fault, the source that listens to it, and how long it took to tell each loss."""

    def __init__(self, stack: ExitStack, fault: Silence) -> None:
        board = stack.enter_context(SimulatedBoard([block(INFO, 0, 10_000)], INFO, 1.0, [fault]))
        self.source = stack.enter_context(open_source(f"serial:{board.port}"))
        self.source.open()
        self.ups: list[bool] = []
        self.delays_s: list[float] = []
        self._heard_s = time.monotonic()

    def listen(self) -> None:
        """Take what has come."""
        for item in self.source.read(0.01):
            if isinstance(item, SampleBlock):
                self._heard_s = time.monotonic()
            elif isinstance(item, LinkState):
                self.ups.append(item.up)
                if not item.up:
                    self.delays_s.append(time.monotonic() - self._heard_s)


@row(
    "A9",
    "connected but silent",
    "asked at 2 s, technical state <= 5 s, one occurrence, back with samples; sound at 30 s is the alerter's",
    pr=10,
    nightly=200,
)
def silent(repetitions: int) -> Outcome:
    """Boards that stop talking for 7 s, several at a time."""
    delays_s: list[float] = []
    wrong = 0
    for first in range(0, repetitions, SILENT_TOGETHER):
        with ExitStack() as stack:
            listeners = [
                Listener(stack, Silence(1.0 + i / 50, 7.0))
                for i in range(min(SILENT_TOGETHER, repetitions - first))
            ]
            while not all(listener.source.finished for listener in listeners):
                for listener in listeners:
                    listener.listen()
            wrong += sum(listener.ups != [False, True] for listener in listeners)
            delays_s += [delay_s for listener in listeners for delay_s in listener.delays_s]
    worst_s = max(delays_s, default=math.inf)
    rungs = ", ".join(f"{rung.remedy.name.lower()} {rung.silent_s:g} s" for rung in LADDER)
    return Outcome(
        lost=repetitions - len(delays_s),
        wrong=wrong,
        passed=wrong == 0 and len(delays_s) == repetitions and worst_s <= TECHNICAL_S,
        figures=f"{len(delays_s)} losses told, at worst after {worst_s:.2f} s; ladder: {rungs}",
        worst_delay_s=worst_s,
    )
