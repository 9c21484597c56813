"""When, on the host's clock, a sample was taken.

Bytes arrive late, never early, and by how much changes from read to read. Of the arrivals in every few
seconds the earliest is kept; a line through those tells the board's true rate and places each sample. (The
lower envelope of arrival times is from Moon, Skelly and Towsley, INFOCOM 1999. They lay the line by linear
programming; here it is the median slope of pairs half the window apart, after Theil and Sen, which a few late
reads cannot bend.)
"""

import math
from collections import deque

import numpy as np

from firmware_bridge.wire import WRAP

# One arrival is kept of every so many seconds: at 5000 ppm the line moves by 10 ms within it.
_BIN_S = 2.0
# How much of the past the line is laid through: 10 min.
_BINS = 300
# A slope is believed once the kept arrivals span this long (20 ms of jitter over a minute is 330 ppm), and are
# so many that a few late ones are outvoted.
_SLOPE_AFTER_S = 60.0
_SLOPE_AFTER = 10
# How far ahead of the host's clock samples may claim to be: the line is good to a few hundredths of a second,
# and a late first read puts it off by as much as that was late.
AHEAD_S = 2.0
# After a long silence a board may be ahead by as much as its clock can be off, twice over: the line's slope is
# not trusted for hours, since a single stall at the wrong moment bends it.
_AHEAD_PER_S = 0.01
# Before so many seconds nothing is known of a board's pace, and one faster than this plays a recording.
_PACE_AFTER_S, _FASTEST_PACE = 1.0, 1.5
# A board cannot sample infinitely fast, even where its arrivals all bear one time.
_SMALLEST_STRETCH = 1e-6

_PPM = 1e6
_US = 1e6


class DeviceClock:
    """Maps sample index to host monotonic seconds and device µs, for one stretch between two resets.

    Args:
        rate_hz: EMG rate that the board claims.
    """

    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        # Kept arrivals as (index, seconds by which it came later than the claimed rate says since the first).
        self._kept: deque[tuple[int, float]] = deque(maxlen=_BINS)
        self._first: tuple[int, float] = (0, 0.0)
        self._bin = -1
        # Seconds of lateness at the first index, and how much it grows per second.
        self._offset_s = 0.0
        self._slope = 0.0
        self._device: tuple[int, int] | None = None
        self._last: tuple[int, float] = (0, 0.0)

    @property
    def known(self) -> bool:
        """Whether anything has arrived yet."""
        return bool(self._kept)

    @property
    def span_s(self) -> float:
        """How much of the stream, in seconds, the line is laid through."""
        return (self._kept[-1][0] - self._kept[0][0]) / self._rate_hz if self._kept else 0.0

    @property
    def drift_ppm(self) -> float | None:
        """How much faster than claimed the board samples, in parts per million; None in its first minute."""
        if not self._spans_enough():
            return None
        return (1 / (1 + self._slope) - 1) * _PPM

    def observe(self, index: int, received_at_s: float, device_us: int) -> None:
        """Take note that everything before ``index`` had arrived at ``received_at_s``.

        Args:
            index: Sample index just after the last sample received.
            received_at_s: Host monotonic time.
            device_us: The board's 32-bit time at ``index``.
        """
        self._note_device(index, device_us)
        self._last = (index, received_at_s)
        if not self._kept:
            self._first = (index, received_at_s)
        late_s = received_at_s - self._first[1] - self._nominal_s(index)
        bin_ = int(self._nominal_s(index) // _BIN_S)
        if bin_ == self._bin:
            earliest = self._kept[-1]
            if late_s - self._line_s(index) >= earliest[1] - self._line_s(earliest[0]):
                return
            self._kept[-1] = (index, late_s)
        else:
            self._kept.append((index, late_s))
            self._bin = bin_
        self._lay_line()

    def host_s(self, index: int) -> float:
        """Return the host's monotonic time at which ``index`` was sampled (plus the line's shortest delay).

        Raises:
            ValueError: nothing has arrived yet.
        """
        if not self._kept:
            raise ValueError("device clock: expected at least one arrival before a time is asked for")
        return self._first[1] + self._nominal_s(index) + self._line_s(index)

    def index_at(self, host_s: float) -> float:
        """Return the sample index, with a fraction, that was being sampled at a host monotonic time.

        Raises:
            ValueError: nothing has arrived yet.
        """
        since_s = host_s - self.host_s(self._first[0])
        return self._first[0] + since_s / (1 + self._slope) * self._rate_hz

    def latest_index(self, host_s: float, ahead_s: float) -> float:
        """Return the last index that can have been sampled by a host monotonic time, with some indulgence.

        Infinite where that cannot be told: in the first second, and of a board that plays a recording faster
        than it was taken.

        Args:
            host_s: The time.
            ahead_s: The indulgence.
        """
        index, received_at_s = self._last
        since_first_s = received_at_s - self._first[1]
        if since_first_s < _PACE_AFTER_S or self._nominal_s(index) > _FASTEST_PACE * since_first_s:
            return math.inf
        since_s = max(0.0, host_s - received_at_s)
        return self.index_at(received_at_s) + (since_s * (1 + _AHEAD_PER_S) + ahead_s) * self._rate_hz

    def device_us(self, index: int) -> int:
        """Return the board's own time at ``index`` in µs since its start, unwrapped.

        Raises:
            ValueError: nothing has arrived yet.
        """
        if self._device is None:
            raise ValueError("device clock: expected at least one arrival before a time is asked for")
        at, us = self._device
        return us + round((index - at) / self._rate_hz * _US)

    def _nominal_s(self, index: int) -> float:
        return (index - self._first[0]) / self._rate_hz

    def _line_s(self, index: int) -> float:
        return self._offset_s + self._slope * self._nominal_s(index)

    def _spans_enough(self) -> bool:
        return self.span_s >= _SLOPE_AFTER_S and len(self._kept) >= _SLOPE_AFTER

    def _lay_line(self) -> None:
        at_s = np.array([self._nominal_s(index) for index, _ in self._kept])
        late_s = np.array([late for _, late in self._kept])
        if self._spans_enough():
            half = len(self._kept) // 2
            slopes = (late_s[half:] - late_s[: len(late_s) - half]) / (at_s[half:] - at_s[: len(at_s) - half])
            self._slope = max(float(np.median(slopes)), _SMALLEST_STRETCH - 1)
        self._offset_s = float(np.median(late_s - self._slope * at_s))

    def _note_device(self, index: int, device_us: int) -> None:
        """Unwrap the 32-bit time: it is never half a wrap (35 min) away from what the counter says."""
        if self._device is None:
            self._device = (index, device_us)
            return
        expected = self.device_us(index)
        ahead = (device_us - expected + WRAP // 2) % WRAP - WRAP // 2
        self._device = (index, expected + ahead)
