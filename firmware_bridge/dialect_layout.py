"""What the columns of a board mean that cannot say it: which is EMG, in what unit, and how it becomes counts.

Learnt once from the first second or two, and from the user's word; what had to be guessed is told in
``warnings``.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from firmware_bridge.acc_axes import AXES
from firmware_bridge.dialect_options import DialectOptions
from firmware_bridge.samples import Counts, Scale, SensorInfo

Numbers = npt.NDArray[np.float64]

# What 16 bits hold; -32768 is left to gaps in recordings.
_MOST_COUNT = 32767
# 16-bit converters without a sign are moved down by so much to fit.
_SIGNED_BITS, _UNSIGNED_SHIFT = 16, 32768
# Decimals that a board may print; more are rounding noise of its floats.
_MOST_DECIMALS = 6
# A contraction is up to so many times wider than what was seen at first; a level up to so many times higher.
_WIDER, _HIGHER = 150.0, 4.0
# Acceleration sensors of consumers measure up to this, g.
_MOST_G = 16.0
# Lying still, a sensor shows 1 g; within these it is taken to send g already.
_LEAST_REST_G, _MOST_REST_G = 0.8, 1.25
SITE = "calf"


@dataclass(frozen=True, slots=True)
class Column:
    """How the numbers of one column become counts: ``(number - zero) / step``, within the scale's range."""

    index: int
    step: float
    zero: float
    scale: Scale

    def counts(self, numbers: Numbers) -> tuple[Counts, int]:
        """Return 16-bit counts, and how many numbers lay outside the range and became its end."""
        raw = np.rint((numbers[:, self.index] - self.zero) / self.step)
        low, high = self.scale.digital_min, self.scale.digital_max
        return np.clip(raw, low, high).astype(np.int16), int(np.count_nonzero((raw < low) | (raw > high)))


@dataclass(frozen=True, slots=True)
class ColumnLayout:
    """The columns of a row.

    Attributes:
        width: How many numbers a row has; others are no rows.
        emg: The EMG channels.
        acc: The three axes, or none.
        warnings: Sentences on what had to be guessed.
    """

    width: int
    emg: tuple[Column, ...]
    acc: tuple[Column, ...]
    warnings: tuple[str, ...]

    def info(self, sensor_id: str, rate_hz: float, firmware: str, prefilter: str) -> SensorInfo:
        """Return who is sending; acceleration comes with every row."""
        count = len(self.emg)
        return SensorInfo(
            sensor_id=sensor_id,
            emg_rate_hz=rate_hz,
            acc_rate_hz=rate_hz if self.acc else 0.0,
            sites=(SITE,) if count == 1 else tuple(f"{SITE}-{number}" for number in range(1, count + 1)),
            emg_scales=tuple(column.scale for column in self.emg),
            acc_scale=self.acc[0].scale if self.acc else None,
            firmware=firmware,
            prefilter=prefilter,
        )

    def counts(self, rows: Sequence[tuple[float, ...]]) -> tuple[Counts, Counts, int]:
        """Return EMG counts ``[n, channel]``, acceleration counts, and how many were out of range."""
        numbers = np.array(rows, np.float64)
        parts = [column.counts(numbers) for column in (*self.emg, *self.acc)]
        emg = np.stack([counts for counts, _ in parts[: len(self.emg)]], axis=1)
        acc = np.stack([counts for counts, _ in parts[len(self.emg) :]], axis=1) if self.acc else _NO_ACC
        return emg, acc, sum(outside for _, outside in parts)


_NO_ACC: npt.NDArray[np.integer[Any]] = np.zeros((0, 3), np.int16)


def learn_layout(
    rows: Sequence[tuple[float, ...]], labels: tuple[str, ...], options: DialectOptions
) -> ColumnLayout:
    """Return the layout that rows show; those of unusual width are left out.

    Args:
        rows: At least one.
        labels: What the board calls its columns; empty where it does not say.
        options: The user's word.

    Raises:
        ValueError: the user names more columns than there are.
    """
    width = Counter(map(len, rows)).most_common(1)[0][0]
    if options.roles is not None and len(options.roles) > width:
        raise ValueError(
            f"expected {len(options.roles)} columns ({','.join(options.roles)}), got {width} in a row"
        )
    numbers = np.array([row for row in rows if len(row) == width], np.float64)
    roles = options.roles_of(width, labels)
    emg_at = [index for index, role in enumerate(roles) if role == "emg"]
    acc_at = [roles.index(axis) for axis in AXES] if "x" in roles else []
    acc, acc_warnings = _acc_columns(numbers, acc_at, options)
    warnings = (*_role_warnings(roles, labels, options), *_emg_warnings(options), *acc_warnings)
    return ColumnLayout(width, tuple(_emg_column(numbers, i, options) for i in emg_at), acc, warnings)


def _emg_column(numbers: Numbers, index: int, options: DialectOptions) -> Column:
    unit_uv = options.uv_per_count
    unit, gain = ("count", 1.0) if unit_uv is None else ("uV", unit_uv)
    if options.bits is not None:
        zero = _UNSIGNED_SHIFT if options.bits == _SIGNED_BITS else 0
        low, high = (-_MOST_COUNT, _MOST_COUNT) if zero else (0, (1 << options.bits) - 1)
        scale = Scale.from_gain(gain, digital_min=low, digital_max=high, unit=unit)
        return Column(index, 1.0, zero, scale)
    seen = numbers[:, index]
    needed = options.full_scale or max(_HIGHER * _peak(seen), _WIDER * float(np.ptp(seen)))
    step = _step(seen, needed)
    scale = Scale.from_gain(gain * step, digital_min=-_MOST_COUNT, digital_max=_MOST_COUNT, unit=unit)
    return Column(index, step, 0.0, scale)


def _acc_columns(
    numbers: Numbers, at: Sequence[int], options: DialectOptions
) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """Return the axes, all on one scale; none where nothing is measured."""
    if not at:
        return (), ()
    seen = numbers[:, at]
    rest = float(np.median(np.sqrt(np.square(seen).sum(axis=1))))
    if rest == 0:
        return (), ("acceleration: all zero, so it is left out",)
    warnings: tuple[str, ...] = ()
    gain = options.g_per_count
    if gain is None:
        in_g = _LEAST_REST_G <= rest <= _MOST_REST_G
        gain = 1.0 if in_g else float(f"{1 / rest:.4g}")
        if not in_g:
            guess = f"{rest:.4g} is taken for 1 g, as if the sensor lay still"
            warnings = (f"acceleration: {guess}; state it with g_per_count={gain:.4g}",)
    step = _step(seen, _MOST_G / gain)
    scale = Scale.from_gain(gain * step, digital_min=-_MOST_COUNT, digital_max=_MOST_COUNT, unit="g")
    return tuple(Column(index, step, 0.0, scale) for index in at), warnings


def _step(seen: Numbers, needed: float) -> float:
    """Return the size of a count: what the board prints, if 16 bits of that reach as far as needed."""
    decimals = _decimals(seen)
    printed = float(10.0**-decimals)
    if decimals == 0 and _peak(seen) <= _MOST_COUNT:
        # Whole numbers are a converter's counts already, and a converter of 16 bits has no more of them.
        return 1.0
    return max(printed, float(f"{needed / _MOST_COUNT:.4g}"))


def _decimals(seen: Numbers) -> int:
    """Return how many decimals the numbers have."""
    for decimals in range(_MOST_DECIMALS):
        scaled = seen * 10.0**decimals
        if np.allclose(scaled, np.rint(scaled), rtol=0.0, atol=1e-6):
            return decimals
    return _MOST_DECIMALS


def _peak(seen: Numbers) -> float:
    return float(np.abs(seen).max())


def _emg_warnings(options: DialectOptions) -> tuple[str, ...]:
    warnings = []
    if options.uv_per_count is None:
        warnings.append(
            "EMG: nobody knows how many µV a count is, so only ratios to rest are judged; "
            "state it with uv_per_count=…"
        )
    if options.bits is None:
        warnings.append(
            "EMG: nobody knows where the converter ends, so clipping cannot be seen; state it with bits=10 or so"
        )
    return tuple(warnings)


def _role_warnings(
    roles: tuple[str, ...], labels: tuple[str, ...], options: DialectOptions
) -> tuple[str, ...]:
    if options.roles is not None or len(roles) == 1:
        return ()
    named = f" ({', '.join(label or '?' for label in labels)})" if any(labels) else ""
    return (f"columns{named}: taken for {','.join(roles)}; state them with channels=…",)
