"""Arrays of numbers as columns: what files of NumPy and MATLAB and the sets of an HDF5 file have in common.

An array is ``[time]``, or ``[time, channel]`` with the longer side as time. Its rate is a number beside it, called as
in `RATE_NAMES`, alone or behind the array's name (``emg_rate_hz`` beside ``emg``). A unit behind the name counts
(``emg_uv``), unless the file gives units in another way.
"""

from collections.abc import Sequence

from firmware_bridge.formats.columns import Column
from firmware_bridge.formats.text_layout import name_and_unit

# Kinds of NumPy's types that are numbers.
NUMBERS = "iuf"
# Names that a sampling rate goes by.
RATE_NAMES = ("rate_hz", "fs", "sfreq", "sampling_rate", "rate")
# An array with one side is a column; with two, one a channel.
MOST_SIDES = 2


def rate_names(name: str) -> tuple[str, ...]:
    """Return what the rate of an array of a name may be called, the array's own first."""
    return (*(f"{name}_{rate}" for rate in RATE_NAMES), *RATE_NAMES)


def columns_of(
    name: str,
    shape: Sequence[int],
    rate_hz: float,
    number: int,
    labels: Sequence[str] = (),
    units: Sequence[str] = (),
) -> list[Column]:
    """Return the columns of an array, numbered from ``number``.

    Args:
        name: Of the array: the label of its only column, or what those of several begin with.
        shape: One or two sides.
        rate_hz: Its samples a second.
        number: Of the first column.
        labels: One a channel, where the file has them.
        units: One a channel, where the file has them apart from the name.

    Raises:
        BrokenFileError: the rate is none, or there are no samples.
    """
    label, unit = name_and_unit(name)
    channels, samples = (1, shape[0]) if len(shape) < MOST_SIDES else sorted(shape)
    called = labels or ([f"{label}{i + 1}" for i in range(channels)] if channels > 1 else [label])
    return [
        Column(number + i, called[i], units[i] if units else unit, rate_hz, samples) for i in range(channels)
    ]


def is_by_channel(shape: Sequence[int]) -> bool:
    """Tell whether the first side of an array is its channels."""
    return len(shape) == MOST_SIDES and shape[0] == min(shape)
