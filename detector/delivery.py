"""How nothing gets lost between the outbox and the night log: the rule of both ends, pure.

Each message leaves the outbox with ``outbox`` (which outbox), ``seq`` (its number there, 1, 2, 3, … for ever)
and ``after`` (the number of the row that stands before it in the outbox, 0 where none does). The night log
commits what comes, in any order and as often as it comes, and answers with the highest number up to which it
misses nothing:

    mark ≥ after of a committed message  →  mark is at least its seq

That holds also where numbers are missing for good, because a row was given up or had been logged by a night
log whose file is no more: then ``after`` steps over them. Another ``outbox`` begins another count.
"""

from collections.abc import Iterable
from dataclasses import dataclass

# How long the mark may stand still before what lies beyond it is sent again, s: commits take milliseconds, and after
# a broker's restart the night log is back a second or two later than we may be.
FIRST_PATIENCE_S = 2.0
# The night log may be away for a night; asking more seldom than this would keep it waiting when it returns,
# s.
LAST_PATIENCE_S = 30.0
# How many rows one repetition may send ahead of the mark: a night log that is away costs a broker no more
# than this.
REPEAT_ROWS = 200


def contiguous_mark(mark: int, committed: Iterable[tuple[int, int]]) -> int:
    """Return how far the night log has come.

    Args:
        mark: how far it had come; 0 at first.
        committed: ``(seq, after)`` of messages of that outbox which are committed, all those beyond the mark
            at least.
            Where a message came twice, the lower ``after`` counts.

    >>> contiguous_mark(3, [(4, 3), (5, 4), (9, 8)])
    5
    """
    for seq, after in sorted(committed):
        if after <= mark < seq:
            mark = seq
    return mark


@dataclass(slots=True)
class Redelivery:
    """Decides which rows of the outbox to send next, given what was sent and how far the night log has come.

    Rows never sent over this connection go first and without limit. When the mark then stands still, what
    lies beyond it is repeated from its beginning, no more than `REPEAT_ROWS` ahead of the mark, and each time
    a little less eagerly.

    All times are of one clock that never steps, in s.

    Attributes:
        front: highest number sent over this connection.
        repeat: highest number sent in the repetition under way; None without one.
    """

    front: int = 0
    repeat: int | None = None
    _mark: int = 0
    _room: int = 0
    _patience_s: float = FIRST_PATIENCE_S
    _quiet_since_s: float = 0.0

    def connected(self, now_s: float) -> None:
        """Begin anew: whatever the connection before carried may be lost."""
        self.front, self.repeat = 0, None
        self._be_patient(now_s)

    def marked(self, mark: int, rows: int, now_s: float) -> None:
        """Note that the night log has come to ``mark``, which covered ``rows`` rows of the outbox."""
        if rows:
            self._mark = mark
            self._room += rows
            self._be_patient(now_s)
        elif mark < self.front:
            # It says again what it had said: it is there, and has not got the rest.
            self._patience_s = FIRST_PATIENCE_S

    def sent(self, seq: int, now_s: float) -> None:
        """Note that a row was handed over."""
        if seq > self.front:
            # The wait for an answer begins with the first row that waits for one, not anew with each.
            if self.front <= self._mark:
                self._quiet_since_s = now_s
            self.front = seq
        elif self.repeat is not None:
            self.repeat = seq
            self._room -= 1

    def due(self, oldest: int | None, now_s: float, limit: int) -> tuple[tuple[int, int], ...]:
        """Return the spans of rows to send now: each is ``(after, how many at most)``.

        Args:
            oldest: lowest number in the outbox; None when it is empty.
            now_s: now.
            limit: how many rows a span may have.
        """
        if oldest is None:
            self.repeat = None
            return ()
        if oldest <= self.front and now_s - self._quiet_since_s >= self._patience_s:
            self.repeat, self._room = 0, REPEAT_ROWS
            self._quiet_since_s = now_s
            self._patience_s = min(2 * self._patience_s, LAST_PATIENCE_S)
        if self.repeat is None or self.repeat >= self.front:
            self.repeat = None
            return ((self.front, limit),)
        return (self.front, limit), (self.repeat, max(0, min(limit, self._room)))

    def _be_patient(self, now_s: float) -> None:
        self._patience_s, self._quiet_since_s = FIRST_PATIENCE_S, now_s
