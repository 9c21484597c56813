"""Row A2: a valid stream, damaged: nothing wrong is accepted, and nothing good is lost with it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from firmware_bridge.decoder import Decoder
from firmware_bridge.encoder import Encoder
from firmware_bridge.frames import Samples
from firmware_bridge.samples import SampleBlock
from tests.faults.damage import damage
from tests.faults.row import Outcome, row
from tests.firmware_bridge.wire_streams import block, sensor

INFO = sensor()
BATCH = 50_000
FRAME = 10
# Share of bytes that are hit, and the share of all frames that are tried at it.
MIX = ((1e-4, 0.1), (1e-3, 0.2), (1e-2, 0.7))
# What a reader thread takes at once.
CHUNK = 4096
MOST_RESYNC_FRAMES = 2
LEAST_KEPT = 0.99


@dataclass
class Tally:
    """What became of the frames so far."""

    frames: int = 0
    damaged: int = 0
    clean: int = 0
    clean_lost: int = 0
    wrong: int = 0
    resync: int = 0
    miscounted: int = 0
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(2026))

    def add(self, first: int, share: float) -> None:
        """Try one batch, whose first sample has this index."""
        encoder = Encoder(INFO)
        # Samples that no regularity in the stream could stand in for.
        frames = encoder.feed(noise(first, self.rng))
        payloads = _payloads(frames)
        result = damage(frames, share, self.rng)
        decoder = Decoder()
        found = [
            frame
            for at in range(0, len(result.data), CHUNK)
            for frame in decoder.feed(result.data[at : at + CHUNK])
        ]
        good = [frame for frame in found if isinstance(frame, Samples)]
        known = {payload: i for i, payload in enumerate(payloads)}
        places = [known.get(frame.payload, -1) for frame in good]
        right = np.array([place for place in places if place >= 0], np.int64)
        counters = decoder.counters
        self.wrong += places.count(-1) + int((np.diff(right) <= 0).sum()) + counters.unknown
        self.miscounted += counters.frames != len(good) or counters.bad_frames != len(found) - len(good)
        kept = np.zeros(len(frames), np.bool_)
        kept[right] = True
        self.frames += len(frames)
        # A zero put between a frame and its delimiter is no damage.
        self.damaged += int((result.hit & ~kept).sum())
        self.clean += int(result.clean.sum())
        lost = result.clean & ~kept
        self.clean_lost += int(lost.sum())
        self.resync = max(self.resync, longest_run(lost))


def noise(first: int, rng: np.random.Generator) -> SampleBlock:
    """Return a batch of random samples."""
    plain = block(INFO, first, BATCH * FRAME)
    emg = rng.integers(-32768, 32768, plain.emg_counts.shape, dtype=np.int16)
    return SampleBlock(INFO, first, emg, plain.acc_counts)


def _payloads(frames: list[bytes]) -> list[bytes]:
    return [frame.payload for frame in Decoder().feed(b"".join(frames)) if isinstance(frame, Samples)]


def longest_run(marks: npt.NDArray[np.bool_]) -> int:
    """Return how many marks follow one another at most."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], marks.astype(np.int8), [0]])))
    return int((edges[1::2] - edges[::2]).max(initial=0))


@row(
    "A2",
    "damaged valid stream",
    "0 wrong frames, >= 99 % of undamaged frames kept, in step again within 2 frames",
    pr=2_500_000,
    nightly=10_000_000,
)
def damaged_stream(repetitions: int) -> Outcome:
    """Substitute, lose, insert and cut off bytes, and take delimiters away."""
    tally = Tally()
    for share, part in MIX:
        for _ in range(max(1, round(repetitions * part / BATCH))):
            tally.add(tally.frames * FRAME, share)
    kept = 1 - tally.clean_lost / tally.clean
    return Outcome(
        lost=tally.clean_lost,
        wrong=tally.wrong,
        passed=tally.wrong == 0
        and tally.miscounted == 0
        and kept >= LEAST_KEPT
        and tally.resync <= MOST_RESYNC_FRAMES
        and tally.damaged >= repetitions // 5,
        figures=f"{tally.frames} frames, {tally.damaged} damaged, {tally.wrong} wrong accepted, "
        f"{kept:.4%} of {tally.clean} undamaged kept, at most {tally.resync} good frames lost in a row",
        repetitions=tally.frames,
    )
