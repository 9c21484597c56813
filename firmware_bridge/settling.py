"""When a board that has begun a new count began it: told by the earliest of several reads, not by the first.

Only the host's clock knows how long a restarted board was away, and any single read may be late by a busy
machine's whim. So the first fraction of a second after a restart waits until all of it is there. Pure.
"""

from collections.abc import Sequence

from firmware_bridge.assembler import Assembler
from firmware_bridge.frames import BadFrame, Bye, Frame, Samples
from firmware_bridge.hello import Hello
from firmware_bridge.samples import StreamItem
from firmware_bridge.wire import WRAP

# How much of the stream waits after a restart: half a dozen reads.
SETTLE_S = 0.3
# A counter further from the first than one read can hold is not one of this count; it tells no time.
_LONGEST_SPAN_S = 10.0

Frames = Sequence[Frame | BadFrame]


class Settling:
    """Feeds an assembler, and lets it wait after a restart.

    Args:
        assembler: Whom to feed.
        settle_s: How long to wait.
    """

    def __init__(self, assembler: Assembler, settle_s: float = SETTLE_S) -> None:
        self._assembler = assembler
        self._settle_s = settle_s
        self._held: list[Frame | BadFrame] = []
        self._first = 0
        # Of each read that holds samples: counter of its last frame, and when it had arrived.
        self._reads: list[tuple[int, float]] = []

    def feed(self, frames: Frames, received_at_s: float) -> list[StreamItem]:
        """Return what the frames add to the stream; what belongs to a restart comes a little later.

        Args:
            frames: As the decoder gives them.
            received_at_s: Host monotonic time at which the last of them had arrived.
        """
        items: list[StreamItem] = []
        start = 0
        for stop in (*(i + 1 for i, frame in enumerate(frames) if isinstance(frame, Hello)), len(frames)):
            items += self._piece(frames[start:stop], received_at_s)
            start = stop
        return items

    def release(self) -> list[StreamItem]:
        """Return what has waited: the stream will not go on as it was."""
        held, reads = self._held, self._reads
        self._held, self._reads = [], []
        if not reads:
            return self._assembler.feed(held, 0.0) if held else []
        first = next(i for i, frame in enumerate(held) if isinstance(frame, Samples))
        timed = [
            (span_s, at_s) for counter, at_s in reads if (span_s := self._span_s(counter)) <= _LONGEST_SPAN_S
        ]
        # When the first frame would have arrived, had it been as quick as the quickest.
        began_s = min((at_s - span_s for span_s, at_s in timed), default=reads[0][1])
        items = self._assembler.feed(held[: first + 1], began_s)
        return items + self._assembler.feed(held[first + 1 :], began_s + (timed[-1][0] if timed else 0.0))

    def _piece(self, frames: Frames, received_at_s: float) -> list[StreamItem]:
        """Feed frames of which only the last may be a HELLO."""
        if not (self._held or self._assembler.restarting):
            return self._assembler.feed(frames, received_at_s)
        self._held += frames
        samples = [frame for frame in frames if isinstance(frame, Samples)]
        if samples and not self._reads:
            self._first = samples[0].counter
        if samples:
            self._reads.append((samples[-1].counter, received_at_s))
        return self.release() if self._has_settled(frames) else []

    def _has_settled(self, frames: Frames) -> bool:
        if any(isinstance(frame, Hello | Bye) for frame in frames):
            return True
        if not self._reads:
            return False
        (_, began_s), (last, now_s) = self._reads[0], self._reads[-1]
        return max(now_s - began_s, self._span_s(last)) >= self._settle_s

    def _span_s(self, counter: int) -> float:
        """Return the time from the first frame that waits to one with this counter."""
        info = self._assembler.info
        return (counter - self._first) % WRAP / info.emg_rate_hz if info else 0.0
