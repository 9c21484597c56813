"""How many flags of a row stand: on short rows several times as fast as `numpy.count_nonzero`."""

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]

# The narrowest numbers that hold any row's count add up fastest.
LONGEST_ROW = np.iinfo(np.uint16).max


def count_true(flags: Flags) -> Whole:
    """Return the number of those that are true along the last axis.

    >>> count_true(np.array([[True, False, True], [False, False, False]])).tolist()
    [2, 0]
    """
    width = np.uint16 if flags.shape[-1] <= LONGEST_ROW else np.int64
    counted: Whole = np.add.reduce(flags.view(np.uint8), axis=-1, dtype=width).astype(np.int64)
    return counted
