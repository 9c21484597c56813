"""A synthetic night: a plan of events, one person, one sensor; streamed, the same for any block size.

Agreement of a detector with this simulator is not evidence about people.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

import numpy as np

from firmware_bridge.samples import Gap, Mark, SampleBlock, SensorInfo
from models.synthesis.acts import Act
from models.synthesis.classes import EVENT_RANGES, PlannedEvent, perform
from models.synthesis.cutting import Holes, NightItem, recut
from models.synthesis.emg_stream import EmgStream
from models.synthesis.person import Person
from models.synthesis.posture import PostureStream
from models.synthesis.ranges import Ranges
from models.synthesis.sensor import SensorModel
from models.synthesis.truth import Truth

# Length in which the signal is made, seconds; blocks of any other length are cut from it.
CHUNK_S = 10.0
# An event's earliest sign (a cramp's precursor) comes at most this long before its onset, seconds.
LONGEST_LEAD_S = 100.0
# Where the branches of the seed begin, and those of an event's parts.
PERSON_BRANCH, PLAN_BRANCH, EVENT_BRANCH, EMG_BRANCH, POSTURE_BRANCH = range(5)
DRIVE_PART, DISTURBANCE_PART, MOTION_PART = range(3)
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
        seed: Everything that the rest leaves open follows from it.
        duration_s: How long it is, by the sensor's clock.
        person: Who sleeps.
        sensor: What is worn.
        plan: The events, by onset.
        ranges: What their open parameters are drawn from.
        start: Wall time of its first sample.
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
        last_s = self.samples / self.sensor.true_rate_hz
        rows = [row for _, act in self.acts() for row in act.truth if row.onset_s < last_s]
        return tuple(sorted(rows, key=lambda row: (row.onset_s, row.kind)))

    def index_of(self, time_s: float) -> int:
        """Return the sample index at a true time; seconds of the recording are this over the nominal rate."""
        return round(time_s * self.sensor.true_rate_hz)

    def items(self, block_s: float = 60.0) -> Iterator[NightItem]:
        """Yield blocks of at most ``block_s`` seconds, gaps and marks in order; holds a few chunks in memory.

        The samples, gaps and marks are the same for every ``block_s``.
        """
        step = self.sensor.step
        block = max(1, round(block_s * self.info.emg_rate_hz / step)) * step
        return recut(self._chunks(), block)

    def _chunks(self) -> Iterator[NightItem]:
        step, total = self.sensor.step, self.samples
        length = max(1, round(CHUNK_S * self.info.emg_rate_hz / step)) * step
        stage = Stage(self, length)
        acts = self.acts()
        number, act = next(acts, (len(self.plan), Act()))
        for first in range(0, total, length):
            horizon_s = (first + length) / self.sensor.true_rate_hz + LONGEST_LEAD_S
            while number < len(self.plan) and self.plan[number].onset_s < horizon_s:
                stage.enter(number, act)
                number, act = next(acts, (len(self.plan), Act()))
            yield from stage.next_chunk(first, min(first + length, total))


class Stage:
    """Where the acts of a night become signal, one chunk after the other.

    Args:
        night: The night.
        length: Length of every chunk but the last, samples.
    """

    def __init__(self, night: Night, length: int) -> None:
        self._night = night
        self._emg = EmgStream(night.person, night.sensor, length, branch(night.seed, EMG_BRANCH))
        self._posture: PostureStream | None = None
        if night.sensor.acc_ratio:
            seed = branch(night.seed, POSTURE_BRANCH)
            self._posture = PostureStream(night.person, night.sensor, length // night.sensor.acc_ratio, seed)
        self._holes = Holes()
        self._marks: list[Mark] = []

    def enter(self, number: int, act: Act) -> None:
        """Bring an act on stage, before its first chunk; each part of it has its own branch of the seed."""
        for place, drive in enumerate(act.drives):
            rng = self._rng(number, DRIVE_PART, place)
            self._emg.add_discharges(drive.discharges(self._night.person.units, rng))
        for place, disturbance in enumerate(act.disturbances):
            self._emg.add_disturbance(disturbance, self._rng(number, DISTURBANCE_PART, place))
        if self._posture:
            for place, motion in enumerate(act.motions):
                self._posture.add_motion(motion, self._rng(number, MOTION_PART, place))
            for rotation in act.rotations:
                self._posture.add_rotation(rotation)
        for loss in act.losses:
            self._holes.add(self._gap(loss.onset_s, loss.duration_s, loss.reason))
        for press in act.presses:
            kind = "button long" if press.long else "button short"
            self._marks.append(Mark(self._night.index_of(press.onset_s), kind))
        self._marks.sort(key=lambda mark: mark.index)

    def next_chunk(self, first: int, end: int) -> Iterator[NightItem]:
        """Yield marks, samples and gaps of the next chunk, which ends before index ``end``."""
        step = self._night.sensor.step
        emg = self._emg.next_chunk()[: end - first, None]
        acc = np.zeros((0, 3), np.int16) if self._posture is None else self._posture.next_chunk()
        block = SampleBlock(self._night.info, first, emg, acc[: (end - first) // step])
        while self._marks and self._marks[0].index < end:
            yield self._marks.pop(0)
        yield from self._holes.pass_through(block)

    def _rng(self, number: int, part: int, place: int) -> np.random.Generator:
        return np.random.default_rng(branch(self._night.seed, EVENT_BRANCH, number, part, place))

    def _gap(self, onset_s: float, duration_s: float, reason: str) -> Gap:
        step = self._night.sensor.step
        first = self._night.index_of(onset_s) // step * step
        return Gap(first, max(1, round(self._night.index_of(duration_s) / step)) * step, reason)
