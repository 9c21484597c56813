"""Sampling rate and holes out of a column of times, however they jitter.

The rate is what whole stretches of rows give, rounded to a plain number where that moves no sample by more than
the times can tell. A step that is longer than the rate's by more than half a sample, or than twice the jitter
that most steps show, is a hole; so is a lag that has grown, little by little, beyond `LARGEST_LAG_S`.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from firmware_bridge.channel_units import normal_unit
from firmware_bridge.formats.columns import BrokenFileError, ColumnRun, Table, UnclearFileError

Times = npt.NDArray[np.float64]

# What a column of times is called.
TIME_LABEL = re.compile(
    r"^(time|t|zeit|temps|tiempo|tempo|tijd|timestamps?|date ?time|seconds|sec|ms|unix.*|x_value)$",
    re.IGNORECASE,
)
_SECONDS = {"s": 1.0, "sec": 1.0, "seconds": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "min": 60.0}
# Where no unit is said, the one that gives such a rate is meant; the spans of two units do not meet.
_LIKELY_HZ = (20.0, 20_000.0)
# Later than this, in seconds, a time is one since 1970 and not since the beginning of the recording.
EPOCH_S = 1e8

# Samples that get lost one by one are noticed when they add up to this.
LARGEST_LAG_S = 0.1
# Jitter is what all but one step in a hundred keep to; the rest may be holes.
_USUAL_SHARE = 0.99
# Rates are mostly whole hundreds, tens or ones; some are thirds, tenths, or 1259.26 Hz.
_WHOLE = (100, 50, 10, 5, 1)
_DENOMINATORS = (3, 10, 27, 100)
# Samples that the rounding of written times may move the end of a recording by.
_ROUNDING = 0.02


@dataclass(frozen=True, slots=True)
class TimeBlock:
    """What the times of some rows say in short.

    Attributes:
        rows: How many rows.
        first_s: Time of the first.
        last_s: Time of the last.
        steps_s: Longest and shortest step, the one from the block before included.
    """

    rows: int
    first_s: float
    last_s: float
    steps_s: tuple[float, float]

    @classmethod
    def of(cls, times: Times, before_s: float | None) -> "TimeBlock":
        """Return a block in short, after a row at ``before_s``."""
        steps = np.diff(times if before_s is None else np.concatenate([[before_s], times]))
        longest, shortest = (float(steps.max()), float(steps.min())) if len(steps) else (0.0, 0.0)
        return cls(len(times), float(times[0]), float(times[-1]), (longest, shortest))


@dataclass(frozen=True, slots=True)
class Timing:
    """When the rows were sampled."""

    rate_hz: float
    runs: tuple[ColumnRun, ...]


def usual_step(times: Table) -> float:
    """Return the step between rows as most of some show it: holes and bursts aside.

    Raises:
        BrokenFileError: time stands still or runs back.
    """
    steps = np.diff(times)
    inner = (
        steps[steps < np.quantile(steps, _USUAL_SHARE) + np.median(np.abs(steps))] if len(steps) else steps
    )
    step = float(np.mean(inner)) if len(inner) else 0.0
    if not step > 0:
        raise BrokenFileError("time column: expected times that grow, got times that do not")
    return step


def seconds_of(unit: str, step: float) -> float:
    """Return the seconds in one unit of time; of the likely one where none is said.

    Raises:
        UnclearFileError: the unit is unknown, or none fits the step.
    """
    plain = normal_unit(unit)
    low, high = _LIKELY_HZ
    fits = (s for name, s in _SECONDS.items() if name != "min" and low <= 1 / (step * s) <= high)
    seconds = _SECONDS.get(plain) if plain else next(fits, None)
    if seconds is None:
        got = repr(unit) if plain else f"a step of {step:g} that fits none at {low:g} to {high:g} Hz"
        raise UnclearFileError(
            f"time column: expected a unit out of {', '.join(_SECONDS)} or iso, got {got}; "
            'say it in a montage: [read] time_unit = "ms"'
        )
    return seconds


def timing_of(
    blocks: Sequence[TimeBlock], first: Times, times_of: Callable[[int], Times], rate_hz: float | None = None
) -> Timing:
    """Return rate and runs of rows.

    Args:
        blocks: All rows in short, in order.
        first: Times of the first rows, for their jitter.
        times_of: Reads the times of a block again, where it has a hole.
        rate_hz: The rate, where it is known.

    Raises:
        BrokenFileError: time runs back.
    """
    step_s = usual_step(first)
    jitter_s = float(np.quantile(np.abs(np.diff(first) - step_s), _USUAL_SHARE))
    slack_s = max(step_s / 2, 2 * jitter_s)
    rate_hz = rate_hz or _rate(blocks, step_s, slack_s, jitter_s)
    step_s = 1 / rate_hz
    starts = [(0, blocks[0].first_s)]
    at = 0
    for number, block in enumerate(blocks):
        longest, shortest = block.steps_s
        if shortest < -slack_s:
            raise BrokenFileError(
                f"time column: expected times that grow, got a step of {shortest:g} s back in rows "
                f"{at + 1} to {at + block.rows}; sort them, or leave the times out and give --rate HZ"
            )
        lag_s = block.last_s - _expected(starts[-1], at + block.rows - 1, step_s)
        if longest - step_s > slack_s or lag_s > max(LARGEST_LAG_S, 2 * slack_s):
            starts += _holes(times_of(number), at, starts[-1], step_s, slack_s)
        at += block.rows
    ends = [start for start, _ in starts[1:]] + [at]
    origin_s = starts[0][1]
    runs = (
        ColumnRun(start, end - start, start_s - origin_s)
        for (start, start_s), end in zip(starts, ends, strict=True)
    )
    return Timing(rate_hz, tuple(runs))


def _expected(start: tuple[int, float], row: int, step_s: float) -> float:
    return start[1] + (row - start[0]) * step_s


def _holes(
    times: Times, at: int, start: tuple[int, float], step_s: float, slack_s: float
) -> list[tuple[int, float]]:
    """Rows of a block at which a new run begins, and their times."""
    starts: list[tuple[int, float]] = []
    before_s = _expected(start, at - 1, step_s) if at else None
    last = before_s
    for row, time_s in enumerate(times.tolist(), start=at):
        lag_s = time_s - _expected(start, row, step_s)
        jumped = last is not None and time_s - last - step_s > slack_s and lag_s > step_s / 2
        if jumped or lag_s > max(LARGEST_LAG_S, 2 * slack_s):
            start = (row, time_s)
            starts.append(start)
        last = time_s
    return starts


def _rate(blocks: Sequence[TimeBlock], step_s: float, slack_s: float, jitter_s: float) -> float:
    """The rate of the stretches without a hole, as a plain number where the times allow it."""
    rows, seconds = 0, 0.0
    before_s: float | None = None
    for block in blocks:
        if block.steps_s[0] - step_s > slack_s:
            before_s = None
            continue
        # A block goes on from the one before it; the first of a stretch begins with its own first row.
        rows += block.rows - (before_s is None)
        seconds += block.last_s - (block.first_s if before_s is None else before_s)
        before_s = block.last_s
    rate_hz = rows / seconds if rows and seconds > 0 else 1 / step_s
    # Both ends are known no better than a time is.
    doubt = _ROUNDING + 2 * jitter_s * rate_hz
    rounded = (round(rate_hz / whole) * whole for whole in _WHOLE)
    fractions = (Fraction(rate_hz).limit_denominator(denominator) for denominator in _DENOMINATORS)
    for plain in (*map(float, rounded), *map(float, fractions)):
        if plain > 0 and abs(plain - rate_hz) * seconds <= doubt:
            return plain
    return rate_hz
