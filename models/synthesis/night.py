"""A synthetic night: a plan of events, one person, one sensor; streamed, the same for any block size.

Agreement of a detector with this simulator is not evidence about people.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

import numpy as np

from firmware_bridge.samples import Gap, Mark, SampleBlock, SensorInfo
from models.synthesis.acts import Act, Truth
from models.synthesis.classes import EVENT_RANGES, PlannedEvent, perform
from models.synthesis.emg_stream import EmgStream
from models.synthesis.person import Person
from models.synthesis.posture import PostureStream
from models.synthesis.ranges import Ranges
from models.synthesis.sensor import SensorModel

NightItem = SampleBlock | Gap | Mark

# Length in which the signal is made, seconds; blocks of any other length are cut from it.
CHUNK_S = 10.0
# An event's earliest sign (a cramp's precursor) comes at most this long before its onset, seconds.
LONGEST_LEAD_S = 100.0
# Where the branches of the seed begin.
PERSON_BRANCH, EMG_BRANCH, POSTURE_BRANCH, EVENT_BRANCH, PLAN_BRANCH = range(5)
# Evening on which synthetic nights begin: a fixed one, so that a seed gives the same file whenever it is
# made.
NIGHT_START = datetime(2026, 1, 1, 22, 30, tzinfo=UTC)


def branch(seed: int, *path: int) -> np.random.SeedSequence:
    """Return the seed of one part of a night; parts never share random numbers."""
    return np.random.SeedSequence(seed, spawn_key=path)


@dataclass(frozen=True)
class Night:
    """A night that can be streamed any number of times, and its truth.

    Attributes:
        seed: Everything that is left open by the rest follows from it.
        duration_s: How long it is, by the sensor's clock.
        person: Who sleeps.
        sensor: What is worn.
        plan: The events, by onset.
        ranges: What open parameters are drawn from.
    """

    seed: int
    duration_s: float
    person: Person
    sensor: SensorModel
    plan: Sequence[PlannedEvent]
    ranges: Mapping[str, Ranges] = field(default_factory=lambda: EVENT_RANGES, repr=False)
    start: datetime = NIGHT_START

    @property
    def recording_id(self) -> str:
        """Name of the night."""
        return f"synthetic-{self.seed}"

    @cached_property
    def info(self) -> SensorInfo:
        """What the sensor says of itself."""
        return self.sensor.info()

    @property
    def samples(self) -> int:
        """EMG sampling instants in the night: whole acceleration samples."""
        return int(self.duration_s * self.info.emg_rate_hz / self.sensor.step) * self.sensor.step

    def acts(self) -> Iterator[tuple[int, Act]]:
        """Yield every event's number and act in the order of the plan; always the same."""
        for number, event in enumerate(self.plan):
            rng = np.random.default_rng(branch(self.seed, EVENT_BRANCH, number))
            yield number, perform(event, self.person, self.sensor, self.ranges, rng)

    @cached_property
    def truth(self) -> tuple[Truth, ...]:
        """What truly happened, by onset."""
        rows = [row for _, act in self.acts() for row in act.truth if row.onset_s < self.duration_s]
        return tuple(sorted(rows, key=lambda row: (row.onset_s, row.kind)))

    def items(self, block_s: float = 60.0) -> Iterator[NightItem]:
        """Yield blocks of at most ``block_s`` seconds, gaps and marks in order; holds a few chunks in memory.

        The samples, gaps and marks are the same for every ``block_s``.
        """
        step = self.sensor.step
        block = max(1, round(block_s * self.info.emg_rate_hz / step)) * step
        yield from recut(self._chunks(), block)

    def _chunks(self) -> Iterator[NightItem]:
        step, info, total = self.sensor.step, self.info, self.samples
        length = max(1, round(CHUNK_S * info.emg_rate_hz / step)) * step
        emg = EmgStream(self.person, self.sensor, length, branch(self.seed, EMG_BRANCH))
        posture = self._posture(length)
        acts, losses, marks = self.acts(), list[Gap](), list[Mark]()
        cast: tuple[int, Act] | None = next(acts, None)
        for first in range(0, total, length):
            end_s = (first + length) / self.sensor.true_rate_hz
            while cast and self.plan[cast[0]].onset_s < end_s + LONGEST_LEAD_S:
                self._enter(*cast, emg, posture)
                losses += [self._gap(loss.onset_s, loss.duration_s, loss.reason) for loss in cast[1].losses]
                marks += [self._mark(press.onset_s, long=press.long) for press in cast[1].presses]
                cast = next(acts, None)
            end = min(first + length, total)
            counts = emg.next_chunk()[: end - first, None]
            triples = posture.next_chunk() if posture else np.zeros((0, 3), np.int16)
            whole = SampleBlock(info, first, counts, triples[: (end - first) // step])
            losses, marks = sorted(losses, key=lambda g: g.first_index), sorted(marks, key=lambda m: m.index)
            yield from with_losses(whole, losses, total)
            yield from [mark for mark in marks if first <= mark.index < end]

    def _posture(self, length: int) -> PostureStream | None:
        if not self.sensor.acc_ratio:
            return None
        seed = branch(self.seed, POSTURE_BRANCH)
        return PostureStream(self.person, self.sensor, length // self.sensor.acc_ratio, seed)

    def _enter(self, number: int, act: Act, emg: EmgStream, posture: PostureStream | None) -> None:
        """Bring an act on stage; each part of it has its own branch of the seed."""

        def rng(part: int, place: int) -> np.random.Generator:
            return np.random.default_rng(branch(self.seed, EVENT_BRANCH, number, part, place))

        for place, drive in enumerate(act.drives):
            emg.add_discharges(drive.discharges(self.person.units, rng(0, place)))
        for place, disturbance in enumerate(act.disturbances):
            emg.add_disturbance(disturbance, rng(1, place))
        if posture:
            for place, motion in enumerate(act.motions):
                posture.add_motion(motion, rng(2, place))
            for rotation in act.rotations:
                posture.add_rotation(rotation)

    def _gap(self, onset_s: float, duration_s: float, reason: str) -> Gap:
        per_step = self.sensor.true_rate_hz / self.sensor.step
        missing = max(1, round(duration_s * per_step))
        return Gap(round(onset_s * per_step) * self.sensor.step, missing * self.sensor.step, reason)

    def _mark(self, onset_s: float, *, long: bool) -> Mark:
        return Mark(round(onset_s * self.sensor.true_rate_hz), "button long" if long else "button short")


def with_losses(block: SampleBlock, losses: list[Gap], total: int) -> Iterator[SampleBlock | Gap]:
    """Yield what is left of a chunk: blocks, and each gap once, where it begins."""
    at = block.first_index
    for gap in losses:
        if gap.end_index <= at or gap.first_index >= block.end_index:
            continue
        if gap.first_index >= at:
            yield from part(block, at, gap.first_index)
            if gap.end_index < total:
                yield gap
        at = max(at, min(gap.end_index, block.end_index))
    yield from part(block, at, block.end_index)


def part(block: SampleBlock, first: int, end: int) -> Iterator[SampleBlock]:
    """Yield the samples from ``first`` to before ``end`` of a block, if there are any."""
    if first >= end:
        return
    ratio, base = block.info.acc_ratio, block.first_index
    emg = block.emg_counts[first - base : end - base]
    acc = block.acc_counts[(first - base) // ratio : (end - base) // ratio]
    emg.flags.writeable = acc.flags.writeable = False
    yield SampleBlock(block.info, first, emg, acc)


def recut(items: Iterator[NightItem], block: int) -> Iterator[NightItem]:
    """Yield the same samples in blocks of ``block`` samples, shorter before a gap and at the end."""
    held: list[SampleBlock] = []
    for item in items:
        if isinstance(item, SampleBlock):
            held.append(item)
        else:
            yield from joined(held)
            held = []
            yield item
        while sum(piece.samples for piece in held) >= block:
            whole = next(joined(held))
            yield from part(whole, whole.first_index, whole.first_index + block)
            held = list(part(whole, whole.first_index + block, whole.end_index))
    yield from joined(held)


def joined(pieces: list[SampleBlock]) -> Iterator[SampleBlock]:
    """Yield contiguous blocks as one, if there are any."""
    if not pieces:
        return
    emg = np.concatenate([p.emg_counts for p in pieces])
    acc = np.concatenate([p.acc_counts for p in pieces])
    emg.flags.writeable = acc.flags.writeable = False
    yield SampleBlock(pieces[0].info, pieces[0].first_index, emg, acc)
