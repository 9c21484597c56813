"""One order for the items of several stages, whatever the runs of hops that they are made in."""

from typing import NamedTuple

from detector.types import DetectorItem


class Due(NamedTuple):
    """An item, and the number of the hop at whose end it is known."""

    hop: int
    item: DetectorItem
