"""A Lab Streaming Layer stream as a port, through pylsl, and what the stream says of itself.

pylsl and its library come with the extra ``lsl``. The sensor's program sends, we only listen: an inlet takes
connections from nobody, and looks for its stream with questions to the local network.
"""

from dataclasses import dataclass, replace
from typing import Any, Protocol, cast

from firmware_bridge.acc_axes import AXES
from firmware_bridge.channel_units import GRAVITIES, MICROVOLTS, normal_unit
from firmware_bridge.dialect_lsl import MOST_CHANNELS, head_bytes, row_bytes
from firmware_bridge.dialect_options import DialectOptions
from firmware_bridge.ports import READ_S
from firmware_bridge.source_contract import PortError, SourceUrl

# Streams answer within milliseconds; a second question is sent within this too.
FIND_S = 3.0
_OPEN_S = 2.0
# Seconds of the stream that wait for a reader who is held up.
_BUFFER_S = 60


class Library(Protocol):
    """What is used of pylsl."""

    def resolve_byprop(self, prop: str, value: str, minimum: int = ..., timeout: float = ...) -> list[Any]:
        """Return the streams of a name."""
        ...

    def StreamInlet(self, info: Any, max_buflen: int = ..., *, recover: bool = ...) -> Any:  # noqa: N802, ANN401
        """Return an inlet."""
        ...


def library(url: SourceUrl) -> Library:
    """Return pylsl.

    Raises:
        PortError: it is not installed, or its library is missing.
    """
    try:
        import pylsl
    except (ImportError, RuntimeError, OSError) as error:
        raise PortError(
            f"source {url.text!r}: expected pylsl, which reads LSL streams, got {error}; "
            "pip install 'crampwatch[lsl]'"
        ) from error
    return cast("Library", pylsl)


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """What a stream says of itself.

    Attributes:
        rate_hz: Samples a second; 0 where they come irregularly.
        labels: Of each channel: its name, or else its type.
        units: Of each channel, as `normal_unit` spells them.
    """

    rate_hz: float
    labels: tuple[str, ...]
    units: tuple[str, ...]

    def completed(self, options: DialectOptions) -> DialectOptions:
        """Return the user's word, with the stream's own where the user has said nothing."""
        roles = options.roles_of(len(self.labels), self.labels)
        by_role = list(zip(roles, self.units, strict=False))
        emg = {MICROVOLTS.get(unit) for role, unit in by_role if role == "emg"}
        acc = {GRAVITIES.get(unit) for role, unit in by_role if role in AXES}
        return replace(
            options,
            rate_hz=options.rate_hz or self.rate_hz,
            uv_per_count=options.uv_per_count or _only(emg),
            g_per_count=options.g_per_count or _only(acc),
        )


def _only(factors: set[Any]) -> float | None:
    """Return the one factor that all channels have."""
    factor = factors.pop() if len(factors) == 1 else None
    return None if factor is None else float(factor)


class LslInlet:
    """An open inlet: a `firmware_bridge.port_reader.Port` that gives the bytes of `firmware_bridge.dialect_lsl`.

    Args:
        url: ``lsl:NAME``.

    Raises:
        PortError: pylsl is missing, or the stream is none that can be read.
        OSError: no stream of that name is there.
    """

    def __init__(self, url: SourceUrl) -> None:
        pylsl = library(url)
        try:
            streams = pylsl.resolve_byprop("name", url.target, timeout=FIND_S)
            if not streams:
                raise ConnectionError(
                    "no LSL stream of that name is in this network: has its program been started?"
                )
            # Whoever opens ports opens them again as well.
            self._inlet = pylsl.StreamInlet(streams[0], _BUFFER_S, recover=False)
            self.facts = _facts(self._inlet.info(_OPEN_S), url)
            self._inlet.open_stream(_OPEN_S)
        except RuntimeError as error:
            # What pylsl's own errors derive from.
            raise ConnectionError(f"the LSL stream cannot be opened: {error}") from error
        self._early = head_bytes(self.facts.labels)

    def read(self, size: int, /) -> bytes:
        """Return what came in a twentieth of a second; a little more than ``size`` bytes at most.

        Raises:
            OSError: the stream is lost.
        """
        data, self._early = self._early, b""
        most = max(1, size // len(row_bytes(0.0, [0.0] * len(self.facts.labels))))
        try:
            rows, times_s = self._inlet.pull_chunk(READ_S, most)
        except RuntimeError as error:
            raise ConnectionError(f"the LSL stream is lost: {error}") from error
        return data + b"".join(row_bytes(at_s, row) for at_s, row in zip(times_s, rows, strict=True))

    def write(self, data: bytes, /) -> int:
        """Do nothing: a stream hears nothing."""
        return len(data)

    def close(self) -> None:
        """Let the stream go."""
        self._inlet.close_stream()


def _facts(info: Any, url: SourceUrl) -> StreamFacts:  # noqa: ANN401 - pylsl is not typed
    """Return what a stream says of itself.

    Raises:
        PortError: it has too many channels, or they are texts.
    """
    count = info.channel_count()
    if not 1 <= count <= MOST_CHANNELS or info.channel_format() == _TEXT_FORMAT:
        raise PortError(
            f"source {url.text!r}: expected an LSL stream of 1 to {MOST_CHANNELS} channels of numbers, got {count}"
            f"{' of text' if info.channel_format() == _TEXT_FORMAT else ''}"
        )
    blank = [None] * count
    names, types, units = (
        [str(text or "") for text in (told or blank)]
        for told in (info.get_channel_labels(), info.get_channel_types(), info.get_channel_units())
    )
    labels = tuple((name or kind).strip() or "?" for name, kind in zip(names, types, strict=True))
    return StreamFacts(float(info.nominal_srate()), labels, tuple(map(normal_unit, units)))


# pylsl.cf_string.
_TEXT_FORMAT = 3
