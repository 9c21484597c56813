"""A run of activity and what it amounts to: a cramp, another tonic contraction, a leg movement, or nothing.

Verdicts rest on counts of hops, so they never depend on how the stream was cut. A tonic hop is one whose last
three seconds were steady; the first of them comes about three seconds after the onset.
"""

import math
from collections import deque
from dataclasses import dataclass

from detector.classifier import TONIC
from detector.grid import Grid
from detector.leg_during import LegDuring
from detector.levels import shows_microvolts
from detector.readings import LIKELY, Reading
from detector.settings import DetectorSettings
from detector.spectrum import MIN_RATE_FOR_HIGH_HZ
from detector.tally import Steadily, Tally
from detector.types import Before
from firmware_bridge.samples import SensorInfo

# The kind is first clear: steadier and longer than most leg movements, which average 3.2 s (science.md
# section 4).
TONIC_CLEAR_S = 7.0
# Of this, so much must have been judged steady.
TONIC_LEAST_S = 3.0
# The level of a cramp must have stood for so long; seconds below it are counted off, so that spikes on a mere tension
# never add up to one.
STRONG_LEAST_S = 2.0
STRONG_MOST_S = 3.0
# Movement is seen in the second after it; a tonic hop counts as still after that.
STILL_AFTER_S = 1.0
# So much of a cramp is steady with the leg still before anybody stirs (people wake 5–60 s after its onset) …
STILL_LEAST_S = 4.0
# … or, where the sleeper was up sooner but it was steady before, it goes on for so long under the thrashing.
STILL_SOME_S = 1.0
LED_LEAST_S = 14.0
# What a movement may explain is judged a cramp only when it goes on, in a leg as still as a sleeper's, for so long
# after: a turn of the whole body takes its muscle along, which lets go within seconds of its end (science.md section
# 10: its duration and 5 s; here 4 s more, so much as any cramp must be seen) …
AFTER_LARGE_S = 9.0
# … but a movement of the leg alone may begin a hold of up to a minute (science.md section 11).
AFTER_SMALL_S = 62.0
# So much of that time must have been judged steady.
SETTLED_LEAST_S = 5.0
# When it is judged the muscle must still be up: this part of its strongest second. What lets go just before is none.
UP_SHARE = 0.3
# Of a loose electrode's noise a part always passes for muscle: where so much is unreadable the rest is not believed.
FAULTY_SHARE = 0.25
# A movement begins at once, a cramp swells for a second and more: what reached this part of its level in its first
# second has to last so much longer before it is no leg movement (which end by 10 s).
ABRUPT_SHARE = 0.5
ABRUPT_FIRST_S = 1.0
ABRUPT_MORE_S = 1.0
# A contraction shorter than this is a leg movement by rule, however steady (AASM: 0.5–10 s).
LEG_MOVEMENT_MAX_S = 10.0
LEG_MOVEMENT_MIN_S = 0.5
# Longer than any leg movement, with a hop to either side.
OUTLASTS_MOVEMENT_S = 10.5
# A rhythm is recognised within 12 s, and pauses within it can be no closer than half a second.
REMEMBERED_PAUSES = 24
# A tremor beats at one rate, whichever second one looks at; a cramp's envelope moves at any (of its movement 4 to 25 %
# stand at one rate, of a tremor's 32 to 70 %). So much at one rate, in so much of the latest moments, is no cramp.
BEATING_SHARE = 0.31
BEATING_SAME = 0.85
BEATING_WITHIN_HZ = 0.7
BEATING_S = 6.0
# A movement nobody can see might explain the activity.
TRUST_WITHOUT_ACC = 0.85


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one channel, in hops and in its own unit."""

    grid: Grid
    settings: DetectorSettings
    has_acc: bool
    has_microvolts: bool
    # What the sensor cannot show, in words for a reason; "" for one that shows all.
    degraded: str

    @classmethod
    def of(cls, info: SensorInfo, grid: Grid, settings: DetectorSettings, channel: int) -> "Limits":
        """Return the limits of a channel."""
        fine = shows_microvolts(info.emg_scales[channel])
        lacks = [
            "" if fine else "coarse converter: judged by ratios",
            "" if info.emg_rate_hz >= MIN_RATE_FOR_HIGH_HZ else f"{info.emg_rate_hz:g} Hz: no high band",
        ]
        degraded = ", ".join(words for words in lacks if words)
        return cls(grid, settings, grid.acc_per_hop > 0, fine, degraded)

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
        hidden_from_hop: It came out of a stretch that could not be read, in which it may have begun, from here on.
    """

    def __init__(
        self,
        limits: Limits,
        reading: Reading,
        onset_hop: int,
        *,
        in_series: bool,
        hidden_from_hop: int | None = None,
    ) -> None:
        self._limits = limits
        self._in_series = in_series
        self._began_hop = reading.hop
        self.onset_hop = onset_hop
        self.end_hop = reading.hop
        self.tally = Tally(reading.resting_uv)
        self._past = reading.past
        self._leg = LegDuring(limits.grid, limits.settings, reading, onset_hop, hidden_from_hop)
        self._whole = Steadily()
        # Steady hops since the leg last moved, the most there ever were, and those before it first did.
        self._still_hops = self._most_still_hops = self._first_still_hops = 0
        self._strong_hops = 0
        self._was_strong = False
        self._tonic_sum = 0.0
        self._is_up = False
        self._faulty_hops = 0
        # Frequency and share of the strongest wave of the envelope, of the latest moments.
        self._waves: deque[tuple[float, float]] = deque(maxlen=limits.grid.hops(BEATING_S))
        self._first_uv: float | None = None
        # The latest silences within it: from the end of activity to its return.
        self._pauses: deque[tuple[int, int]] = deque(maxlen=REMEMBERED_PAUSES)

    def take(self, reading: Reading) -> None:
        """Take one hop of activity."""
        if reading.hop > self.end_hop:
            self._pauses.append((self.end_hop, reading.hop))
        self.end_hop = reading.hop + 1
        self.tally.take(reading)
        self._leg.take(reading)
        if self._first_uv is None and reading.hop + 1 - self.onset_hop >= self._limits.grid.hops(
            ABRUPT_FIRST_S
        ):
            self._first_uv = self.tally.mean_uv
        self._is_up = (
            reading.probabilities[TONIC] >= LIKELY and reading.hop_uv >= UP_SHARE * self.tally.peak_uv
        )
        self._take_strength(reading)
        wave = reading.feature("wave_hz"), reading.feature("wave_share")
        if not math.isnan(wave[1]):
            self._waves.append(wave)
        self._whole.take(reading)
        tonic = reading.probabilities[TONIC]
        if tonic >= LIKELY:
            self._tonic_sum += tonic
            self._take_stillness(reading)

    def _take_stillness(self, reading: Reading) -> None:
        is_still = reading.hop - reading.moved_hop > self._limits.grid.hops(STILL_AFTER_S)
        self._still_hops = self._still_hops + 1 if is_still else 0
        self._most_still_hops = max(self._most_still_hops, self._still_hops)
        self._first_still_hops += is_still and not self._leg.moved_since

    def _take_strength(self, reading: Reading) -> None:
        most_hops = self._limits.grid.hops(STRONG_MOST_S)
        up = 1 if self._limits.is_strong(reading) else -1
        self._strong_hops = min(max(0, self._strong_hops + up), most_hops)
        self._was_strong |= self.is_strong

    def take_silence(self) -> None:
        """Take one hop in which the muscle was not active."""
        self._whole.take_silence()
        self._leg.take_silence()

    def take_fault(self) -> None:
        """Take one hop that a fault makes unreadable."""
        self._faulty_hops += 1

    def cut(self, hop: int) -> None:
        """Let it have ended where activity was last seen before a hop."""
        for end_hop, return_hop in reversed(self._pauses):
            if return_hop >= hop:
                self.end_hop = end_hop
        self.end_hop = max(self.onset_hop, min(self.end_hop, hop))

    @property
    def before(self) -> Before | None:
        """What went before it; made when it is asked for, since few activities turn out to be cramps."""
        return self._past.before(self.onset_hop)

    @property
    def duration_s(self) -> float:
        """From the onset to the last active hop."""
        return self._seconds(self.end_hop - self.onset_hop)

    @property
    def tonic_s(self) -> float:
        """How long it was judged steady."""
        return self._seconds(self._whole.tonic)

    @property
    def confidence(self) -> float:
        """Mean probability of the tonic hops; less where nothing is known of movement."""
        mean = self._tonic_sum / self._whole.tonic if self._whole.tonic else LIKELY
        return mean if self._limits.has_acc else mean * TRUST_WITHOUT_ACC

    @property
    def is_tonic(self) -> bool:
        """Whether it is long and steady enough to be called tonic."""
        return self.duration_s >= TONIC_CLEAR_S and self.tonic_s >= TONIC_LEAST_S and self._whole.is_steady

    @property
    def is_strong(self) -> bool:
        """Whether it stands at the level of a cramp."""
        return self._seconds(self._strong_hops) >= STRONG_LEAST_S

    @property
    def was_strong(self) -> bool:
        """Whether it ever did."""
        return self._was_strong

    @property
    def moved_at_onset(self) -> bool:
        """Whether the leg moved as it began."""
        return self._leg.moved_at_onset

    @property
    def is_cramp(self) -> bool:
        """Whether it is to be judged a cramp now."""
        if not self._is_up or self._faulty_hops > FAULTY_SHARE * (self.end_hop - self._began_hop):
            return False
        if self._leg.is_explained:
            return self._has_outlasted_movement and not self._is_beating
        settings = self._limits.settings
        least_s = settings.cramp_after_s if self._limits.has_acc else settings.cramp_after_alone_s
        if self._in_series:
            least_s = max(least_s, OUTLASTS_MOVEMENT_S)
        elif self._began_abruptly:
            least_s += ABRUPT_MORE_S
        was_still = self._seconds(self._most_still_hops) >= STILL_LEAST_S
        if not was_still and self._leg.thrashed:
            least_s = max(least_s, LED_LEAST_S)
            was_still = self._seconds(self._first_still_hops) >= STILL_SOME_S
        is_due = self.duration_s >= least_s and was_still and self.is_tonic and self.is_strong
        return is_due and not self._is_beating

    @property
    def _is_beating(self) -> bool:
        """Whether its envelope moves at one rate, as a tremor's does."""
        if not self._waves:
            return False
        rates_hz = sorted(rate_hz for rate_hz, _ in self._waves)
        middle_hz = rates_hz[len(rates_hz) // 2]
        same = sum(abs(rate_hz - middle_hz) <= BEATING_WITHIN_HZ for rate_hz in rates_hz)
        shares = math.fsum(share for _, share in self._waves)
        return same >= BEATING_SAME * len(rates_hz) and shares >= BEATING_SHARE * len(rates_hz)

    @property
    def _began_abruptly(self) -> bool:
        first_uv, mean_uv = self._first_uv, self.tally.mean_uv
        return first_uv is not None and mean_uv is not None and first_uv >= ABRUPT_SHARE * mean_uv

    @property
    def _has_outlasted_movement(self) -> bool:
        """Whether it went on, steady and strong, in a still leg after the movement that would explain it."""
        settled = self._leg.settled
        return (
            self._leg.settled_s >= (AFTER_LARGE_S if self._leg.after_large else AFTER_SMALL_S)
            and self._seconds(settled.tonic) >= SETTLED_LEAST_S
            and self.is_strong
            and settled.is_steady
        )

    def _seconds(self, hops: int) -> float:
        return hops * self._limits.grid.hop_s
