"""How much of the signal is lost on its way to the host, second by second. Pure."""

from collections import deque

from firmware_bridge.samples import Gap, SampleBlock

# RELIABILITY.md row A5: losses from 5 % on, for ten seconds, are worth a word. They are well again at half of that, so
# that a link at the limit does not chatter.
LOSSY_SHARE, WELL_SHARE = 0.05, 0.025
WINDOW_S = 10
# A single long hole is an outage, not a bad link: so many of the seconds must have lost something.
LOSSY_SECONDS = WINDOW_S // 2
# Only what is lost on the way tells of the way: a pulled cable and a restart are conditions of their own.
_ON_THE_WAY = "lost frames"


class LossMeter:
    """Judges the last ten seconds of stream.

    Args:
        rate_hz: EMG rate.
    """

    def __init__(self, rate_hz: float) -> None:
        self._second = round(rate_hz)
        # Samples that came and samples that were lost, of the second under way and of the whole ones before it.
        self._came = self._lost = 0
        self._seconds: deque[tuple[int, int]] = deque(maxlen=WINDOW_S)
        self._lossy = False

    @property
    def share(self) -> float:
        """Share of the last ten whole seconds that was lost, 0…1; 0 before they are full."""
        if len(self._seconds) < WINDOW_S:
            return 0.0
        lost = sum(lost for _, lost in self._seconds)
        return lost / sum(came + lost for came, lost in self._seconds)

    @property
    def lossy(self) -> bool:
        """Whether the link loses so much that it should be said."""
        return self._lossy

    def take(self, item: SampleBlock | Gap) -> None:
        """Take note of what came or did not."""
        if isinstance(item, Gap) and item.reason != _ON_THE_WAY:
            return
        left = item.end_index - item.first_index
        while left:
            part = min(left, self._second - self._came - self._lost)
            left -= part
            if isinstance(item, Gap):
                self._lost += part
            else:
                self._came += part
            if self._came + self._lost == self._second:
                self._turn()

    def _turn(self) -> None:
        self._seconds.append((self._came, self._lost))
        self._came = self._lost = 0
        spread = sum(lost > 0 for _, lost in self._seconds) >= LOSSY_SECONDS
        self._lossy = self.share >= WELL_SHARE if self._lossy else spread and self.share >= LOSSY_SHARE
