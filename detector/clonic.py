"""A clonic run: bursts that follow each other in a rhythm, from the moment it is judged one."""

from collections import deque
from collections.abc import Callable

from detector.activity import TRUST_WITHOUT_ACC, Limits
from detector.bursts import LONGEST_INTERVAL_S, Burst, Rhythm, rhythm
from detector.classifier import CLONIC
from detector.clonic_evidence import BEAT_SURE, BEATS_OF_HOPS, is_beat, sure_of_lengthening, sure_of_pace
from detector.readings import LIKELY, Reading
from detector.tally import Tally

# Bursts that may be the beginning of a run are remembered this long.
REMEMBERED_S = 30.0
# A wider one is no burst of a run (science.md section 10: 50–500 ms, and the envelope adds its own width).
WIDEST_S = 0.55
# Bursts of clonus that run together look as wide as this.
WIDEST_BEAT_S = 2.0
# Silences that lengthen by this factor are how a tonic-clonic sequence ends (science.md section 10) …
SLOWING = 1.4
# … seen over at least this many bursts: one that splits in two does not make a third look fast.
SLOWING_BURSTS = 16


class ClonicRun:
    """A clonic run under way."""

    def __init__(self, limits: Limits, bursts: list[Burst], tally: Tally, confidence: float) -> None:
        self._limits = limits
        self.bursts = bursts
        self.tally = tally
        self._sure = [confidence]

    def take(self, reading: Reading) -> None:
        """Take one hop: its bursts, and what was measured."""
        self.bursts += reading.bursts
        self.tally.take(reading)
        if reading.probabilities[CLONIC] >= LIKELY:
            self._sure.append(reading.probabilities[CLONIC])

    def is_over(self, reading: Reading) -> bool:
        """Tell whether the next burst is overdue."""
        grid = self._limits.grid
        silent_ticks = (reading.hop + 1) * grid.ticks_per_hop - self.bursts[-1].begin
        return silent_ticks * grid.tick_s > LONGEST_INTERVAL_S + grid.hop_s

    @property
    def onset_index(self) -> int:
        """Sample at which the first burst began."""
        return self.bursts[0].begin * self._limits.grid.tick

    @property
    def end_index(self) -> int:
        """Sample at which the last burst so far ended."""
        return self.bursts[-1].end * self._limits.grid.tick

    @property
    def rhythm(self) -> Rhythm | None:
        """What the bursts have in common."""
        return rhythm(self.bursts, self._limits.grid.tick_s)

    @property
    def is_slowing(self) -> bool:
        """Whether the silences lengthen as after a tonic phase."""
        found = self.rhythm
        return found is not None and found.bursts >= SLOWING_BURSTS and found.slowing >= SLOWING

    @property
    def confidence(self) -> float:
        """Mean probability of its hops; less where nothing is known of movement."""
        mean = sum(self._sure) / len(self._sure)
        return mean if self._limits.has_acc else mean * TRUST_WITHOUT_ACC


class ClonicWatch:
    """Remembers the latest bursts and hops, and says when they make a clonic run."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        # Both by time: what is too old lies on the left.
        self._bursts: deque[Burst] = deque()
        self._readings: deque[Reading] = deque()
        self._beats: deque[bool] = deque(maxlen=BEATS_OF_HOPS[1])

    def take(
        self, reading: Reading, free_from_hop: int, follows_tonic: Callable[[int], bool]
    ) -> ClonicRun | None:
        """Take one hop; return a run if it has become one. It begins no earlier than ``free_from_hop``.

        ``follows_tonic`` tells whether a rhythm that begins in a hop comes out of a tonic phase.
        """
        grid = self._limits.grid
        oldest_hop = max(free_from_hop, reading.hop - grid.hops(REMEMBERED_S))
        self._readings.append(reading)
        while self._readings and self._readings[0].hop < oldest_hop:
            self._readings.popleft()
        oldest_tick = oldest_hop * grid.ticks_per_hop
        self._bursts.extend(reading.bursts)
        while self._bursts and self._bursts[0].begin < oldest_tick:
            self._bursts.popleft()
        self._beats.append(is_beat(reading))
        is_clonus = sum(self._beats) >= BEATS_OF_HOPS[0]
        bursts = self._series(WIDEST_BEAT_S if is_clonus else WIDEST_S)
        if not self._is_long_enough(bursts):
            return None
        sure = max(
            BEAT_SURE if is_clonus else 0.0,
            sure_of_lengthening(bursts, reading, self._limits),
            sure_of_pace(
                bursts,
                reading,
                self._limits,
                follows_tonic=follows_tonic(bursts[0].begin // grid.ticks_per_hop),
            ),
        )
        return self._run(bursts, sure) if sure >= LIKELY else None

    def _is_long_enough(self, bursts: list[Burst]) -> bool:
        settings = self._limits.settings
        if len(bursts) < settings.clonic_bursts:
            return False
        return (bursts[-1].end - bursts[0].begin) * self._limits.grid.tick_s >= settings.clonic_after_s

    def _series(self, widest_s: float) -> list[Burst]:
        """Return the unbroken series of bursts, none wider than ``widest_s``, that leads up to now."""
        grid = self._limits.grid
        series: list[Burst] = []
        for burst in reversed(self._bursts):
            apart = series[-1].begin - burst.begin if series else 0
            if apart * grid.tick_s > LONGEST_INTERVAL_S or (burst.end - burst.begin) * grid.tick_s > widest_s:
                break
            series.append(burst)
        return series[::-1]

    def _run(self, bursts: list[Burst], confidence: float) -> ClonicRun:
        first_hop = bursts[0].begin // self._limits.grid.ticks_per_hop
        own = [one for one in self._readings if one.hop >= first_hop]
        tally = Tally(own[0].resting_uv)
        for one in own:
            tally.take(one)
        for remembered in (self._bursts, self._readings, self._beats):
            remembered.clear()
        return ClonicRun(self._limits, bursts, tally, confidence)
