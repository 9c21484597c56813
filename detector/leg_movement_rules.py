"""The published rules for leg movements as tables: what is strong enough, long enough, and periodic.

Sources: Ferri R, Fulda S, Allen RP, et al. *World Association of Sleep Medicine (WASM) 2016 standards for
recording and scoring leg movements in polysomnograms*, Sleep Medicine 26 (2016) 86–95; Berry RB, et al. *The
AASM Manual for the Scoring of Sleep and Associated Events*, movement rules; the two side by side in
PMC9619152, table 3.
"""

from dataclasses import dataclass
from math import inf

# Times that were written to a file carry rounding, and no rule is meant to hang on it.
TIMING_S = 1e-6
# Above this resting level, 8 µV more mean little; MATPLM, an open WASM scorer, stops there, too (science.md
# section 4).
RESTING_CAP_UV = 15.0
# A converter with bigger counts cannot show 2 µV (science.md section 0, point 3).
FINE_COUNT_UV = 1.0


@dataclass(frozen=True, slots=True)
class AmplitudeRule:
    """What is strong enough: thresholds of ``factor`` times the resting level plus ``rise_uv``.

    Attributes:
        name: For reports.
        onset_factor: With ``onset_rise_uv``: a movement begins at or above this.
        onset_rise_uv: See there.
        end_factor: With ``end_rise_uv``: it has ended where the envelope stays at or below this.
        end_rise_uv: See there.
        resting_cap_uv: A stretch whose resting level is higher cannot be scored.
    """

    name: str
    onset_factor: float
    onset_rise_uv: float
    end_factor: float
    end_rise_uv: float
    resting_cap_uv: float


# WASM 2016 and AASM: onset at 8 µV above rest, end at 2 µV above rest.
ABSOLUTE = AmplitudeRule("8 and 2 µV above rest", 1.0, 8.0, 1.0, 2.0, RESTING_CAP_UV)
# Ours, for sensors that cannot show microvolts (science.md section 10); no standard has it.
RELATIVE = AmplitudeRule("4 and 1.8 times rest", 4.0, 0.0, 1.8, 0.0, inf)


def amplitude_rule(uv_per_count: float | None) -> AmplitudeRule:
    """Return the absolute rule where a count is known to be 1 µV at most, else the relative one."""
    return ABSOLUTE if uv_per_count is not None and abs(uv_per_count) <= FINE_COUNT_UV else RELATIVE


@dataclass(frozen=True, slots=True)
class Rules:
    """One standard's rules for movements and series.

    Attributes:
        name: For reports.
        shortest_s: Anything shorter is no leg movement.
        longest_s: A candidate on one leg lasts no longer.
        longest_bilateral_s: Nor does one of both legs, from the first onset to the last end.
        most_parts: A candidate of both legs consists of no more movements than this.
        morphology: A movement needs half a second whose median reaches the end threshold (for computers).
        join_from_end: Movements of two legs are one when less than ``join_s`` lies between the end of one and
            the onset of the other; otherwise: between their onsets.
        join_s: See there.
        shortest_interval_s: From onset to onset within a series, included.
        longest_interval_s: Likewise.
        fewest: A series has at least so many candidates.
        interruptible: A movement that follows too soon, or that is no candidate, ends the series; otherwise
            it is passed over and the next interval is measured from the last movement that counted.
    """

    name: str
    shortest_s: float
    longest_s: float
    longest_bilateral_s: float
    most_parts: int
    morphology: bool
    join_from_end: bool
    join_s: float
    shortest_interval_s: float
    longest_interval_s: float
    fewest: int
    interruptible: bool


WASM_2016 = Rules(
    name="WASM 2016",
    shortest_s=0.5,
    longest_s=10.0,
    longest_bilateral_s=15.0,
    most_parts=4,
    morphology=True,
    join_from_end=True,
    join_s=0.5,
    shortest_interval_s=10.0,
    longest_interval_s=90.0,
    fewest=4,
    interruptible=True,
)
AASM = Rules(
    name="AASM",
    shortest_s=0.5,
    longest_s=10.0,
    # Never binds: two movements of at most 10 s with less than 5 s between their onsets.
    longest_bilateral_s=15.0,
    most_parts=4,
    morphology=False,
    join_from_end=False,
    join_s=5.0,
    shortest_interval_s=5.0,
    longest_interval_s=90.0,
    fewest=4,
    interruptible=False,
)
