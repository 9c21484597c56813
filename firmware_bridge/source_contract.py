"""What every source of samples is, how its address is written, and what can be wrong with it.

SourceError                  nothing can be read from here; the message says why and what to do
├── SourceUrlError           the address itself is wrong
├── PortError                the port or host cannot be opened: absent, busy, forbidden, refused
├── NotASensorError          it opens, but no crampwatch sensor answers
└── RecordingSourceError     the recording cannot be read
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import parse_qsl

from firmware_bridge.frames import Frame
from firmware_bridge.samples import SensorInfo, StreamItem


class SourceError(Exception):
    """Nothing can be read from this source."""


class SourceUrlError(SourceError):
    """A source's address is not one."""


class PortError(SourceError):
    """A port or host cannot be opened."""


class NotASensorError(SourceError):
    """Whatever is at the other end, it does not say what a crampwatch sensor says."""


class RecordingSourceError(SourceError):
    """A recording cannot be read."""


class Source(Protocol):
    """Where samples come from: open it, read until ``finished``, close it.

    A live source outlives its cable: it opens the port again by itself, says so with `LinkState` items, and
    what was missed meanwhile is a `Gap`. A `SensorInfo` item means that the signal has changed and a new
    index axis begins.
    """

    @property
    def url(self) -> str:
        """The address it was made from."""
        ...

    @property
    def finished(self) -> bool:
        """Whether everything has been read: a recording is over, also one that a simulated board played."""
        ...

    @property
    def counters(self) -> Mapping[str, int]:
        """What came, was lost and was sent so far, by name."""
        ...

    def open(self) -> SensorInfo:
        """Begin, and return who is sending.

        Raises:
            SourceError: nothing can be read from here.
        """
        ...

    def read(self, timeout_s: float) -> list[StreamItem]:
        """Return what has come, in order; an empty list after ``timeout_s`` (of the clock) without any."""
        ...

    def send(self, frame: Frame) -> None:
        """Send a command to the board; where there is no board, nothing happens."""
        ...

    def close(self) -> None:
        """End; may be called twice."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class SourceContext(ABC):
    """Closes a source at the end of its ``with``."""

    @abstractmethod
    def close(self) -> None:
        """End; may be called twice."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class SourceUrl:
    """An address: ``scheme:target?key=value&…``.

    The target is taken as it stands, up to the last question mark, so that any file name may be one.

    >>> SourceUrl.parse("serial:/dev/ttyUSB0?baud=115200").target
    '/dev/ttyUSB0'
    """

    text: str
    scheme: str
    target: str
    options: Mapping[str, str]

    @classmethod
    def parse(cls, text: str, known: Collection[str] | None = None) -> "SourceUrl":
        """Read an address.

        Args:
            text: The address.
            known: The keys it may have; None allows any.

        Raises:
            SourceUrlError: it has no scheme, or keys without values, twice or of unknown name.
        """
        scheme, colon, rest = text.partition(":")
        if not colon:
            raise SourceUrlError(f"source {text!r}: expected scheme:address, such as serial:/dev/ttyUSB0")
        target, mark, query = rest.rpartition("?")
        if not mark:
            target, query = rest, ""
        try:
            pairs = parse_qsl(query, strict_parsing=True) if query else []
        except ValueError as error:
            raise SourceUrlError(f"source {text!r}: expected ?key=value&key=value, got ?{query}") from error
        options = dict(pairs)
        if len(options) < len(pairs):
            raise SourceUrlError(f"source {text!r}: expected every key once, got ?{query}")
        strange = [key for key in options if known is not None and key not in known]
        if strange:
            raise SourceUrlError(
                f"source {text!r}: expected keys from {sorted(known or ())} after the ?, got {strange[0]!r}"
            )
        return cls(text, scheme, target, options)

    def number(self, key: str, default: float, *, low: float, high: float) -> float:
        """Return the number that a key has, or the default.

        Raises:
            SourceUrlError: it is no number, or not between ``low`` and ``high``.
        """
        text = self.options.get(key)
        if text is None:
            return default
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if not low <= number <= high:
            raise SourceUrlError(
                f"source {self.text!r}: expected {key} to be a number from {low:g} to {high:g}, got {text!r}"
            )
        return number
