"""One door for all samples: an address becomes a source.

    serial:/dev/ttyUSB0?baud=115200    a board on a cable or Bluetooth serial
    serial:auto?hardware=…             a board at whatever USB port it is
    socket://host:port                 a board in the network
    lsl:NAME                           a Lab Streaming Layer stream
    replay:FILE?speed=1|N|max          a recording
    others                             from the factories that the caller hands in, such as simulate:

A live source takes ``id=left-calf`` to call the sensor something else than it calls itself, ``hardware=`` and 16
hexadecimal digits to believe no other board than that one, and ``dialect=text``, ``chords`` or ``auto`` for a
board with other firmware (`firmware_bridge.dialect_options`). Errors are drawn in
`firmware_bridge.source_contract`.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from firmware_bridge.auto_source import live_source
from firmware_bridge.clock import Clock
from firmware_bridge.dialect_options import KEYS as DIALECT_KEYS
from firmware_bridge.hello import HARDWARE_ID, SENSOR_ID
from firmware_bridge.lsl_source import LslSource
from firmware_bridge.port_finder import AUTO, finder_of
from firmware_bridge.ports import checked_device, checked_host, open_serial
from firmware_bridge.replay_source import ReplaySource
from firmware_bridge.socket_port import open_socket
from firmware_bridge.source_contract import (
    NotASensorError,
    PortError,
    RecordingSourceError,
    Source,
    SourceError,
    SourceUrl,
    SourceUrlError,
)

__all__ = [
    "NotASensorError",
    "PortError",
    "RecordingSourceError",
    "Source",
    "SourceError",
    "SourceUrl",
    "SourceUrlError",
    "open_source",
]


def open_source(
    url: str,
    *,
    factories: Mapping[str, Callable[[str], Source]] = MappingProxyType({}),
    clock: Clock | None = None,
) -> Source:
    """Return the source at an address; nothing is opened before its ``open()``.

    Args:
        url: The address.
        factories: Makers of sources of other schemes, by scheme.
        clock: Stamps and paces the samples; the computer's own by default.

    Raises:
        SourceUrlError: the address is wrong.
    """
    scheme = url.partition(":")[0]
    if scheme in factories:
        return factories[scheme](url)
    make = _MAKERS.get(SourceUrl.parse(url).scheme)
    if make is None:
        schemes = ", ".join(f"{name}:" for name in (*_MAKERS, *factories))
        raise SourceUrlError(f"source {url!r}: expected an address that begins with one of {schemes}")
    return make(url, clock or Clock())


def _serial(text: str, clock: Clock) -> Source:
    url = SourceUrl.parse(text, {"baud", "id", "hardware", *DIALECT_KEYS})
    checked_device(url)
    return live_source(_named(url), finder_of(text) if url.target == AUTO else open_serial, clock)


def _socket(text: str, clock: Clock) -> Source:
    url = SourceUrl.parse(text, {"id", "hardware", *DIALECT_KEYS})
    checked_host(url)
    return live_source(_named(url), open_socket, clock)


def _lsl(text: str, clock: Clock) -> Source:
    url = SourceUrl.parse(text, {"id", *DIALECT_KEYS} - {"dialect"})
    if not url.target:
        raise SourceUrlError(f"source {text!r}: expected the name of an LSL stream, such as lsl:Calf")
    return LslSource(_named(url), clock)


def _replay(text: str, clock: Clock) -> Source:
    url = SourceUrl.parse(text, {"speed"})
    if not url.target:
        raise SourceUrlError(f"source {text!r}: expected a recording, such as replay:night.edf")
    return ReplaySource(url, clock)


def _named(url: SourceUrl) -> SourceUrl:
    """Refuse a name or a hardware id that no sensor can have."""
    name = url.options.get("id")
    if name is not None and not SENSOR_ID.fullmatch(name):
        raise SourceUrlError(
            f"source {url.text!r}: expected an id of 1 to 32 of a-z, 0-9 and -, got {name!r}"
        )
    hardware = url.options.get("hardware")
    if hardware is not None and not HARDWARE_ID.fullmatch(hardware):
        raise SourceUrlError(
            f"source {url.text!r}: expected hardware to be 16 of 0-9 and a-f, got {hardware!r}"
        )
    if hardware is not None and url.options.get("dialect", "crampwatch") != "crampwatch":
        raise SourceUrlError(
            f"source {url.text!r}: expected no dialect beside hardware=; only crampwatch's firmware tells its id"
        )
    return url


_MAKERS: Mapping[str, Callable[[str, Clock], Source]] = MappingProxyType(
    {"serial": _serial, "socket": _socket, "lsl": _lsl, "replay": _replay}
)
