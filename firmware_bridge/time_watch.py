"""What can be wrong with time itself: a computer that slept, and a board whose clock is off. Pure."""

from firmware_bridge.device_clock import DeviceClock

# Shorter sleeps leave nothing to explain: no reading is missed by them that a busy machine would not miss.
_SHORTEST_SLEEP_S = 1.0
# A crystal is good to 100 ppm and a ceramic resonator to 5000; beyond 2000 the rate that the board claims is
# not the one it samples at. It is well again when it is clearly below.
DRIFT_LIMIT_PPM, _WELL_AGAIN_PPM = 2000.0, 1500.0
# Drift is judged once the line is laid through so many seconds of life.
_JUDGED_AFTER_S = 60.0
# Further off, it is no clock but a recording that is played faster or slower.
_PLAYED_PPM = 100_000.0
_PPM_PER_PERCENT = 10_000.0


class SleepWatch:
    """Notices that the computer has slept.

    Args:
        slept_s: For how long it had slept before, on whatever count.
    """

    def __init__(self, slept_s: float) -> None:
        self._slept_s = slept_s

    def woken(self, slept_s: float) -> float:
        """Return for how many seconds it has slept since this was last asked; 0 if it has not."""
        more_s, self._slept_s = slept_s - self._slept_s, slept_s
        return more_s if more_s >= _SHORTEST_SLEEP_S else 0.0


class DriftWatch:
    """Says once that a board's clock is off, and again only after it was well in between.

    Args:
        rate: Seconds of the host's clock per second of life.
    """

    def __init__(self, rate: float = 1.0) -> None:
        self._rate = rate
        self._off = False

    def judge(self, clock: DeviceClock) -> str:
        """Return a sentence for a person if the clock has gone wrong since this was last asked."""
        ppm = clock.drift_ppm
        if ppm is None or clock.span_s < _JUDGED_AFTER_S * self._rate or abs(ppm) > _PLAYED_PPM:
            return ""
        was_off, self._off = self._off, abs(ppm) > (_WELL_AGAIN_PPM if self._off else DRIFT_LIMIT_PPM)
        if was_off or not self._off:
            return ""
        pace = "faster" if ppm > 0 else "slower"
        return f"the sensor samples {abs(ppm) / _PPM_PER_PERCENT:.2f} % {pace} than it says"
