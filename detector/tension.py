"""Tension rises: the muscle at twice its rest and more, for ten seconds and more, in a still leg, and not yet a cramp.

Six people showed such a rise some 40 s before they woke with a cramp (Chaney & Sherman; science.md section 2). Nothing
is known of how often it comes without one: it is logged, experimental, and never alerts.
"""

from dataclasses import replace

from detector.activity import Limits
from detector.author import Author, ended, revised
from detector.envelope import STEADINESS_S
from detector.measuring import TENSE_TIMES
from detector.readings import Reading
from detector.reasons import tension_reason
from detector.tally import Tally
from detector.types import Contraction

# science.md section 10, tension rise.
TENSE_LEAST_S = 10.0
MOVEMENT_MOST_MG = 15.0
TILT_MOST_DEG = 5.0
DEPTH_MOST = 0.5
# Dips and jerks shorter than this do not end it; the level of a cramp for so long does.
PATIENCE_S = 2.0
# How sure a kind is that nobody has yet measured.
SURE = 0.5


class TensionEvents:
    """Follows one tension rise at a time."""

    def __init__(self, limits: Limits, author: Author) -> None:
        self._limits = limits
        self._author = author
        self._patience_hops = limits.grid.hops(PATIENCE_S)
        self._begin_hop = 0
        self._end_hop = 0
        self._strong_hops = 0
        self._tally: Tally | None = None
        self._event: Contraction | None = None

    @property
    def tally(self) -> Tally | None:
        """What is measured of the rise under way; None where there is none."""
        return self._tally

    def step(self, reading: Reading) -> list[Contraction]:
        """Take one readable hop."""
        strong = self._limits.is_strong(reading)
        self._strong_hops = self._strong_hops + 1 if strong else 0
        if not strong and _is_tense(reading):
            return self._take(reading)
        if self._tally is None:
            return []
        silent = reading.hop + 1 - self._end_hop > self._patience_hops
        return self.end() if silent or self._strong_hops >= self._patience_hops else []

    def end(self) -> list[Contraction]:
        """End what is under way."""
        event, tally = self._event, self._tally
        self._event, self._tally = None, None
        if event is None or tally is None:
            return []
        return [ended(self._told(revised(event), tally), self._index(self._end_hop))]

    def _take(self, reading: Reading) -> list[Contraction]:
        if self._tally is None:
            # Its steadiness is known only after a while.
            earliest_hop = reading.hop - self._limits.grid.hops(STEADINESS_S)
            self._begin_hop = min(max(reading.risen_hop, earliest_hop), reading.hop)
            self._tally = Tally(reading.resting_uv)
        self._end_hop = reading.hop + 1
        self._tally.take(reading)
        lasting_s = (self._end_hop - self._begin_hop) * self._limits.grid.hop_s
        if self._event is not None or lasting_s < TENSE_LEAST_S:
            return []
        event = self._author.begin("tension_rise", self._index(self._begin_hop), self._index(reading.hop + 1))
        self._event = self._told(event, self._tally)
        return [self._event]

    def _told(self, event: Contraction, tally: Tally) -> Contraction:
        event = self._author.measure(event, tally, self._index(self._end_hop))
        return replace(event, confidence=SURE, reason=tension_reason(event.site, event.duration_s, tally))

    def _index(self, hop: int) -> int:
        return hop * self._limits.grid.hop


def _is_tense(reading: Reading) -> bool:
    """Tell whether the muscle is above rest, steadily, in a leg that is not known to move."""
    return (
        reading.second_uv >= TENSE_TIMES * reading.resting_uv
        and reading.feature("modulation_depth") < DEPTH_MOST
        and not reading.movement_mg >= MOVEMENT_MOST_MG
        and not reading.feature("tilt_deg") >= TILT_MOST_DEG
    )
