"""Rows A5, A6 and A10: frames that are lost, repeated or overtaken, and boards that break off and begin anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from firmware_bridge.assembler import Assembler
from firmware_bridge.board_faults import Reboot
from firmware_bridge.clock import Clock
from firmware_bridge.decoder import Decoder
from firmware_bridge.encoder import Encoder
from firmware_bridge.frames import Frame, encode
from firmware_bridge.samples import Gap, SampleBlock, StreamItem
from firmware_bridge.simulated_board import SimulatedBoard
from firmware_bridge.sources import open_source
from tests.faults.pty_feed import fed, read_through
from tests.faults.row import Outcome, row
from tests.firmware_bridge.assembled import HELLO, INFO, frames_of
from tests.firmware_bridge.wire_streams import block

FRAME = 10
RATE_HZ = 1000.0
FRAME_S = FRAME / RATE_HZ
# Frames that arrive together: a read every quarter of a second.
READ_FRAMES = 25
FRAMES_PER_HOUR = 360_000
SHARES = (0.001, 0.01, 0.05, 0.20)
# The 16-bit counter of RELIABILITY.md has become one of 32 bits.
WRAP = 1 << 32
# 7919 times this is 1 modulo 2^16: a sample of `block` tells its own index, modulo 2^16.
INDEX_OF_COUNT = pow(7919, -1, 1 << 16)
# Seconds of the host's clock to one of life: where frames are thrown at a port, and where a board plays its own.
LINE_CLOCK, BOARD_CLOCK = 200.0, 10.0


@dataclass
class Street:
    """Decoder and assembler, and the check that what they give is in step and true."""

    decoder: Decoder = field(default_factory=Decoder)
    assembler: Assembler = field(default_factory=Assembler)
    index: int = 0
    samples: int = 0
    gaps: list[Gap] = field(default_factory=list)
    wrong: int = 0

    def hear(self, data: bytes, now_s: float, seed: int | None = 0) -> list[StreamItem]:
        """Feed bytes; samples have to be those of their index (seed None: whatever they are)."""
        return self.take(self.decoder.feed(data), now_s, seed)

    def take(self, frames: Sequence[Frame | object], now_s: float, seed: int | None = 0) -> list[StreamItem]:
        """Feed frames."""
        items = self.assembler.feed(frames, now_s)  # type: ignore[arg-type]
        for item in items:
            if isinstance(item, SampleBlock | Gap):
                self.wrong += item.first_index != self.index
                self.index = item.end_index
            if isinstance(item, Gap):
                self.gaps.append(item)
                self.wrong += item.missing <= 0
            if isinstance(item, SampleBlock):
                self.samples += item.samples
                if seed is not None:
                    truth = block(INFO, item.first_index, item.samples, seed)
                    self.wrong += not np.array_equal(truth.emg_counts, item.emg_counts)
        return items


def night(frames: int) -> Iterator[tuple[int, list[bytes]]]:
    """Yield a night of frames, a minute at a time, with the number of the first."""
    encoder = Encoder(INFO)
    minute = 6000
    for first in range(0, frames, minute):
        yield first, encoder.feed(block(INFO, first * FRAME, min(minute, frames - first) * FRAME))


@row(
    "A5",
    "frames lost: 0.1, 1, 5 and 20 %",
    "loss counted exactly, every hole in its place (hours each; NIGHT tells the effect on detection)",
    pr=1,
    nightly=10,
)
def lost_frames(repetitions: int) -> Outcome:
    """Lose a share of all frames for so many simulated hours."""
    # The tier of each change plays a tenth of its hour.
    frames = FRAMES_PER_HOUR * repetitions if repetitions > 1 else FRAMES_PER_HOUR // 10
    wrong, off, told = 0, 0, []
    for share in SHARES:
        rng = np.random.default_rng(round(share * 1000))
        street = Street()
        street.hear(encode(HELLO), 0.0)
        lost = 0
        for first, minute in night(frames):
            kept = rng.random(len(minute)) >= share
            # What is lost at the very end nobody can know of.
            kept[-1] |= first + len(minute) >= frames
            lost += int((~kept).sum())
            for at in range(0, len(minute), READ_FRAMES):
                data = b"".join(
                    f for f, k in zip(minute[at : at + READ_FRAMES], kept[at:], strict=False) if k
                )
                street.hear(data, (first + at + READ_FRAMES) * FRAME_S)
        held = street.assembler.counters.lost_samples
        off += abs(held - lost * FRAME) + abs(street.samples + held - frames * FRAME)
        wrong += street.wrong
        told.append(f"{share:.1%}: {lost} frames in {len(street.gaps)} holes")
    return Outcome(
        lost=off,
        wrong=wrong,
        passed=off == 0 and wrong == 0,
        figures=f"{frames * FRAME_S / 3600:g} h each; " + "; ".join(told) + f"; miscounted samples: {off}",
        repetitions=len(SHARES),
    )


@row(
    "A6",
    "frames repeated, overtaken, counter wraps",
    "no sample twice, what came late is one hole, none at the wrap",
    pr=10_000,
    nightly=100_000,
)
def repeated_frames(repetitions: int) -> Outcome:
    """Repeat or swap frames; each repetition begins shortly before the counter wraps. Then as many through a pty."""
    rng = np.random.default_rng(6)
    count, wrong, late, holes = 12, 0, 0, 0
    for _ in range(repetitions):
        zero = WRAP - int(rng.integers(0, count + 4)) * FRAME
        frames = frames_of(0, count, zero=zero % WRAP)
        order = list(range(count))
        kind, at = int(rng.integers(3)), int(rng.integers(1, count - 1))
        if kind == 1:
            order[at:at] = order[max(0, at - int(rng.integers(1, 5))) : at]
        elif kind == 2:
            order[at], order[at + 1] = order[at + 1], order[at]
        street = Street()
        street.take([replace(HELLO, next_counter=zero % WRAP)], 0.0)
        cut = int(rng.integers(1, len(order)))
        street.take([frames[i] for i in order[:cut]], 0.1)
        street.take([frames[i] for i in order[cut:]], 0.2)
        counters = street.assembler.counters
        expected_holes = int(kind == 2)
        surplus = len(order) - count + expected_holes
        wrong += street.wrong + (street.index != count * FRAME) + (len(street.gaps) != expected_holes)
        wrong += (counters.late_samples != surplus * FRAME) + counters.impossible
        late += counters.late_samples
        holes += len(street.gaps)
    wrong += over_a_pty(repetitions, rng)
    return Outcome(
        lost=0,
        wrong=wrong,
        passed=wrong == 0,
        figures=f"{late} samples that came twice or late dropped, {holes} overtaken frames left a hole each",
    )


def over_a_pty(frames: int, rng: np.random.Generator) -> int:
    """Return how much is wrong when frames come twice and overtaken through a port, around the counter's wrap."""
    zero = WRAP - frames // 2 * FRAME
    sent = [encode(frame) for frame in frames_of(0, frames, zero=zero)]
    order: list[int] = []
    swaps = 0
    for i in range(frames):
        kind = int(rng.integers(20))
        if kind == 0 and len(order) > 1 and order[-1] > order[-2]:
            order[-1:] = [i, order[-1]]
            swaps += 1
            continue
        order += [i, i] if kind == 1 else [i]
    index, holes, wrong = 0, 0, 0
    with fed([b"".join(sent[i] for i in order)], Clock(rate=LINE_CLOCK), next_counter=zero) as (source, feed):
        for item in (item for items in read_through(source, feed) for item in items):
            if isinstance(item, SampleBlock | Gap):
                wrong += item.first_index != index
                index = item.end_index
                holes += isinstance(item, Gap)
            if isinstance(item, SampleBlock):
                truth = block(INFO, item.first_index, item.samples)
                wrong += not np.array_equal(truth.emg_counts, item.emg_counts)
    return wrong + abs(holes - swaps) + (index != frames * FRAME)


def rebooted(times: int) -> int:
    """Return how much is wrong after a board on a pty has broken off in mid-frame so many times."""
    faults = [Reboot(1.0 + 2 * i, 1.0) for i in range(times)]
    samples = (2 * times + 1) * round(RATE_HZ)
    clock = Clock(rate=BOARD_CLOCK)
    last, index, wrong = -1, 0, 0
    with (
        SimulatedBoard([block(INFO, 0, samples)], INFO, 1.0, faults, clock=clock) as board,
        open_source(f"serial:{board.port}", clock=clock) as source,
    ):
        source.open()
        while not source.finished:
            for item in source.read(1.0):
                if isinstance(item, SampleBlock | Gap):
                    wrong += item.first_index != index
                    index = item.end_index
                if isinstance(item, SampleBlock):
                    own = own_index(item, last + 1)
                    wrong += own > last + 2 * RATE_HZ
                    wrong += not np.array_equal(block(INFO, own, item.samples).emg_counts, item.emg_counts)
                    last = own + item.samples - 1
        return wrong + abs(source.counters["restarts"] - times)


def own_index(item: SampleBlock, least: int) -> int:
    """Return the index at which a block's first sample was taken, which its count tells modulo 2^16."""
    taken = (int(item.emg_counts[0, 0]) + (1 << 15)) * INDEX_OF_COUNT
    return least + (taken - least) % (1 << 16)


@row(
    "A10",
    "brown-out mid-frame, 0 to 3 s, boot noise",
    "partial frame dropped, no wrong frame, a hole of the true width, time never goes back",
    pr=1_000,
    nightly=10_000,
)
def brown_outs(repetitions: int) -> Outcome:
    """Cut a frame at any byte, say what boot loaders say, and begin a new count; a hundredth of it on a real pty."""
    rng = np.random.default_rng(10)
    street, now_s, worst_s, wrong, kept = Street(), 0.0, 0.0, 0, 0
    street.hear(encode(HELLO), now_s)
    for boot in range(repetitions):
        hello = replace(HELLO, boot_id=boot + 1, epoch=(boot + 1) % 256)
        came = 0
        noise = rng.bytes(int(rng.integers(0, 40))) + b"boot\r\n" if boot else b""
        pause_s = float(rng.uniform(0.0, 3.0)) if boot else 0.0
        before = street.index
        now_s += pause_s
        street.hear(noise + encode(hello), now_s)
        count = int(rng.integers(5, 60))
        for i, frame in enumerate(frames_of(0, count, epoch=hello.epoch)):
            now_s += FRAME_S
            data = encode(frame)
            if i == count - 1:
                data = data[: int(rng.integers(1, len(data) - 1))]
            items = street.hear(data, now_s, seed=None)
            for item in (item for item in items if isinstance(item, SampleBlock)):
                truth = block(INFO, came, item.samples)
                wrong += not np.array_equal(truth.emg_counts, item.emg_counts)
                came += item.samples
            if boot and i == 0:
                # The frame that broke off took its own time as well.
                missing = street.gaps[-1].missing
                worst_s = max(worst_s, abs(missing / RATE_HZ - pause_s - FRAME_S))
        wrong += street.index <= before
        kept += came
    wrong += rebooted(max(2, repetitions // 100))
    restarts = street.assembler.counters.restarts
    wrong += street.wrong + (restarts != repetitions - 1) + (len(street.gaps) != repetitions - 1)
    return Outcome(
        lost=0,
        wrong=wrong,
        passed=wrong == 0 and worst_s <= 2 * FRAME_S,
        figures=f"{restarts} restarts found, {street.decoder.counters.bad_frames} broken frames dropped, "
        f"{kept} samples right, holes true to {worst_s * 1000:.0f} ms",
        worst_delay_s=worst_s,
    )
