"""Portions of rows that stay in the processor's cache: larger temporaries take more than twice as long a row."""

from collections.abc import Iterator

# So many rows of a second of EMG, and what is made of them on the way, fit.
ROWS_AT_ONCE = 32


def portions(rows: int) -> Iterator[slice]:
    """Yield slices that cover so many rows; an empty one where there are none, so that columns keep their type."""
    for first in range(0, max(1, rows), ROWS_AT_ONCE):
        yield slice(first, first + ROWS_AT_ONCE)
