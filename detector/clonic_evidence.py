"""What makes a series of bursts a clonic run, and not steps, rocking, a tremor of the foot or chance.

Clonic jerks slow down, clonus beats fast with narrow bursts, and both leave the muscle silent in between; foot tremor,
alternating activation and gait keep a slow pace (science.md sections 3, 4 and 10).
"""

from collections.abc import Sequence
from itertools import pairwise

from detector.activity import Limits
from detector.bursts import Burst, Rhythm, Trend, rhythm, trend
from detector.classifier import CLONIC
from detector.readings import LIKELY, Reading

# Steps move the whole leg and are slow and wide; clonus and clonic jerks are faster or narrower (science.md
# section 3).
GAIT_RATE_HZ = 3.0
GAIT_WIDTH_S = 0.175
# Clonic silences lengthen, by a half and more within seconds (science.md section 11: from 3–6 a second to 0.5–1.5);
# tremor, steps and rocking keep their pace, and a chance trend is seldom so sure. Where a rhythm may be a walk, more
# is asked for.
LENGTHENING = 1.2
LENGTHENING_SURE = 4.0
LENGTHENING_BURSTS = 12
LENGTHENING_WALKING = 1.5
LENGTHENING_WALKING_SURE = 6.0
# Clonic runs begin at 2 bursts a second and more, of which a fourth of the intervals keep a trace; a walk that comes
# to its end slows down too, but never was so fast.
BRISK_HZ = 1.6
# A rhythm is a rhythm: what comes at random, as twitches do, scatters by more.
SCATTER_MOST = 0.17
ASTRAY_MOST = 0.3
ASTRAY_SELDOM = 0.12
# Among so many bursts of a rhythm a trend can be found, be it none; without one there is no rhythm.
TREND_BURSTS = 8
# Clonus beats faster than any foot tremor (0.3–4 Hz), with narrow bursts (50–100 ms); a tremor as fast is less even.
CLONUS_RATE_HZ = 4.2
CLONUS_WIDTH_S = 0.15
# Slower, only bursts narrower than a foot tremor's (250 ms and more) are clonic however short the run; slower still,
# a leg of two that alternate (0.5–3 a second) has such bursts as well.
NARROW_WIDTH_S = 0.11
NARROW_RATE_HZ = 2.7
# What is as wide as a foot tremor's must outlast one (10–15 s), and shake the leg as little as none does.
OUTLASTS_TREMOR_S = 16.5
# After a tonic phase, so many bursts no wider than this are how it breaks up, whether they slow yet or not.
SEQUENCE_WIDTH_S = 0.25
SEQUENCE_BURSTS = 8
# Clonus so fast that the 50-ms envelope runs its bursts together still beats as nothing else does: a wave of this
# share and depth, for so long.
BEAT_SHARE = 0.6
BEAT_DEPTH = 0.58
BEATS_OF_HOPS = (12, 16)
# So much of the time the muscle is silent between clonic bursts.
SILENT_LEAST = 0.2
# How sure the wave of clonus is.
BEAT_SURE = 0.9


def is_beat(reading: Reading) -> bool:
    """Tell whether the envelope of the last seconds is the wave of clonus."""
    return (
        reading.feature("wave_hz") >= CLONUS_RATE_HZ
        and reading.feature("wave_share") >= BEAT_SHARE
        and reading.feature("modulation_depth") >= BEAT_DEPTH
        and reading.hop_uv >= reading.on_uv
    )


def sure_of_lengthening(bursts: Sequence[Burst], reading: Reading, limits: Limits) -> float:
    """Return how sure it is that the silences lengthen as only clonic ones do; 0 where they do not."""
    if len(bursts) < LENGTHENING_BURSTS or not reading.feature("silent_share") >= SILENT_LEAST:
        return 0.0
    found = trend(bursts)
    if found is None or not _is_even(found):
        return 0.0
    growth, sure = LENGTHENING, LENGTHENING_SURE
    moved = reading.moved_hop >= bursts[0].begin // limits.grid.ticks_per_hop
    if moved and not _was_brisk(bursts, limits):
        return 0.0
    if _may_be_gait(reading, limits):
        growth, sure = LENGTHENING_WALKING, LENGTHENING_WALKING_SURE
    if found.growth < growth or found.sureness < sure:
        return 0.0
    return 1.0 - 1.0 / (found.sureness * found.sureness)


def sure_of_pace(bursts: Sequence[Burst], reading: Reading, limits: Limits, *, follows_tonic: bool) -> float:
    """Return how sure it is that a rhythm that keeps its pace is too fast, narrow or long for tremor and steps."""
    if reading.probabilities[CLONIC] < LIKELY or _may_be_gait(reading, limits):
        return 0.0
    found, steady = rhythm(bursts, limits.grid.tick_s), trend(bursts)
    if found is None:
        return 0.0
    if steady is None and len(bursts) >= TREND_BURSTS:
        return 0.0
    if steady is not None and not (_is_even(steady) and steady.astray <= ASTRAY_SELDOM):
        return 0.0
    is_clonic = (
        _is_quick_or_narrow(bursts, found, limits)
        or _outlasts_tremor(bursts, reading, limits)
        or (follows_tonic and found.width_s <= SEQUENCE_WIDTH_S and len(bursts) >= SEQUENCE_BURSTS)
    )
    return reading.probabilities[CLONIC] if is_clonic else 0.0


def _is_quick_or_narrow(bursts: Sequence[Burst], found: Rhythm, limits: Limits) -> bool:
    """Tell whether no tremor of the foot has such a rate, or such bursts."""
    rate_hz = (len(bursts) - 1) / ((bursts[-1].begin - bursts[0].begin) * limits.grid.tick_s)
    is_quick = rate_hz >= CLONUS_RATE_HZ and found.width_s <= CLONUS_WIDTH_S
    return is_quick or (found.width_s <= NARROW_WIDTH_S and rate_hz >= NARROW_RATE_HZ)


def _outlasts_tremor(bursts: Sequence[Burst], reading: Reading, limits: Limits) -> bool:
    """Tell whether it goes on for longer than a tremor of the foot, in a leg known to lie as still as a sleeper's."""
    lasting_s = (bursts[-1].end - bursts[0].begin) * limits.grid.tick_s
    is_still = limits.has_acc and reading.stirred_hop < bursts[0].begin // limits.grid.ticks_per_hop
    return lasting_s >= OUTLASTS_TREMOR_S and is_still


def _was_brisk(bursts: Sequence[Burst], limits: Limits) -> bool:
    """Tell whether a fourth of the intervals are shorter than those of any walk."""
    intervals = sorted(later.begin - earlier.begin for earlier, later in pairwise(bursts))
    return intervals[len(intervals) // 4] * limits.grid.tick_s * BRISK_HZ <= 1.0


def _may_be_gait(reading: Reading, limits: Limits) -> bool:
    """Tell whether these may be steps; without an accelerometer only the classifier's own limits do."""
    return (
        reading.movement_mg >= limits.settings.movement_mg
        and reading.feature("burst_rate_hz") < GAIT_RATE_HZ
        and reading.feature("burst_width_s") >= GAIT_WIDTH_S
    )


def _is_even(found: Trend) -> bool:
    """Tell a rhythm, even or lengthening evenly, from what comes at random."""
    return found.scatter <= SCATTER_MOST and found.astray <= ASTRAY_MOST
