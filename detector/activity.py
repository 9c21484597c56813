"""A run of activity and what it amounts to: a cramp, another tonic contraction, a leg movement, or nothing.

Verdicts rest on counts of hops, so they never depend on how the stream was cut. A tonic hop is one whose last
three seconds were steady; the first of them comes about three seconds after the onset.
"""

from collections import deque
from dataclasses import dataclass
from math import isnan

from detector.classifier import TONIC
from detector.grid import Grid
from detector.levels import shows_microvolts
from detector.readings import LIKELY, Reading
from detector.settings import DetectorSettings
from detector.tally import Tally
from firmware_bridge.samples import SensorInfo

# The kind is first clear: steadier and longer than most leg movements, which average 3.2 s (science.md
# section 4).
TONIC_CLEAR_S = 7.0
# Of this, so much must have been judged steady …
TONIC_LEAST_S = 3.0
# … and of all hops since the first steady one, this part.
TONIC_SHARE = 0.7
# The level of a cramp must have stood for so long.
STRONG_LEAST_S = 2.0
# Movement this close to the onset makes it a voluntary movement (science.md section 10).
ONSET_MOVEMENT_S = 2.0
# Movement is seen in the second after it; a tonic hop counts as still after that.
STILL_AFTER_S = 1.0
# So much of a cramp is steady with the leg still before anybody stirs (people wake 5–60 s after its onset).
STILL_LEAST_S = 4.0
# People hold a posture for up to a minute, and stand, swaying, for longer (science.md section 11): what began
# with a movement is judged a cramp only after so much steadiness in a leg as still as a sleeper's.
STILL_AFTER_MOVEMENT_S = 62.0
# A contraction shorter than this is a leg movement by rule, however steady (AASM: 0.5–10 s).
LEG_MOVEMENT_MAX_S = 10.0
LEG_MOVEMENT_MIN_S = 0.5
# Longer than any leg movement, with a hop to either side.
OUTLASTS_MOVEMENT_S = 10.5
# A rhythm is recognised within 12 s, and pauses within it can be no closer than half a second.
REMEMBERED_PAUSES = 24
# A movement nobody can see might explain the activity.
TRUST_WITHOUT_ACC = 0.85


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one channel, in hops and in its own unit."""

    grid: Grid
    settings: DetectorSettings
    has_acc: bool
    has_microvolts: bool

    @classmethod
    def of(cls, info: SensorInfo, grid: Grid, settings: DetectorSettings, channel: int) -> "Limits":
        """Return the limits of a channel."""
        return cls(grid, settings, grid.acc_per_hop > 0, shows_microvolts(info.emg_scales[channel]))

    def is_strong(self, reading: Reading) -> bool:
        """Tell whether the muscle is at the level of a cramp."""
        if not reading.feature("times_resting") >= self.settings.cramp_ratio:
            return False
        rise_uv = reading.feature("rise_uv")
        if self.has_microvolts and rise_uv < self.settings.cramp_rise_uv:
            return False
        mvc_uv = self.settings.mvc_uv
        return mvc_uv is None or rise_uv + reading.resting_uv >= self.settings.cramp_mvc_share * mvc_uv


class Activity:
    """A run of activity.

    Args:
        reading: The hop in which it began.
        onset_hop: Where it is dated from: the foot of the rise.
        in_series: Leg movements in a series have gone before.
    """

    def __init__(self, limits: Limits, reading: Reading, onset_hop: int, *, in_series: bool) -> None:
        self._limits = limits
        self._in_series = in_series
        self._began_hop = reading.hop
        self.onset_hop = onset_hop
        self.end_hop = reading.hop
        self.tally = Tally(reading.resting_uv)
        self.moved_at_onset = False
        self._judged_hops = 0
        self._tonic_hops = 0
        self._still_hops = 0
        self._motionless_hops = 0
        self._strong_hops = 0
        self._tonic_sum = 0.0
        # The latest silences within it: from the end of activity to its return.
        self._pauses: deque[tuple[int, int]] = deque(maxlen=REMEMBERED_PAUSES)

    def take(self, reading: Reading) -> None:
        """Take one hop of activity."""
        grid = self._limits.grid
        if reading.hop > self.end_hop:
            self._pauses.append((self.end_hop, reading.hop))
        self.end_hop = reading.hop + 1
        self.tally.take(reading)
        if reading.hop - self._began_hop <= grid.hops(ONSET_MOVEMENT_S):
            self.moved_at_onset |= reading.moved_hop >= self.onset_hop - grid.hops(ONSET_MOVEMENT_S)
        self._strong_hops += self._limits.is_strong(reading)
        tonic = reading.probabilities[TONIC]
        if tonic >= LIKELY:
            self._tonic_hops += 1
            self._tonic_sum += tonic
            still_after_hops = grid.hops(STILL_AFTER_S)
            self._still_hops += reading.hop - reading.moved_hop > still_after_hops
            self._motionless_hops += reading.hop - reading.stirred_hop > still_after_hops
        self._judged_hops += self._tonic_hops > 0 and not isnan(reading.feature("modulation_depth"))

    def cut(self, hop: int) -> None:
        """Let it have ended where activity was last seen before a hop."""
        for end_hop, return_hop in reversed(self._pauses):
            if return_hop >= hop:
                self.end_hop = end_hop
        self.end_hop = max(self.onset_hop, min(self.end_hop, hop))

    @property
    def duration_s(self) -> float:
        """From the onset to the last active hop."""
        return (self.end_hop - self.onset_hop) * self._limits.grid.hop_s

    @property
    def tonic_s(self) -> float:
        """How long it was judged steady."""
        return self._tonic_hops * self._limits.grid.hop_s

    @property
    def confidence(self) -> float:
        """Mean probability of the tonic hops; less where nothing is known of movement."""
        mean = self._tonic_sum / self._tonic_hops if self._tonic_hops else LIKELY
        return mean if self._limits.has_acc else mean * TRUST_WITHOUT_ACC

    @property
    def is_tonic(self) -> bool:
        """Whether it is long and steady enough to be called tonic."""
        return (
            self.duration_s >= TONIC_CLEAR_S
            and self.tonic_s >= TONIC_LEAST_S
            and self._tonic_hops >= TONIC_SHARE * self._judged_hops
        )

    @property
    def is_strong(self) -> bool:
        """Whether it stood at the level of a cramp."""
        return self._strong_hops * self._limits.grid.hop_s >= STRONG_LEAST_S

    @property
    def is_still(self) -> bool:
        """Whether it went on long enough without a movement that would explain it."""
        hop_s = self._limits.grid.hop_s
        if self.moved_at_onset:
            return self._motionless_hops * hop_s >= STILL_AFTER_MOVEMENT_S
        return self._still_hops * hop_s >= STILL_LEAST_S

    @property
    def is_cramp(self) -> bool:
        """Whether it is to be judged a cramp now."""
        settings = self._limits.settings
        least_s = settings.cramp_after_s if self._limits.has_acc else settings.cramp_after_alone_s
        if self._in_series:
            least_s = max(least_s, OUTLASTS_MOVEMENT_S)
        return self.duration_s >= least_s and self.is_tonic and self.is_strong and self.is_still
