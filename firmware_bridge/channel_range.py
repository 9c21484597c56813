"""One streamed look at the lanes of a recording: their range, and whether their unit can be true.

Resting EMG of a leg is some µV and an amplifier's own noise half a µV or more; a strong contraction reaches some
mV (science.md, section 1). A unit that is wrong by a thousand is far outside of that. A still
accelerometer measures gravity: 1 g.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Context, Decimal

import numpy as np

from firmware_bridge.channel_picking import ChannelError
from firmware_bridge.formats.columns import Table
from firmware_bridge.samples import Scale

# Resting level (root mean square of a quiet second) that no electrode on skin is below, or above.
LOWEST_REST_UV, HIGHEST_REST_UV = 0.05, 1000.0
# What a resting level is commonly; the unit that brings one there is the likely one.
_COMMON_REST_UV = (0.3, 100.0)
# The share of seconds that are quieter than the resting level: early enough to be at rest in any night.
_QUIET_SHARE = 0.2
# What gravity may measure on a sensor that was never calibrated, or whose axes are filtered or cut; and commonly does.
LOWEST_GRAVITY_G, HIGHEST_GRAVITY_G = 0.15, 5.0
_COMMON_GRAVITY_G = (0.5, 2.0)
# What separates the units that are mistaken for one another: V, mV, µV, nV; and m/s², g, mg.
_STEPS_OF_EMG = (1e-3, 1e3, 1e-6, 1e6)
_STEPS_OF_ACC = (1 / 9.80665, 1e-3, 9.80665, 1e3, 1e-3 / 9.80665)
# Largest step that loses nothing: far below an amplifier's noise, and below what turns a sleeper's leg.
LARGEST_STEP = {"uV": 0.1, "g": 1e-3}
# Counts at both ends of what 16 and 24 bits hold; one more below says that a sample is missing.
HIGHEST_16_BITS, HIGHEST_24_BITS = (1 << 15) - 1, (1 << 23) - 1
# A minus sign and this are what an EDF header's field holds.
_DECIMAL_WIDTH = 7
_MOST_DIGITS = 5
# The smallest range that those characters say.
_SMALLEST = 1e-5


@dataclass(slots=True)
class LaneRange:
    """What a lane's values span; fed with all of them once, in order.

    Attributes:
        low: Lowest value.
        high: Highest value.
        present: How many values there are.
        integral: Whether all are whole numbers.
        rms: Root mean square around its mean of every stretch that was fed.
    """

    low: float = np.inf
    high: float = -np.inf
    present: int = 0
    integral: bool = True
    rms: list[float] = field(default_factory=list)
    _sum: float = 0.0

    def feed(self, values: Table, second: int) -> None:
        """Take in the next values; NaN are none. ``second`` of them make a stretch whose level is kept."""
        there = values[np.isfinite(values)]
        if not len(there):
            return
        self.low, self.high = min(self.low, float(there.min())), max(self.high, float(there.max()))
        self.integral = self.integral and bool((there == np.rint(there)).all())
        self.present += len(there)
        self._sum += float(there.sum())
        whole = there[: len(there) // second * second].reshape(-1, second)
        self.rms += [float(level) for level in whole.std(axis=1)]

    @property
    def mean(self) -> float:
        """Mean of all values."""
        return self._sum / max(1, self.present)

    @property
    def rest(self) -> float | None:
        """Level of a quiet second; None where the lane is flat or shorter than a second."""
        levels = [level for level in self.rms if level > 0]
        return float(np.quantile(levels, _QUIET_SHARE)) if levels else None


def scale_for(ranges: list[LaneRange], unit: str) -> Scale:
    """Return the scale that holds all values of lanes: of 16 bits where that loses nothing, else of 24.

    It is symmetrical about 0, and its ends are decimals that an EDF header holds.

    Raises:
        ChannelError: no such decimal holds the range.
    """
    largest = max(max(abs(one.low), abs(one.high)) for one in ranges)
    if unit == "count" and all(one.integral for one in ranges) and largest <= HIGHEST_24_BITS:
        highest = HIGHEST_16_BITS if largest <= HIGHEST_16_BITS else HIGHEST_24_BITS
        return Scale(-highest, highest, -highest, highest, unit)
    limit = decimal_over(largest or 1.0)
    fits = limit / HIGHEST_16_BITS <= LARGEST_STEP.get(unit, 0.0)
    highest = HIGHEST_16_BITS if fits else HIGHEST_24_BITS
    return Scale(-highest, highest, -limit, limit, unit)


def decimal_over(value: float) -> float:
    """Return the least decimal of at most seven characters and five digits that is not below a value.

    Raises:
        ChannelError: it is too large for seven characters.
    """
    for digits in range(_MOST_DIGITS, 0, -1):
        rounded = Context(prec=digits, rounding=ROUND_CEILING).create_decimal(Decimal(max(value, _SMALLEST)))
        text = format(rounded, "f")
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        if len(text) <= _DECIMAL_WIDTH:
            return float(text)
    raise ChannelError(f"expected values below 10000000, got {value:g}; check its unit and gain")


def doubt_of_emg(rest_uv: float | None) -> str | None:
    """Return why an EMG channel's unit is doubtful, going by its resting level; None where it is not."""
    if rest_uv is None or LOWEST_REST_UV <= rest_uv <= HIGHEST_REST_UV:
        return None
    low, high = _COMMON_REST_UV
    return (
        f"its quiet level is {rest_uv:.3g} µV, expected {LOWEST_REST_UV:g} to {HIGHEST_REST_UV:g}; "
        + _likely(rest_uv, _STEPS_OF_EMG, low, high)
        + (", or the amplifier is at its rails" if rest_uv > HIGHEST_REST_UV else "")
        + ": say it with --emg-unit or in the montage"
    )


def doubt_of_acc(gravity_g: float) -> str | None:
    """Return why the acceleration's unit is doubtful, going by its mean length; None where it is not."""
    if LOWEST_GRAVITY_G <= gravity_g <= HIGHEST_GRAVITY_G or not np.isfinite(gravity_g):
        return None
    return (
        f"gravity measures {gravity_g:.3g} g, expected about 1; "
        + _likely(gravity_g, _STEPS_OF_ACC, *_COMMON_GRAVITY_G)
        + ": say it with --acc-unit or in the montage"
    )


def _likely(level: float, steps: Sequence[float], low: float, high: float) -> str:
    """By how much the unit is likely to be wrong, in words."""
    step = next((step for step in steps if low <= level * step <= high), None)
    if step is None:
        return "its unit or gain is probably another"
    times, which = (1 / step, "large") if step < 1 else (step, "small")
    return f"its unit is probably {times:.4g} times too {which}"
