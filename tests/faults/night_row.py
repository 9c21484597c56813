"""Row NIGHT: a whole synthetic night, sampled by a board that drifts, on a line that loses frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from detector.pipeline import Pipeline
from detector.types import Contraction, DetectorItem
from firmware_bridge.assembler import Assembler
from firmware_bridge.decoder import Decoder
from firmware_bridge.encoder import Encoder
from firmware_bridge.samples import Gap, SampleBlock, SensorInfo, StreamItem
from models.synthesis import simulate_night
from tests.faults.drifting_board import drifting
from tests.faults.row import Outcome, row

DRIFT_PPM = 300.0
LOST_SHARE = 0.01
READ_S = 0.25
TRUE_S = 0.05
# Two verdicts this near to one another are of the same contraction: onsets come in steps of a quarter of a second.
SAME_ONSET_S = 0.5
# An event of one or two steps may fall between the steps when the samples are others; this is a board that was
# switched on half a step later, to compare with.
TWITCH_S = 0.75
RATE_HZ, LATE = 1000.0, 120
SECONDS_PER_HOUR = 3600.0
# So much of the matrix's ten hours is a repetition.
HOURS = 10.0
PARTS = 100


class Verdict(NamedTuple):
    """When an event began, and what it was."""

    onset_s: float
    kind: str
    alert: str
    lasts_s: float

    def same(self, other: Verdict) -> bool:
        """Tell whether another is of the same contraction."""
        near = abs(self.onset_s - other.onset_s) <= SAME_ONSET_S
        return near and (self.kind, self.alert) == (other.kind, other.alert)

    @property
    def weighty(self) -> bool:
        """Whether this is more than a twitch at the edge of what counts."""
        return self.alert != "none" or self.lasts_s > TWITCH_S


@dataclass
class Host:
    """A host that listens to a board whose clock runs this much faster than it says, and was switched on this late."""

    info: SensorInfo
    ppm: float = 0.0
    late_s: float = 0.0
    assembler: Assembler = field(default_factory=Assembler)
    decoder: Decoder = field(default_factory=Decoder)
    events: dict[str, Contraction] = field(default_factory=dict)
    worst_s: float = 0.0
    samples: int = 0

    def __post_init__(self) -> None:
        self.pipeline = Pipeline(self.info, recording_id="night")
        self.rng = np.random.default_rng(300)

    def hear(self, data: bytes, sent_index: int) -> None:
        """Take what has come of everything sampled before an index."""
        now_s = sent_index / self.pace_hz + 0.002 + self.rng.exponential(0.004)
        for item in self.assembler.feed(self.decoder.feed(data), now_s):
            if isinstance(item, SampleBlock):
                self.samples += item.samples
                clock = self.assembler.clock
                if clock is not None and clock.known:
                    taken_s = min(clock.host_s(item.first_index), now_s)
                    self.worst_s = max(self.worst_s, abs(taken_s - item.first_index / self.pace_hz))
            if not isinstance(item, SensorInfo):
                self.note(self.pipeline.feed(item))

    def note(self, items: list[DetectorItem]) -> None:
        """Keep the newest revision of every event."""
        self.events |= {item.id: item for item in items if isinstance(item, Contraction)}

    @property
    def pace_hz(self) -> float:
        """Samples in a second of the wearer's."""
        return self.info.emg_rate_hz * (1 + self.ppm / 1e6)

    def verdicts(self) -> list[Verdict]:
        """Return what the night came to, in the wearer's time."""
        told = [
            Verdict(self.late_s + e.onset_index / self.pace_hz, e.kind, e.alert, e.duration_s)
            for e in self.events.values()
        ]
        return sorted(told)


def reads(items: Iterator[StreamItem], encoder: Encoder) -> Iterator[tuple[list[bytes], int]]:
    """Yield the SAMPLES frames of every quarter of a second, and the index after them."""
    for item in items:
        if isinstance(item, Gap):
            encoder.feed(item)
        if not isinstance(item, SampleBlock):
            continue
        step = round(READ_S * item.info.emg_rate_hz)
        for start in range(0, item.samples, step):
            emg = item.emg_counts[start : start + step]
            ratio = item.info.acc_ratio
            acc = item.acc_counts[start // ratio : (start + step) // ratio]
            part = SampleBlock(item.info, item.first_index + start, emg, acc)
            yield encoder.feed(part), part.end_index


class Difference(NamedTuple):
    """What tells two nights apart: verdicts that only one has, by weight, and the worst shift of the others' onsets."""

    alerts: int
    weighty: int
    twitches: int
    shift_s: float


def apart(mine: Sequence[Verdict], theirs: Sequence[Verdict]) -> Difference:
    """Pair the verdicts of two nights."""
    left, alone, shift_s = list(theirs), [], 0.0
    for verdict in mine:
        near = [other for other in left if verdict.same(other)]
        if not near:
            alone.append(verdict)
            continue
        other = min(near, key=lambda one: abs(one.onset_s - verdict.onset_s))
        left.remove(other)
        shift_s = max(shift_s, abs(other.onset_s - verdict.onset_s))
    weighty = sum(verdict.weighty for verdict in (*alone, *left))
    alerts = sum(verdict.alert != "none" for verdict in (*alone, *left))
    return Difference(alerts, weighty, len(alone) + len(left) - weighty, shift_s)


def switched_on_late(items: Iterator[StreamItem], samples: int) -> Iterator[SampleBlock | Gap]:
    """Yield a stream as a board gives it that was switched on a little later."""
    for item in items:
        if isinstance(item, Gap):
            yield Gap(item.first_index - samples, item.missing, item.reason)
        elif isinstance(item, SampleBlock) and item.first_index:
            yield SampleBlock(item.info, item.first_index - samples, item.emg_counts, item.acc_counts)
        elif isinstance(item, SampleBlock):
            yield SampleBlock(
                item.info, 0, item.emg_counts[samples:], item.acc_counts[samples // item.info.acc_ratio :]
            )


@dataclass
class Line:
    """A board, the line that loses a share of its frames, and the host behind it."""

    host: Host
    encoder: Encoder
    share: float
    sent: int = 0
    lost: int = 0
    end_index: int = 0

    def play(self, items: Iterator[StreamItem]) -> None:
        """Play a night to its end."""
        rng = np.random.default_rng(301)
        self.host.hear(self.encoder.hello(), 0)
        for frames, end_index in reads(items, self.encoder):
            self.end_index = end_index
            kept = rng.random(len(frames)) >= self.share
            # What is lost at the very end nobody can know of.
            kept[-1] = True
            self.sent += len(frames)
            self.lost += int((~kept).sum())
            left = b"".join(frame for frame, keep in zip(frames, kept, strict=True) if keep)
            self.host.hear(left, end_index)
        self.host.note(self.host.pipeline.finish())

    def miscounted(self) -> int:
        """Return by how many samples the host is wrong about what it lost and what came."""
        counters, samples = self.host.assembler.counters, self.host.samples
        # The synthetic night has holes of its own.
        holes = self.end_index - self.sent * self.encoder.frame_samples
        off = abs(counters.lost_samples - self.lost * self.encoder.frame_samples - holes)
        return off + abs(samples + counters.lost_samples - self.end_index)


@row(
    "NIGHT",
    "synthetic night, +300 ppm, 1 % of frames lost",
    "counts exact, timestamps <= 50 ms; of the same samples the same events to the bit (hundredths of 10 h)",
    pr=2,
    nightly=100,
    virtual=True,
)
def night(repetitions: int) -> Outcome:
    """Try what drift could do: to the host's clock alone, and to the samples themselves.

    With the same samples and the same losses, a board whose clock runs fast must come to the very same events: that is
    judged. A fast board also samples the wearer at other instants, so that no two samples are the same; what lies at
    the edge of what counts, or of half a second, may then fall to either side. That is told, not judged, beside what a
    board does that was merely switched on a little later: the detector looks every quarter of a second, counted from
    the first sample.
    """
    synthetic = simulate_night(HOURS * repetitions / PARTS, 7, scene="enriched")
    info = Encoder(synthetic.info).info

    def played(
        host: Host, share: float, change: Callable[[Iterator[StreamItem]], Iterator[StreamItem]]
    ) -> Line:
        line = Line(host, Encoder(synthetic.info), share)
        line.play(change(iter(synthetic.items())))
        return line

    timed = played(Host(info, DRIFT_PPM), LOST_SHARE, lambda items: items)
    fast = played(Host(info, DRIFT_PPM), LOST_SHARE, lambda items: drifting(items, DRIFT_PPM))
    steady = played(Host(info), LOST_SHARE, lambda items: items)
    whole = played(Host(info), 0.0, lambda items: items)
    late = played(Host(info, late_s=LATE / RATE_HZ), 0.0, lambda items: switched_on_late(items, LATE))
    off = sum(line.miscounted() for line in (timed, fast, steady, whole, late))
    drift, loss, start = (
        apart(a.host.verdicts(), b.host.verdicts())
        for a, b in ((fast, steady), (steady, whole), (late, whole))
    )
    is_same = timed.host.events == steady.host.events
    worst_s = max(timed.host.worst_s, fast.host.worst_s)
    hours = fast.end_index / fast.host.pace_hz / SECONDS_PER_HOUR
    return Outcome(
        lost=off,
        wrong=int(not is_same),
        passed=off == 0 and is_same and worst_s <= TRUE_S,
        figures=f"{hours:.2f} h synthetic, {fast.sent} frames, {fast.lost} lost ({fast.lost / fast.sent:.2%}), {off} "
        f"samples miscounted; timestamps true to {worst_s * 1000:.0f} ms; {told(fast)}; of the same samples "
        f"{'the same events' if is_same else 'OTHER EVENTS'}; sampled at other instants "
        f"{drift.alerts} alerts and {drift.weighty} events differ, onsets within {drift.shift_s * 1000:.0f} ms, and "
        f"{drift.twitches} twitches (of a board switched on "
        f"{LATE / RATE_HZ:g} s later: {start.alerts}, {start.weighty} and {start.twitches}); "
        f"with and without loss {loss.alerts}, {loss.weighty} and {loss.twitches}",
        worst_delay_s=worst_s,
    )


def told(line: Line) -> str:
    """Say what a night came to."""
    verdicts = line.host.verdicts()
    alerts, weighty = (
        sum(marks) for marks in zip(*((v.alert != "none", v.weighty) for v in verdicts), strict=True)
    )
    return f"{len(verdicts)} events, {weighty} of them more than a twitch, {alerts} alerts"
