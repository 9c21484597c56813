"""Row NIGHT: a whole synthetic night on a board that drifts and a line that loses frames."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from detector.pipeline import Pipeline
from detector.types import Contraction, DetectorItem
from firmware_bridge.assembler import Assembler
from firmware_bridge.decoder import Decoder
from firmware_bridge.encoder import Encoder
from firmware_bridge.samples import Gap, SampleBlock, SensorInfo, StreamItem
from models.synthesis import simulate_night
from tests.faults.row import Outcome, row

DRIFT_PPM = 300.0
LOST_SHARE = 0.01
READ_S = 0.25
TRUE_S = 0.05
SECONDS_PER_HOUR = 3600.0
# So much of the matrix's ten hours is a quick or PR repetition.
HOURS = 10.0
PARTS = 100


@dataclass
class Host:
    """A host that listens to a board whose clock runs this much faster than it says."""

    info: SensorInfo
    ppm: float
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
        pace_hz = self.info.emg_rate_hz * (1 + self.ppm / 1e6)
        now_s = sent_index / pace_hz + 0.002 + self.rng.exponential(0.004)
        for item in self.assembler.feed(self.decoder.feed(data), now_s):
            if isinstance(item, SampleBlock):
                self.samples += item.samples
                clock = self.assembler.clock
                if clock is not None and clock.known:
                    taken_s = min(clock.host_s(item.first_index), now_s)
                    self.worst_s = max(self.worst_s, abs(taken_s - item.first_index / pace_hz))
            if not isinstance(item, SensorInfo):
                self.note(self.pipeline.feed(item))

    def note(self, items: list[DetectorItem]) -> None:
        """Keep the newest revision of every event."""
        self.events |= {item.id: item for item in items if isinstance(item, Contraction)}

    def verdicts(self) -> list[tuple[str, str, int, int | None]]:
        """Return what the night came to."""
        told = [(e.kind, e.alert, e.onset_index, e.offset_index) for e in self.events.values()]
        return sorted(told, key=lambda verdict: verdict[2])


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


def onset_shifts_s(a: Host, b: Host) -> tuple[int, float]:
    """Return how many alerts one host has without the other, and how far apart the others begin at most."""
    rate_hz = a.info.emg_rate_hz
    mine, theirs = ([v for v in host.verdicts() if v[1] != "none"] for host in (a, b))
    shifts_s = [
        min((abs(m[2] - t[2]) / rate_hz for t in theirs if t[1] == m[1]), default=np.inf) for m in mine
    ]
    paired = [shift_s for shift_s in shifts_s if shift_s < 1.0]
    return len(mine) + len(theirs) - 2 * len(paired), max(paired, default=0.0)


@row(
    "NIGHT",
    "synthetic night, +300 ppm, 1 % of frames lost",
    "counts exact, timestamps <= 50 ms, events the same as without drift (hundredths of 10 h)",
    quick=1,
    pr=2,
    nightly=100,
    virtual=True,
)
def night(repetitions: int) -> Outcome:
    """Play it three times at once: with drift and loss, with loss alone, and untouched."""
    synthetic = simulate_night(HOURS * repetitions / PARTS, 7, scene="enriched")
    encoder = Encoder(synthetic.info)
    info = encoder.info
    drifting, steady, whole = Host(info, DRIFT_PPM), Host(info, 0.0), Host(info, 0.0)
    hosts = (drifting, steady, whole)
    rng = np.random.default_rng(301)
    sent = lost = 0
    for host in hosts:
        host.hear(encoder.hello(), 0)
    for frames, end_index in reads(iter(synthetic.items()), encoder):
        kept = rng.random(len(frames)) >= LOST_SHARE
        # What is lost at the very end nobody can know of.
        kept[-1] = True
        sent += len(frames)
        lost += int((~kept).sum())
        left = b"".join(frame for frame, keep in zip(frames, kept, strict=True) if keep)
        for host, data in ((drifting, left), (steady, left), (whole, b"".join(frames))):
            host.hear(data, end_index)
    for host in hosts:
        host.note(host.pipeline.finish())
    counters = drifting.assembler.counters
    # The synthetic night has holes of its own.
    holes = end_index - sent * encoder.frame_samples
    off = abs(counters.lost_samples - lost * encoder.frame_samples - holes)
    off += abs(drifting.samples + counters.lost_samples - end_index)
    same = drifting.verdicts() == steady.verdicts()
    apart, shift_s = onset_shifts_s(drifting, whole)
    hours = end_index / info.emg_rate_hz / SECONDS_PER_HOUR
    return Outcome(
        lost=off,
        wrong=int(not same),
        passed=off == 0 and same and drifting.worst_s <= TRUE_S,
        figures=f"{hours:.2f} h synthetic, {sent} frames, {lost} lost ({lost / sent:.2%}), "
        f"{holes} samples in holes of its own, {off} miscounted; "
        f"timestamps true to {drifting.worst_s * 1000:.0f} ms; {len(drifting.events)} events, "
        f"{'the same' if same else 'NOT the same'} as without drift; beside the untouched night "
        f"{apart} alerts differ, onsets within {shift_s:.2f} s",
        worst_delay_s=drifting.worst_s,
    )
