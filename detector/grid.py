"""The fixed grid on which everything is computed: ticks of about 25 ms in hops of about 0.25 s.

The grid hangs on sample index 0 and on the rates alone, so that no block boundary, gap or restart can shift
it: hop ``h`` covers the samples ``h * hop`` … ``(h + 1) * hop - 1``.
"""

from dataclasses import dataclass, field

from firmware_bridge.samples import SensorInfo

# Two ticks make the 50-ms RMS that resolves bursts up to 8 Hz (science.md section 6).
TICK_S = 0.025
# One hop is the pace of decisions: fine against ramps of seconds, coarse enough to be cheap.
HOP_S = 0.25
# Four hops make about a second, the step of signal quality and of the resting level.
HOPS_PER_SECOND = 4
# Ticks and ticks per hop that may stand in for the ideal where rates do not divide.
TICK_RANGE_S = (0.015, 0.050)
# Even, so that a hop is whole in 50-ms envelopes too.
TICKS_PER_HOP_CHOICES = range(4, 17, 2)
# Slower acceleration shows neither steps nor thrashing; it is left out.
MIN_ACC_RATE_HZ = 10.0


class UnusableRateError(ValueError):
    """The EMG rate is too low for the detector."""


# Below this the muscle's band (20 Hz and up) is cut in half (science.md section 6).
MIN_EMG_RATE_HZ = 250.0


@dataclass(frozen=True, slots=True)
class Grid:
    """Sizes of tick and hop in samples.

    Attributes:
        rate_hz: EMG rate.
        tick: Samples in a tick.
        ticks_per_hop: Ticks in a hop.
        acc_per_hop: Acceleration triples in a hop; 0 where there is no acceleration (or one too slow to use).
        hop: Samples in a hop.
        hop_s: Length of a hop.
        tick_s: Length of a tick.
    """

    rate_hz: float
    tick: int
    ticks_per_hop: int
    acc_per_hop: int
    # Asked for at every hop: kept, not reckoned again.
    hop: int = field(init=False)
    hop_s: float = field(init=False)
    tick_s: float = field(init=False)

    def __post_init__(self) -> None:
        hop = self.tick * self.ticks_per_hop
        for name, value in (
            ("hop", hop),
            ("hop_s", hop / self.rate_hz),
            ("tick_s", self.tick / self.rate_hz),
        ):
            object.__setattr__(self, name, value)

    @classmethod
    def of(cls, info: SensorInfo) -> "Grid":
        """Return the grid whose tick and hop come closest to 25 ms and 0.25 s.

        A hop is whole in ticks and in acceleration samples; where no hop can be, acceleration is left out.

        Raises:
            UnusableRateError: EMG slower than 250 Hz.
        """
        rate_hz = info.emg_rate_hz
        if rate_hz < MIN_EMG_RATE_HZ:
            raise UnusableRateError(
                f"{info.sensor_id}: expected EMG at {MIN_EMG_RATE_HZ:g} Hz or more, got {rate_hz:g} Hz; "
                "set the sensor or the recording to a higher rate"
            )
        has_acc = info.acc_scale is not None and info.acc_rate_hz >= MIN_ACC_RATE_HZ
        ratio = info.acc_ratio if has_acc else 1
        shapes = _shapes(rate_hz, ratio)
        if not shapes:
            has_acc, ratio = False, 1
            shapes = _shapes(rate_hz, ratio)
        tick, per_hop = min(shapes)[1:]
        return cls(rate_hz, tick, per_hop, tick * per_hop // ratio if has_acc else 0)

    def hops(self, seconds: float) -> int:
        """Return how many hops come closest to a time, at least one."""
        return max(1, round(seconds / self.hop_s))

    def ticks(self, seconds: float) -> int:
        """Return how many ticks come closest to a time, at least one."""
        return max(1, round(seconds / self.tick_s))


def _shapes(rate_hz: float, ratio: int) -> list[tuple[float, int, int]]:
    """Return (distance from the ideal, tick, ticks per hop) of every hop that ``ratio`` divides."""
    shortest_s, longest_s = TICK_RANGE_S
    ticks = range(max(1, int(shortest_s * rate_hz)), int(longest_s * rate_hz) + 1)
    return [
        (abs(tick * per_hop / (HOP_S * rate_hz) - 1) + abs(tick / (TICK_S * rate_hz) - 1), tick, per_hop)
        for tick in ticks
        for per_hop in TICKS_PER_HOP_CHOICES
        if tick * per_hop % ratio == 0
    ]
