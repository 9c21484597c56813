"""What can go wrong with a simulated board and its cable. Times are seconds of its stream."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Silence:
    """The board is there but says nothing; it goes on counting."""

    start_s: float
    for_s: float


@dataclass(frozen=True, slots=True)
class Unplug:
    """The port vanishes and comes back, under another number. A board fed by the cable starts anew."""

    start_s: float
    for_s: float
    reboot: bool = True


@dataclass(frozen=True, slots=True)
class Reboot:
    """The board's supply breaks down in the middle of a frame, and it starts anew after a while."""

    start_s: float
    for_s: float


@dataclass(frozen=True, slots=True)
class Drop:
    """A share of all frames is lost."""

    share: float
    start_s: float = 0.0
    for_s: float = math.inf


@dataclass(frozen=True, slots=True)
class Corrupt:
    """A share of all bytes is something else."""

    share: float
    start_s: float = 0.0
    for_s: float = math.inf


@dataclass(frozen=True, slots=True)
class Overrun:
    """Samples wait for nobody: what the host does not take at once is lost, as with a real board."""

    start_s: float = 0.0
    for_s: float = math.inf


Outage = Silence | Unplug | Reboot
Fault = Outage | Drop | Corrupt | Overrun


class FaultPlan:
    """The faults of one simulated board, drawn from a seed.

    Args:
        faults: In any order; outages do not overlap.
        rate_hz: EMG rate.
        seed: Of what is drawn.
    """

    def __init__(self, faults: Iterable[Fault], rate_hz: float, seed: int = 0) -> None:
        self._faults = tuple(faults)
        self.rate_hz = rate_hz
        self._rng = np.random.default_rng(seed)

    def next_edge(self, index: int) -> float:
        """Return the sample index after ``index`` at which the next fault begins or ends."""
        edges = (edge * self.rate_hz for f in self._faults for edge in (f.start_s, f.start_s + f.for_s))
        return min((edge for edge in edges if edge > index), default=math.inf)

    def outage(self, index: int) -> Outage | None:
        """Return what keeps the board silent at a sample index."""
        return next((f for f in self._active(index) if isinstance(f, Outage)), None)

    def damage(self, frames: Sequence[bytes], index: int) -> bytes:
        """Return the bytes that are left of frames sent at a sample index."""
        active = self._active(index)
        for fault in active:
            if isinstance(fault, Drop):
                kept = self._rng.random(len(frames)) >= fault.share
                frames = [frame for frame, keep in zip(frames, kept, strict=True) if keep]
        sent = b"".join(frames)
        for fault in active:
            if isinstance(fault, Corrupt):
                raw = np.frombuffer(sent, np.uint8).copy()
                hit = self._rng.random(len(raw)) < fault.share
                raw[hit] ^= self._rng.integers(1, 256, int(hit.sum()), dtype=np.uint8)
                sent = raw.tobytes()
        return sent

    def overruns(self, index: int) -> bool:
        """Tell whether what the host does not take is lost at a sample index."""
        return any(isinstance(fault, Overrun) for fault in self._active(index))

    def _active(self, index: int) -> list[Fault]:
        at_s = index / self.rate_hz
        return [fault for fault in self._faults if fault.start_s <= at_s < fault.start_s + fault.for_s]
