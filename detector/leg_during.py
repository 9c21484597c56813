"""What the leg did before and during a run of activity, and whether that explains it."""

from detector.grid import Grid
from detector.readings import Reading
from detector.settings import DetectorSettings
from detector.tally import Steadily

# Movement that begins so long before the onset, or so soon after it, makes it a voluntary movement (science.md
# section 10: ±2 s; and movement is seen up to a second late).
MOVED_BEFORE_S = 2.0
MOVED_AFTER_S = 1.25
# The foot of a slow rise, seconds before activity is plain, is not where a voluntary movement begins.
QUICK_RISE_S = 3.0
# The muscle moves the leg within half a second, and people wake 5 s and more after the onset of a cramp (science.md
# section 11): what was active for so long in a still leg led the movement that came then, and is not explained by it.
LED_S = 4.0
# A movement of the whole body lasts so long.
LARGE_LEAST_S = 4.0
# A cramp trembles by 1–5 mg and drifts by less than this. What shakes the leg more, without a pause since the muscle
# rose and for so long, and yet throws it about by nothing, comes from outside: the muscle answers it.
SHAKEN_MG = 15.0
SHAKEN_LEAST_S = 2.0
# It may begin as late as the foot of its own rise.
SHAKEN_FROM_S = 3.0


class LegDuring:
    """Follows the leg from the onset of a run of activity on.

    Args:
        reading: The hop in which the activity began.
        onset_hop: Where it is dated from: the foot of the rise.
        hidden_from_hop: It came out of a stretch that could not be read, in which it may have begun, from here on.
    """

    def __init__(
        self,
        grid: Grid,
        settings: DetectorSettings,
        reading: Reading,
        onset_hop: int,
        hidden_from_hop: int | None,
    ) -> None:
        self._grid = grid
        self._large_mg = settings.large_movement_mg
        self._onset_hop = onset_hop
        self._began_hop = reading.hop
        self._hidden_from_hop = hidden_from_hop
        self.moved_at_onset = False
        self.moved_since = False
        self.thrashed = False
        self._led_hops = 0
        # Since the leg last stirred.
        self.settled = Steadily()
        self._stirred_hop = reading.stirred_hop
        self._settled_hops = 0
        self.after_large = False
        # Whether it stirred in every hop so far, the first ones apart; and how many in a row were above `SHAKEN_MG`.
        self._stirs_on = True
        self._shaken_hops = 0
        self._is_shaken = False

    def take(self, reading: Reading) -> None:
        """Take one hop of activity."""
        grid = self._grid
        if reading.hop - self._began_hop <= grid.hops(MOVED_AFTER_S):
            rise_hop = max(self._onset_hop, self._began_hop - grid.hops(QUICK_RISE_S))
            if self._hidden_from_hop is not None:
                rise_hop = min(rise_hop, self._hidden_from_hop)
            self.moved_at_onset |= reading.moved_hop >= rise_hop - grid.hops(MOVED_BEFORE_S)
        self.moved_since |= reading.moved_hop >= self._began_hop
        self.thrashed |= reading.large_hop >= self._began_hop
        self._led_hops += not self.moved_since
        if reading.stirred_hop != self._stirred_hop:
            self._stirred_hop = reading.stirred_hop
            self.settled = Steadily()
        self._settled_hops = reading.hop - max(self._stirred_hop, self._began_hop)
        self.settled.take(reading)
        self._take_size(reading)
        self._take_shaking(reading)

    def _take_size(self, reading: Reading) -> None:
        """Note whether the latest movement was one of the whole body, as no hold on purpose begins with."""
        lasted_hops = reading.moved_hop + 1 - reading.moving_hop
        self.after_large = reading.large_hop >= reading.moving_hop and lasted_hops >= self._grid.hops(
            LARGE_LEAST_S
        )

    def _take_shaking(self, reading: Reading) -> None:
        late = reading.hop - self._began_hop > self._grid.hops(SHAKEN_FROM_S)
        self._stirs_on &= reading.stirred_hop == reading.hop or not late
        self._stirs_on &= not reading.movement_mg >= self._large_mg
        strongly = self._stirs_on and reading.movement_mg >= SHAKEN_MG
        self._shaken_hops = self._shaken_hops + 1 if strongly else 0
        self._is_shaken |= self._shaken_hops >= self._grid.hops(SHAKEN_LEAST_S)

    def take_silence(self) -> None:
        """Take one hop in which the muscle was not active."""
        self.settled.take_silence()

    @property
    def is_explained(self) -> bool:
        """Whether a movement may explain it: one at its onset, one of the whole body it did not lead, or shaking."""
        if self.moved_at_onset or self._is_shaken:
            return True
        led = self._led_hops >= self._grid.hops(LED_S)
        return self.moved_since and self.after_large and not led

    @property
    def settled_s(self) -> float:
        """For how long the leg has been as still as a sleeper's."""
        return self._settled_hops * self._grid.hop_s
