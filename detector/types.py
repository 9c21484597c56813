"""Every value that flows through the detector, and the one contract that its stages share.

A stage is ``feed(item) -> Iterable[item]`` plus ``finish()``: no input or output, no clock, its input never
changed. Results depend on the samples alone: however the stream is cut into blocks, the same items come out.

Times are sample indices of the stream (see `firmware_bridge.samples`); the wall clock enters only in
messages.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

Kind = Literal["tonic", "clonic", "leg_movement", "tension_rise", "artefact"]
Alert = Literal["none", "cramp", "clonic", "tonic_clonic"]
# Verdicts on rhythmic contractions, which people are shown as one kind.
RHYTHMIC: frozenset[Alert] = frozenset({"clonic", "tonic_clonic"})
Phase = Literal["started", "updated", "ended"]
Certainty = Literal["good", "doubtful", "unconfirmed"]

# What can be wrong with a second of signal, worst first. They mask; they never alarm by themselves.
QUALITY_FLAGS = ("lost", "flat", "railed", "lead_off", "mains", "motion", "noise")

Item_contra = TypeVar("Item_contra", contravariant=True)
Out_co = TypeVar("Out_co", covariant=True)


class Stage(Protocol[Item_contra, Out_co]):
    """One step of the street."""

    def feed(self, item: Item_contra) -> Iterable[Out_co]:
        """Take one item and return what it completes, in order."""
        ...

    def finish(self) -> Iterable[Out_co]:
        """Return what was still open; the stream has ended."""
        ...


@dataclass(frozen=True, slots=True)
class Before:
    """The ten minutes before a contraction, beside the rest of the night so far; for the researcher, not a forecast.

    What concerns movement is None without an accelerometer; what concerns the night before, where there was none.

    Attributes:
        seen_s: How much of the ten minutes was seen.
        earlier_s: How much was seen of the night before these ten minutes.
        still_s: Since the leg last moved, ten minutes at most.
        turns: Movements of the whole body.
        turns_earlier_per_h: The same, an hour, in the night before.
        turned_deg: Change of the leg's posture from ten minutes before to just before; None if not known.
        moved_share: Part of the seen time in which the leg moved.
        moved_share_earlier: The same, of the night before these ten minutes.
        tense_share: Part of the seen time above twice the resting level.
        tense_share_earlier: The same, of the night before.
        tense_share_last_minute: The same, of the last minute.
    """

    seen_s: float
    earlier_s: float
    still_s: float | None
    turns: int | None
    turns_earlier_per_h: float | None
    turned_deg: float | None
    moved_share: float | None
    moved_share_earlier: float | None
    tense_share: float
    tense_share_earlier: float | None
    tense_share_last_minute: float | None


@dataclass(frozen=True, slots=True)
class Contraction:
    """A revision of one muscle contraction event.

    The same ``id`` stays with a contraction for ever; a later ``revision`` replaces an earlier one.
    Measurements are None until they are known, or where the sensor cannot give them.

    Attributes:
        id: From recording and onset, so the same samples give the same id.
        revision: 0, 1, 2, …
        phase: ``started`` → ``updated``* → ``ended``.
        kind: What the muscle does.
        alert: The detector's verdict on it; the alarm engine adds its own delays.
        sequence: Shared by a tonic contraction and the clonic run that it turns into; None otherwise.
        channel: EMG channel of the stream.
        site: Where that channel sits.
        onset_index: Sample index at which it began.
        offset_index: Sample index just after it; None while it lasts.
        decided_index: Sample index up to which samples were needed for the verdict in ``alert`` (for
            ``none``: for ``kind``). Never changes once the verdict stands.
        confirmed: A cramp that has lasted long enough to be sure of (science.md section 10: 20 s).
        duration_s: So far.
        peak_uv: Highest 1-s RMS.
        mean_uv: RMS over the whole contraction.
        times_baseline: ``mean_uv`` over the resting level before it.
        median_frequency_hz: Median frequency of its power spectrum.
        burst_rate_hz: Bursts per second, for rhythmic ones.
        burst_count: How many bursts.
        modulation_depth: (p90 − p10) / (p90 + p10) of the 50-ms RMS.
        movement_mg: Highest dynamic acceleration (1-s RMS).
        confidence: Probability that the verdict is right, 0…1.
        model: Bundle name and hash, or the name of the rule set.
        reason: One plain sentence for a person.
        quality: ``doubtful`` where a technical fault stood, ``unconfirmed`` where the signal was lost during
            it.
        before: What the ten minutes before a cramp looked like; None for all else.
    """

    id: str
    revision: int
    phase: Phase
    kind: Kind
    alert: Alert
    channel: int
    site: str
    onset_index: int
    decided_index: int
    duration_s: float
    reason: str
    model: str
    confidence: float
    offset_index: int | None = None
    sequence: str | None = None
    confirmed: bool = False
    peak_uv: float | None = None
    mean_uv: float | None = None
    times_baseline: float | None = None
    median_frequency_hz: float | None = None
    burst_rate_hz: float | None = None
    burst_count: int | None = None
    modulation_depth: float | None = None
    movement_mg: float | None = None
    quality: Certainty = "good"
    before: Before | None = None


class SignalQuality(NamedTuple):
    """What could be seen in one second (or the part of it that a gap left) of one channel.

    ``flags`` holds names of `QUALITY_FLAGS`; empty means usable. ``noise_uv`` is the resting RMS,
    ``mains_share`` the part of the power at 50 or 60 Hz and harmonics.
    """

    first_index: int
    samples: int
    channel: int
    flags: tuple[str, ...]
    noise_uv: float
    mains_share: float


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """What a live page draws: one row a hop, ``step`` samples apart, from ``first_index`` on.

    Attributes:
        envelope_uv: ``[rows, channel]`` float32, 50-ms RMS.
        baseline_uv: ``[channel]`` float32, the resting level now.
        movement_mg: dynamic acceleration over this hop, None without an accelerometer.
    """

    first_index: int
    step: int
    envelope_uv: npt.NDArray[np.float32]
    baseline_uv: npt.NDArray[np.float32]
    movement_mg: float | None


DetectorItem = Contraction | SignalQuality | Levels
