"""How often somebody may try to come in: a few times at once, and ever more slowly after that."""

from collections import OrderedDict
from collections.abc import Callable

# Tries before the first wait: a mistyped password or two.
FREE = 5
# The first wait, and the longest, s; each further failure doubles it.
FIRST_WAIT_S, LONGEST_WAIT_S = 5.0, 900.0
# Failures are forgotten after so long without another, s. Coming in forgets none: whoever has an account of their own
# could else try somebody else's password without end.
FORGOTTEN_AFTER_S = 3600.0
# Beyond so many the oldest are forgotten.
MOST_KEPT = 2000
# As many as there is any sense in before the longest wait.
_MOST_DOUBLINGS = 20


class Attempts:
    """Counts failures by whatever tells one from another, such as an address.

    Args:
        now_s: A monotonic clock.
    """

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        # Failures, and until when another try must wait.
        self._failed: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait_s(self, key: str) -> float:
        """Return how long whoever a key stands for must wait; 0 where a try is free."""
        return max(0.0, self._failed.get(key, (0, 0.0))[1] - self._now_s())

    def note_failure(self, key: str) -> None:
        """Note that a try was in vain."""
        before, until_s = self._failed.pop(key, (0, 0.0))
        count = 1 if self._now_s() - until_s >= FORGOTTEN_AFTER_S else before + 1
        doubled = min(count - FREE, _MOST_DOUBLINGS)
        wait_s = min(FIRST_WAIT_S * 2.0**doubled, LONGEST_WAIT_S) if count >= FREE else 0.0
        self._failed[key] = (count, self._now_s() + wait_s)
        while len(self._failed) > MOST_KEPT:
            self._failed.popitem(last=False)
