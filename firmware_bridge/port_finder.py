"""Opens the port at which a certain board speaks, whatever the operating system calls it today.

``serial:auto`` takes the board with the ``hardware=`` of the address, or else the one that calls itself what ``id=``
says, or else the first that is found. Who is asked and who is left alone says `firmware_bridge.usb_ports`; one
that was found to be somebody else is not opened again before it has been unplugged.
"""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from firmware_bridge.port_reader import READ_BYTES, Port
from firmware_bridge.ports import is_busy, open_serial, reason_of
from firmware_bridge.source_contract import SourceUrl, SourceUrlError
from firmware_bridge.speakers import ASK_HELLO, NO_QUESTIONS, Speaker, listened
from firmware_bridge.usb_ports import UsbPort, usb_ports

_log = logging.getLogger(__name__)

# The device that stands for whichever it is.
AUTO = "auto"
# A port from which nothing came is tried again after so many seconds of life: its board may have been starting.
_SILENT_AGAIN_S = 30.0


@dataclass(frozen=True, slots=True)
class _Plugged:
    """One plugging-in of a device: another device, or the same one plugged in anew, is another one."""

    port: UsbPort
    node: tuple[int, int, int]

    @classmethod
    def of(cls, port: UsbPort) -> "_Plugged":
        try:
            stat = Path(port.device).stat()
        except OSError:
            return cls(port, (0, 0, 0))
        # A character device's own change time moves with each byte; that of its making is not told everywhere.
        return cls(port, (stat.st_dev, stat.st_ino, stat.st_rdev))


class PortFinder:
    """Opens one board's port wherever it is; what a source calls to connect.

    Args:
        url: ``serial:auto`` with what is known of the board.
        list_ports: Gives the ports of this machine.
    """

    def __init__(self, url: SourceUrl, list_ports: Callable[[], list[UsbPort]] = usb_ports) -> None:
        if "dialect" in url.options:
            raise SourceUrlError(
                f"source {url.text!r}: expected a device, such as serial:/dev/ttyUSB0, beside dialect=; "
                "only boards with crampwatch's firmware are found by themselves"
            )
        self._list_ports = list_ports
        self._home: UsbPort | None = None
        # Why a port is none of ours, and until when that is believed.
        self._refused: dict[_Plugged, tuple[str, float]] = {}

    def __call__(self, url: SourceUrl) -> Port:
        """Open the port.

        Raises:
            OSError: it is not found; the message says what is there instead.
        """
        plugged = [_Plugged.of(port) for port in self._list_ports() if port.on_usb]
        self._refused = {known: why for known, why in self._refused.items() if known in plugged}
        # Where it was last, or another port of the very device, comes first.
        plugged.sort(key=lambda found: not self._is_home(found.port))
        reasons: list[str] = []
        for found in plugged:
            port, reason = self._tried(found, url)
            if port is not None:
                self._home = found.port
                return port
            reasons.append(f"{found.port.device} {reason}")
        raise ConnectionError(_absence(url, reasons))

    def _is_home(self, port: UsbPort) -> bool:
        home = self._home
        if home is None:
            return False
        same = (port.vendor, port.product, port.serial_number) == (
            home.vendor,
            home.product,
            home.serial_number,
        )
        return same if home.serial_number else same and port.device == home.device

    def _tried(self, found: _Plugged, url: SourceUrl) -> tuple[Port | None, str]:
        """Open a port and return it if the board is there, else why not."""
        reason, until_s = self._refused.get(found, ("", 0.0))
        if time.monotonic() < until_s:
            return None, reason
        try:
            port = open_serial(_at(url, found.port.device))
        except OSError as error:
            # Not remembered: whoever has it may let it go at any time, such as the monitor of another sensor.
            return None, "is in use" if is_busy(error) else reason_of(error)
        heard = bytearray()
        try:
            speaker = _listen(port, heard, asks=found.port.looks_like_a_board)
        except OSError as error:
            port.close()
            return None, reason_of(error)
        reason = _mismatch(speaker, url, asked=found.port.looks_like_a_board)
        if not reason:
            return _Resumed(port, bytes(heard)), ""
        port.close()
        _log.info("%s: %s %s", url.text, found.port.device, reason)
        self._refused[found] = (
            reason,
            time.monotonic() + (_SILENT_AGAIN_S if speaker.silent else float("inf")),
        )
        return None, reason


@cache
def finder_of(address: str) -> PortFinder:
    """Return the finder for an address, the same one each time: what it has learnt of strangers stays.

    Raises:
        SourceUrlError: the address says what cannot be.
    """
    return PortFinder(SourceUrl.parse(address))


class _Resumed:
    """A port whose first bytes were read already: they come first, so that nothing is lost by listening."""

    def __init__(self, port: Port, heard: bytes) -> None:
        self._port = port
        self._heard = heard

    def read(self, size: int, /) -> bytes:
        """Return what was heard, then what comes."""
        heard, self._heard = self._heard[:size], self._heard[size:]
        return heard or self._port.read(size)

    def write(self, data: bytes, /) -> int | None:
        """Write all of it, or raise OSError."""
        return self._port.write(data)

    def close(self) -> None:
        """Let the port go."""
        self._port.close()


def _listen(port: Port, heard: bytearray, *, asks: bool) -> Speaker:
    def hear() -> bytes:
        data = port.read(READ_BYTES)
        heard.extend(data)
        return data

    return listened(hear, port.write, ASK_HELLO if asks else NO_QUESTIONS)


def _at(url: SourceUrl, device: str) -> SourceUrl:
    return SourceUrl(url.text, url.scheme, device, url.options)


def _mismatch(speaker: Speaker, url: SourceUrl, *, asked: bool) -> str:
    """Return why this is not the board; empty if it is."""
    if speaker.hello is None:
        if speaker.silent:
            return "is silent" if asked else "is silent, and does not look like a board, so it was not asked"
        return "is no crampwatch sensor"
    info = speaker.hello.info()
    hardware, name = url.options.get("hardware"), url.options.get("id")
    if hardware is not None:
        return "" if info.hardware_id == hardware else f"is {info.sensor_id}, hardware {info.hardware_id}"
    return "" if name in {None, info.sensor_id} else f"is {info.sensor_id}, hardware {info.hardware_id}"


def _absence(url: SourceUrl, reasons: Iterable[str]) -> str:
    """Return what to tell a person whose board is at no port."""
    wanted = next((f" of {key} {url.options[key]}" for key in ("hardware", "id") if key in url.options), "")
    there = "; ".join(reasons) or "no USB serial port is here"
    return (
        f"the sensor{wanted} is not found ({there}): is it plugged in, and does it run crampwatch's firmware?"
    )
