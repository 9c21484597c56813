"""What a dialect's decoder finds: rows of numbers, the names of their columns, and what was neither.

A dialect is how a board that runs somebody else's firmware talks. It has a decoder with the contract of
`firmware_bridge.decoder`: ``feed(bytes) -> list``, pure, bounded, the same however the bytes are cut.
"""

from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Row(NamedTuple):
    """The numbers of one sampling instant.

    Attributes:
        values: As the board sent them, one per column.
        skipped: Rows that the board sent before this one and that never came, by its counter; modulo
            ``Decoder.cycle``.
    """

    values: tuple[float, ...]
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class BadRow:
    """Bytes that are no row.

    Attributes:
        reason: Why.
        dropped_bytes: How many, at most the longest row's length and one.
        rows: How many rows are missing in their place, where no counter tells.
    """

    reason: str
    dropped_bytes: int
    rows: int


@dataclass(frozen=True, slots=True)
class Header:
    """Names of the columns, in a line of their own or before the numbers (``label:value``)."""

    labels: tuple[str, ...]


Found = Row | BadRow | Header


@dataclass(frozen=True, slots=True)
class DialectCounters:
    """What has come in so far.

    Attributes:
        received_bytes: All of them.
        rows: Good ones.
        bad_rows: What was none.
        skipped_rows: Missing by the board's own counter.
        dropped_bytes: In bad rows, and before the first whole one.
    """

    received_bytes: int
    rows: int
    bad_rows: int
    skipped_rows: int
    dropped_bytes: int


class DialectDecoder(Protocol):
    """Bytes into rows."""

    @property
    def cycle(self) -> int:
        """After how many rows the board's counter begins anew; 0 where there is no counter."""
        ...

    @property
    def counters(self) -> DialectCounters:
        """A snapshot."""
        ...

    def feed(self, data: bytes) -> list[Found]:
        """Return what ``data`` completes, in order."""
        ...

    def restart(self) -> None:
        """Forget what was under way: the link broke, and what comes next may begin anywhere."""
        ...
