"""Rows A1, A3, A4 and A11: bytes that mean nothing, bytes in pieces, and bytes that mean too much."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from firmware_bridge.assembler import Assembler
from firmware_bridge.clock import Clock
from firmware_bridge.decoder import Decoder
from firmware_bridge.encoder import Encoder
from firmware_bridge.frames import FRAME_CLASSES, encode, seal
from firmware_bridge.samples import SampleBlock
from firmware_bridge.wire import MAX_ENCODED_BYTES
from tests.faults.pty_feed import fed, read_through
from tests.faults.row import Outcome, row
from tests.firmware_bridge.assembled import HELLO, INFO, frames_of
from tests.firmware_bridge.wire_streams import block

CHUNK = 4096
# So many bytes take less than a second: a port that brings nothing else for 4.5 s is rightly told as silent.
NOISE_AT_ONCE = 10_000_000
FRAME = 10
# No call to `feed` may take longer (row A4).
LONGEST_FEED_S = 0.1
# One channel at 1 kHz with acceleration, on the line.
BYTES_PER_S = 4300
# Good frames between two bursts of noise.
BETWEEN = 20
MOST_LOST_AFTER = 2
# Seconds of the host's clock to one of life, in row A11.
LINE_CLOCK = 200.0


@row(
    "A1",
    "random bytes through a pty",
    "no exception, no frame, buffer bounded",
    pr=10_000_000,
    nightly=100_000_000,
)
def random_bytes(repetitions: int) -> Outcome:
    """Fill the port with bytes that mean nothing."""
    rng = np.random.default_rng(1)
    told: Counter[str] = Counter()
    longest = 0
    for begun in range(0, repetitions, NOISE_AT_ONCE):
        chunks = (rng.bytes(CHUNK) for _ in range(-(-min(NOISE_AT_ONCE, repetitions - begun) // CHUNK)))
        with fed(chunks) as (source, feed):
            told["good"] -= source.counters["frames"]
            for items in read_through(source, feed):
                told["good"] += len(items)
                longest = max(longest, len(source._decoder._tail))  # type: ignore[attr-defined]
            counters = source.counters
        told["good"] += counters["frames"]
        told["faults"] += counters["port_faults"] + counters["links_lost"]
        told.update({name: counters[name] for name in ("received_bytes", "bad_frames")})
    return Outcome(
        lost=0,
        wrong=told["good"],
        passed=told["good"] == 0 and told["faults"] == 0 and longest <= MAX_ENCODED_BYTES,
        figures=f"{told['received_bytes']} bytes, {told['bad_frames']} bad frames, {told['good']} good, "
        f"{told['faults']} faults of the port, at most {longest} bytes kept",
    )


@row(
    "A3",
    "the same bytes cut in four ways",
    "identical frames and counters",
    pr=100_000,
    nightly=1_000_000,
)
def chunking(repetitions: int) -> Outcome:
    """Byte by byte, in 4096s, in random pieces, and all at once; a thousandth of the bytes damaged."""
    rng = np.random.default_rng(3)
    frames = [encode(HELLO), *Encoder(INFO).feed(block(INFO, 0, repetitions * FRAME))]
    raw = np.frombuffer(b"".join(frames), np.uint8).copy()
    hits = rng.random(len(raw)) < 1e-3
    raw[hits] = rng.integers(0, 256, int(hits.sum()), dtype=np.uint8)
    data = raw.tobytes()
    steps = rng.geometric(1 / 200, len(data) // 100)
    points = np.concatenate([[0], np.cumsum(steps)])
    ways: Sequence[Sequence[int]] = (
        range(len(data)),
        range(0, len(data), CHUNK),
        [int(point) for point in points if point < len(data)],
    )
    whole = Decoder()
    expected = whole.feed(data)
    wrong = 0
    for way in ways:
        decoder = Decoder()
        found = [
            frame
            for a, b in zip(way, [*way[1:], len(data)], strict=True)
            for frame in decoder.feed(data[a:b])
        ]
        wrong += found != expected
        wrong += decoder.counters != whole.counters
    return Outcome(
        lost=0,
        wrong=wrong,
        passed=wrong == 0,
        figures=f"{len(expected)} frames and losses from {len(data)} bytes, the same in 4 ways",
    )


@row(
    "A4",
    "fuzzed frames with a right check sum",
    "only documented errors, no feed over 100 ms, nothing kept",
    pr=60_000,
    nightly=5_000_000,
)
def fuzzed(repetitions: int) -> Outcome:
    """Frames whose payloads are random, mutated or cut, sealed properly, so that they reach the assembler."""
    rng = np.random.default_rng(4)
    decoder, assembler = Decoder(), Assembler()
    seeds = [encode(HELLO), *map(encode, frames_of(0, 5))]
    bodies = [
        bytes([1]) + HELLO.to_payload(),
        *(bytes([2]) + frame.to_payload() for frame in frames_of(0, 5)),
    ]
    slowest_s, longest, wrong = 0.0, 0, 0
    for i in range(repetitions):
        data = seeds[0] if i % 1000 == 0 else fuzz(bodies, rng)
        began_s = time.thread_time()
        items = assembler.feed(decoder.feed(data), i / 100)
        slowest_s = max(slowest_s, time.thread_time() - began_s)
        longest = max(longest, len(decoder._tail))
        wrong += any(isinstance(item, SampleBlock) and item.samples > MAX_ENCODED_BYTES for item in items)
    counters = decoder.counters
    return Outcome(
        lost=0,
        wrong=wrong,
        passed=wrong == 0 and slowest_s <= LONGEST_FEED_S and longest <= MAX_ENCODED_BYTES,
        figures=f"{counters.frames} frames taken, {counters.malformed} malformed, {counters.bad_frames} bad, "
        f"{counters.unknown} unknown, 0 uncaught, at most {longest} bytes kept",
        worst_delay_s=slowest_s,
    )


def fuzz(bodies: Sequence[bytes], rng: np.random.Generator) -> bytes:
    """Return a frame that a mad board could have sent."""
    body = bytearray(bodies[int(rng.integers(len(bodies)))])
    if rng.random() < 0.3:
        code = rng.choice(list(FRAME_CLASSES)) if rng.random() < 0.8 else rng.integers(256)
        body = bytearray([code]) + bytearray(rng.bytes(int(rng.integers(0, 200))))
    for _ in range(int(rng.geometric(0.4))):
        body[rng.integers(len(body))] = rng.integers(256)
    if rng.random() < 0.2:
        del body[int(rng.integers(1, len(body) + 1)) :]
    sealed = seal(bytes(body))
    return sealed if rng.random() < 0.9 else sealed[: int(rng.integers(len(sealed)))]


@row(
    "A11",
    "line noise: 10 ms to 5 s of 0x00, 0xFF, random; and over frames on their way",
    "nothing wrong accepted, at most 2 good frames lost after a burst",
    pr=300,
    nightly=1_000,
)
def line_noise(repetitions: int) -> Outcome:
    """Bursts between good frames, into the middle of them and over them, through a pty.

    Bursts over frames hit 1 to 50 % of the bytes, as a bad contact does, and leave most delimiters alone: with the
    check sum off the decoder takes such frames by the dozen, and this row fails.
    """
    bursts = Bursts(repetitions, np.random.default_rng(11))
    came: set[int] = set()
    wrong = 0
    # A minute's worth of frames is sent in a second, and frames under noise are holes in it.
    with fed(bursts.chunks(), Clock(rate=LINE_CLOCK)) as (source, feed):
        read = (item for items in read_through(source, feed) for item in items)
        for item in (item for item in read if isinstance(item, SampleBlock)):
            truth = block(INFO, item.first_index, item.samples)
            wrong += not np.array_equal(truth.emg_counts, item.emg_counts)
            came.update(range(item.first_index // FRAME, item.end_index // FRAME))
    lost = [sum(frame not in came for frame in stretch) for stretch in bursts.good]
    after = max(lost[1:])
    return Outcome(
        lost=sum(lost),
        wrong=wrong,
        passed=wrong == 0 and after <= MOST_LOST_AFTER and bursts.garbled > 0,
        figures=f"{feed.sent_bytes} bytes, {bursts.garbled} frames under noise, "
        f"{source.counters['bad_frames']} bad frames, at most {after} good ones "
        f"lost after a burst, {sum(lost)} in all",
    )


class Bursts:
    """Good frames with a burst of noise between any two stretches of them.

    Attributes:
        good: The numbers of the whole frames of each stretch.
        garbled: How many frames were under noise.
    """

    def __init__(self, count: int, rng: np.random.Generator) -> None:
        self.good: list[range] = []
        self.garbled = 0
        self._count = count
        self._rng = rng
        self._at = 0

    def chunks(self) -> Iterator[bytes]:
        """Yield what is on the line."""
        for burst in range(self._count):
            frames = self._next(BETWEEN)
            first = self._at - BETWEEN
            # The last frame before every other burst breaks off where the burst begins.
            cut = burst % 2
            if cut:
                frames[-1] = frames[-1][: int(self._rng.integers(1, len(frames[-1]) - 1))]
            self.good.append(range(first, self._at - cut))
            yield b"".join(frames)
            size = int(BYTES_PER_S * 10 ** self._rng.uniform(-2, np.log10(5)))
            yield self._noise(burst // 2 % (len(NOISES) + 1), size)
        self.good.append(range(self._at, self._at + BETWEEN))
        yield b"".join(self._next(BETWEEN))

    def _next(self, count: int) -> list[bytes]:
        frames = [encode(frame) for frame in frames_of(self._at * FRAME, count)]
        self._at += count
        return frames

    def _noise(self, kind: int, size: int) -> bytes:
        if kind < len(NOISES):
            return NOISES[kind](self._rng, size)
        frames = self._next(max(1, size // len(encode(frames_of(0, 1)[0]))))
        self.garbled += len(frames)
        return garbled(b"".join(frames), self._rng)


def garbled(data: bytes, rng: np.random.Generator) -> bytes:
    """Return bytes of which some have become others, but none a delimiter."""
    raw = np.frombuffer(data, np.uint8).copy()
    hit = rng.random(len(raw)) < 10 ** rng.uniform(-2, np.log10(0.5))
    hit &= raw != 0
    raw[hit] = rng.integers(1, 256, int(hit.sum()), dtype=np.uint8)
    return raw.tobytes()


NOISES: Sequence[Callable[[np.random.Generator, int], bytes]] = (
    lambda _rng, size: bytes(size),
    lambda _rng, size: b"\xff" * size,
    lambda rng, size: rng.bytes(size),
)
