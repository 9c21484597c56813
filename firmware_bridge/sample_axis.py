"""Where a sample belongs: 32-bit counters that wrap, restart and lie, on one index axis that only grows."""

from dataclasses import dataclass, field

from firmware_bridge.device_clock import DeviceClock
from firmware_bridge.wire import WRAP

# A counter further ahead than this is a fault, not a hole: nobody sleeps through twelve hours of a lost link.
LONGEST_GAP_S = 12 * 3600
# Frames that repeat or overtake one another are at most this old; no cable or radio keeps them longer.
LATEST_S = 10
# So many frames in a row that agree on an impossible counter are believed: the board has begun a new count.
STRAY_FRAMES = 20


@dataclass(slots=True)
class SampleAxis:
    """Counts samples from 0, through the wraps and restarts of the board's own counter.

    Attributes:
        rate_hz: EMG rate.
        unit: EMG samples per acceleration sample; everything happens at multiples of it.
        counter: The board's number for the next sample.
        index: Ours.
        restarted: The board has begun a new count; only the host's clock knows how long it was away.
        clock: When the samples since the last restart were taken.
    """

    rate_hz: float
    unit: int
    counter: int
    index: int = 0
    restarted: bool = False
    clock: DeviceClock = field(init=False)
    _stray_counter: int = -1
    _stray_frames: int = 0

    def __post_init__(self) -> None:
        """Begin with a clock that has seen nothing."""
        self.clock = DeviceClock(self.rate_hz)

    def ahead(self, counter: int, latest_index: float) -> int | None:
        """Return how many samples ahead of the next one ``counter`` is, or behind; None if it cannot be.

        Args:
            counter: The board's.
            latest_index: What the host's clock allows; a hole that ends beyond it lies in the future.
        """
        ahead = self._signed(counter)
        if not -LATEST_S * self.rate_hz <= ahead <= LONGEST_GAP_S * self.rate_hz or ahead % self.unit:
            return None
        return None if ahead > 0 and self.index + ahead > latest_index else ahead

    def near(self, counter: int) -> int:
        """Return the index of something the board tells; the present one where its counter cannot be true."""
        ahead = 0 if self.restarted else self._signed(counter)
        believed = abs(ahead) <= LONGEST_GAP_S * self.rate_hz
        return max(0, self.index + ahead) if believed else self.index

    def advance(self, samples: int) -> None:
        """Step over samples that came, or never will."""
        self.index += samples
        self.counter = (self.counter + samples) % WRAP

    def restart(self) -> None:
        """Take note that the next counter belongs to a new count."""
        self.restarted, self._stray_frames = True, 0

    def rebase(self, first: int, samples: int, received_at_s: float) -> None:
        """Let the new count begin at ``first``, as far from the last sample as the host's clock says.

        Args:
            first: Counter of the first sample of the new count.
            samples: How many of it had arrived by ``received_at_s``.
            received_at_s: Host monotonic time.
        """
        missing = 0
        if self.clock.known:
            away = self.clock.index_at(received_at_s) - samples - self.index
            longest = int(LONGEST_GAP_S * self.rate_hz / self.unit)
            missing = min(max(1, round(away / self.unit)), longest) * self.unit
        self.counter = (first - missing) % WRAP
        self.clock = DeviceClock(self.rate_hz)

    def doubt(self, first: int, frames: int, frame_samples: int) -> int:
        """Return how many of the frames to drop whose counter, from ``first`` on, cannot be.

        Once `STRAY_FRAMES` in a row agree with one another, they are a new count.
        """
        if first != self._stray_counter:
            self._stray_frames = 0
        dropped = min(frames, STRAY_FRAMES - self._stray_frames)
        self._stray_frames += dropped
        self._stray_counter = (first + dropped * frame_samples) % WRAP
        if self._stray_frames == STRAY_FRAMES:
            self.restart()
        return dropped

    def believe(self) -> None:
        """Take note that samples fell into place."""
        self._stray_frames, self.restarted = 0, False

    def _signed(self, counter: int) -> int:
        return (counter - self.counter + WRAP // 2) % WRAP - WRAP // 2
