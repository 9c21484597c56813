"""Row TCP: boards without a cable, behind a way that stalls, breaks, roams, falls silent and trickles.

Two boards at once: a simulated one, and the firmware's own core built for this machine. In real time, since it
is the real time of connections that is tried.
"""

from __future__ import annotations

import math
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from firmware_bridge.board_faults import Overrun
from firmware_bridge.samples import Gap, LinkState, SampleBlock
from firmware_bridge.simulated_board import SimulatedBoard
from firmware_bridge.sources import Source, open_source
from tests.faults.row import Outcome, row
from tests.faults.tcp_proxy import FaultProxy
from tests.firmware_bridge.device.firmware_build import BUILD, build
from tests.firmware_bridge.live_reading import TcpBridge
from tests.firmware_bridge.wire_streams import block, sensor

INFO = sensor()
RATE_HZ = 1000
# A silent link is told within so long, and back so soon after its way is there again, or after it was told.
TOLD_S, BACK_S = 5.0, 2.0
# Between two faults samples flow for so long; and so long after a fault they may take to.
FLOWING_S, PATIENCE_S = 1.0, 15.0
# The end of what was sampled lags this far behind life: reads every 50 ms and a busy machine.
LAG_S = 0.3
# Half of what the board has to say in 5 ms.
TRICKLE_BYTES = 11


class Ramp(NamedTuple):
    """How a board's samples tell their own index: ``index * factor % modulus - shift``."""

    factor: int
    modulus: int
    shift: int

    def place(self, count: int) -> int:
        """Return the index of a sample, modulo ``modulus``."""
        return (count + self.shift) * pow(self.factor, -1, self.modulus) % self.modulus

    def fits(self, first: int, item: SampleBlock) -> bool:
        """Tell whether a block holds what its place says, where sample 0 of the stream is the board's ``first``."""
        own = np.arange(item.first_index, item.end_index) + first
        return np.array_equal(own * self.factor % self.modulus - self.shift, item.emg_counts[:, 0])


class Trouble(NamedTuple):
    """What is done to the way, for how long, and whether the link is lost by it."""

    name: str
    begin: Callable[[FaultProxy], None]
    for_s: float
    lost: bool


# In the order in which they are worth their time.
TROUBLES: Sequence[Trouble] = (
    Trouble("reset", FaultProxy.reset, 0.0, lost=True),
    Trouble("roaming", FaultProxy.roam, 0.0, lost=True),
    Trouble("stall", FaultProxy.hold, 2.0, lost=False),
    Trouble("storm of resets", FaultProxy.refuse, 3.0, lost=True),
    Trouble("trickle", lambda proxy: proxy.trickle(TRICKLE_BYTES), 4.0, lost=False),
    Trouble("stall", FaultProxy.hold, 12.0, lost=True),
    Trouble("half-open silence", FaultProxy.darken, 7.0, lost=True),
    Trouble("stall", FaultProxy.hold, 40.0, lost=True),
)


@dataclass
class Listener:
    """A source behind a proxy, and the check that what it gives is in step and true."""

    source: Source
    ramp: Ramp
    index: int = 0
    zero: int | None = None
    wrong: int = 0
    gaps: int = 0
    lost_samples: int = 0
    # When the link went and came, and when samples came last.
    told_s: list[float] = field(default_factory=list)
    back_s: list[float] = field(default_factory=list)
    heard_s: float = -math.inf

    def listen(self) -> None:
        """Take what has come."""
        for item in self.source.read(0.005):
            match item:
                case LinkState(up=up):
                    (self.back_s if up else self.told_s).append(time.monotonic())
                case Gap(first_index=first, missing=missing):
                    self.gaps += 1
                    self.lost_samples += missing
                    self.step(first, first + missing)
                case SampleBlock():
                    self.heard_s = time.monotonic()
                    self.step(item.first_index, item.end_index)
                    if self.zero is None:
                        self.zero = self.ramp.place(int(item.emg_counts[0, 0])) - item.first_index
                    self.wrong += not self.ramp.fits(self.zero, item)

    def step(self, first: int, end: int) -> None:
        """Go on along the index axis, on which nothing comes twice and nothing is left out."""
        self.wrong += first != self.index
        self.index = end


@contextmanager
def simulated_board() -> Iterator[int]:
    """Give the TCP port of a simulated board."""
    endless = (block(INFO, i * RATE_HZ, RATE_HZ) for i in range(1 << 30))
    with SimulatedBoard(endless, INFO, 1.0, [Overrun()]) as board:
        bridge = TcpBridge(board.port)
        try:
            yield bridge.tcp_port
        finally:
            bridge.close()


@contextmanager
def firmware_core() -> Iterator[int]:
    """Give the TCP port of the firmware's core."""
    build("host-tests")
    command = [str(BUILD / "host" / "board_on_tcp"), "1"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline().removeprefix("port "))
        finally:
            process.stdin.close()
            process.wait(10)


BOARDS = ((simulated_board, Ramp(7919, 1 << 16, 1 << 15)), (firmware_core, Ramp(79, 4001, 0)))


class Delays(NamedTuple):
    """Worst times until a loss was told, and until it was over."""

    told_s: float
    back_s: float


def suffered(trouble: Trouble, listeners: Sequence[Listener], proxies: Sequence[FaultProxy]) -> Delays:
    """Let one fault happen to all of them and return how long it took; infinity where it never ended."""
    listen_for(listeners, FLOWING_S)
    marks = [(listener, listener.told_s[:], listener.back_s[:]) for listener in listeners]
    began_s = time.monotonic()
    for proxy in proxies:
        trouble.begin(proxy)
    listen_for(listeners, trouble.for_s)
    for proxy in proxies:
        proxy.mend()
    mended_s = time.monotonic()
    told_s, back_s = began_s, mended_s
    while time.monotonic() - mended_s < PATIENCE_S:
        listen_for(listeners, 0.0)
        if all(over(trouble, listener, len(back), mended_s) for listener, _, back in marks):
            break
    for listener, told, back in marks:
        new_told, new_back = listener.told_s[len(told) :], listener.back_s[len(back) :]
        if (len(new_told), len(new_back)) != (trouble.lost, trouble.lost):
            return Delays(math.inf, math.inf)
        told_s = max(told_s, *new_told, began_s)
        back_s = max(
            back_s, *(mended_s + b - max(t, mended_s) for t, b in zip(new_told, new_back, strict=True)), 0
        )
    return Delays(told_s - began_s, back_s - mended_s)


def over(trouble: Trouble, listener: Listener, backs_before: int, mended_s: float) -> bool:
    """Tell whether samples flow again, and the link is known to be back if it was lost."""
    return listener.heard_s > mended_s and len(listener.back_s) - backs_before >= trouble.lost


def listen_for(listeners: Sequence[Listener], for_s: float) -> None:
    """Listen to all of them, once at least."""
    ends_s = time.monotonic() + for_s
    while True:
        for listener in listeners:
            listener.listen()
        if time.monotonic() >= ends_s:
            return


@row(
    "TCP",
    "no cable: stalls of 2, 12, 40 s, roaming, resets, half-open silence, trickle",
    "one occurrence per outage, told <= 5 s, back <= 2 s after the way is, gaps placed, no sample twice",
    pr=7,
    nightly=40,
)
def cordless(repetitions: int) -> Outcome:
    """Let a simulated board and the firmware's core suffer all of it behind a real TCP proxy."""
    troubles = [TROUBLES[i % len(TROUBLES)] for i in range(repetitions)]
    with ExitStack() as stack:
        listeners, proxies, connections = [], [], 0
        for board, ramp in BOARDS:
            proxies.append(stack.enter_context(FaultProxy(stack.enter_context(board()))))
            source = stack.enter_context(open_source(proxies[-1].url))
            source.open()
            listeners.append(Listener(source, ramp))
        listen_for(listeners, FLOWING_S)
        began_s, began = time.monotonic(), [listener.index for listener in listeners]
        delays = [suffered(trouble, listeners, proxies) for trouble in troubles]
        listen_for(listeners, FLOWING_S)
        lived_s = time.monotonic() - began_s
        lags_s = [
            abs((x.index - start) / RATE_HZ - lived_s) for x, start in zip(listeners, began, strict=True)
        ]
        connections = sum(proxy.connections for proxy in proxies)
    stormy = [
        f"{trouble.name} {trouble.for_s:g} s"
        for trouble, delay in zip(troubles, delays, strict=True)
        if math.isinf(delay.back_s)
    ]
    told_s, back_s = (max(column) for column in zip(*delays, strict=True))
    wrong = sum(listener.wrong for listener in listeners) + len(stormy)
    gaps, lost = (sum(getattr(x, name) for x in listeners) for name in ("gaps", "lost_samples"))
    return Outcome(
        lost=0,
        wrong=wrong,
        passed=wrong == 0 and told_s <= TOLD_S and back_s <= BACK_S and max(lags_s) <= LAG_S,
        figures=f"{repetitions} faults on 2 boards, {connections} connections; lost links told within {told_s:.2f} s, "
        f"back within {back_s:.2f} s; {lost} samples in {gaps} gaps, all else in its place; at the end "
        f"{max(lags_s) * 1000:.0f} ms off life; not one occurrence each: {', '.join(stormy) or 'none'}",
        worst_delay_s=back_s,
    )
