"""An assembler and the frames to feed it in tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from firmware_bridge.assembler import Assembler
from firmware_bridge.encoder import introduce
from firmware_bridge.frames import SAMPLES_HEAD, Frame, Samples
from firmware_bridge.hello import Hello
from firmware_bridge.samples import Gap, SampleBlock, StreamItem
from tests.firmware_bridge.wire_streams import block, sensor

INFO = sensor()
HELLO = introduce(INFO)
FRAME = 10


def frames_of(first: int, count: int, *, zero: int = 0, epoch: int = 1) -> list[Samples]:
    """Return SAMPLES of ten, from sample ``first`` on, whose counter is ``zero`` at sample 0."""
    samples = block(INFO, first, count * FRAME)
    frames = []
    for i in range(count):
        body = (
            samples.emg_counts[i * FRAME : (i + 1) * FRAME].tobytes()
            + samples.acc_counts[i : i + 1].tobytes()
        )
        counter = (first + zero + i * FRAME) % 2**32
        frames.append(Samples(SAMPLES_HEAD.pack(counter, counter * 1000 % 2**32, epoch) + body))
    return frames


@dataclass
class Board:
    """An assembler that has heard HELLO, and what has come out of it."""

    hello: Hello = HELLO
    assembler: Assembler = field(default_factory=Assembler)
    items: list[StreamItem] = field(default_factory=list)
    now_s: float = 100.0

    def __post_init__(self) -> None:
        self.hear([self.hello])

    def hear(self, frames: Sequence[Frame], now_s: float | None = None) -> list[StreamItem]:
        """Feed frames, at the same time as before unless another is given."""
        self.now_s = self.now_s if now_s is None else now_s
        items = self.assembler.feed(frames, self.now_s)
        self.items += items
        return items


def blocks(items: Iterable[StreamItem]) -> list[tuple[int, int]]:
    """Return first and end index of every block."""
    return [(item.first_index, item.end_index) for item in items if isinstance(item, SampleBlock)]


def gaps(items: Iterable[StreamItem]) -> list[Gap]:
    """Return the gaps."""
    return [item for item in items if isinstance(item, Gap)]
