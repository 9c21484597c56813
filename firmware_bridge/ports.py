"""Opening a serial port or a TCP connection to a board, and saying in plain words why that fails."""

import errno
import socket
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from firmware_bridge.port_reader import Port
from firmware_bridge.source_contract import PortError, SourceUrl, SourceUrlError

if TYPE_CHECKING:
    from serial import SerialBase

# The speed of Arduino's USB serial, and of WIRE.md.
DEFAULT_BAUD = 115200
LOWEST_BAUD, HIGHEST_BAUD = 1200, 4_000_000
# How long a read waits for more: soon enough for a live page, and twenty wakings a second are 1.3 % of a
# core, where fifty are 2.5 %.
READ_S = 0.05
# A board that takes no bytes for so long does not listen.
WRITE_S = 0.5

_UNREACHABLE = "the host does not answer: is the sensor switched on and in reach?"
_GONE = "the device behind it is gone: unplug it and plug it in again"
_FORBIDDEN = "no permission: `sudo usermod -aG dialout $USER`, then log out and in again"
_BUSY = "another program has it open: close that one (is crampwatch running already?)"
_REASONS: Mapping[int, str] = {
    errno.ENOENT: "there is no such port: is the sensor plugged in? `ls /dev/serial/by-id` shows what is",
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.EBUSY: _BUSY,
    errno.EAGAIN: _BUSY,
    errno.ENOTTY: "this is not a serial port",
    errno.EINVAL: "this is not a serial port, or it cannot run at this speed",
    errno.EISDIR: "this is a folder, not a serial port",
    errno.EIO: _GONE,
    errno.ENXIO: _GONE,
    errno.ENODEV: _GONE,
    errno.ECONNREFUSED: "nothing listens there: is the sensor switched on, and the port number right?",
    errno.ETIMEDOUT: _UNREACHABLE,
    errno.EHOSTUNREACH: _UNREACHABLE,
    errno.ENETUNREACH: "there is no way to that network: is this computer connected?",
}
_NO_SUCH_HOST = "there is no host of that name"


def open_serial(url: SourceUrl) -> Port:
    """Open ``serial:DEVICE?baud=N`` for us alone.

    Raises:
        OSError: it cannot be opened.
    """
    baud = int(url.number("baud", DEFAULT_BAUD, low=LOWEST_BAUD, high=HIGHEST_BAUD))
    port = _open(url.target, baud)
    _keep_modem_lines(port)
    return port


def checked_device(url: SourceUrl) -> None:
    """Refuse a serial address without a device, or with an impossible speed.

    Raises:
        SourceUrlError: it is one.
    """
    url.number("baud", DEFAULT_BAUD, low=LOWEST_BAUD, high=HIGHEST_BAUD)
    if not url.target:
        raise SourceUrlError(f"source {url.text!r}: expected a device, such as serial:/dev/ttyUSB0")


def checked_host(url: SourceUrl) -> None:
    """Refuse a network address that is none.

    Raises:
        SourceUrlError: it is none.
    """
    host, colon, port = url.target.removeprefix("//").rpartition(":")
    if not (url.target.startswith("//") and host and colon and port.isdecimal() and 0 < int(port) < 1 << 16):
        raise SourceUrlError(
            f"source {url.text!r}: expected socket://HOST:PORT, such as socket://192.168.1.20:3333"
        )


def port_error(url: SourceUrl, error: OSError) -> PortError:
    """Return what to tell a person about a port that could not be opened."""
    what = "serial port" if url.scheme == "serial" else "sensor at"
    return PortError(f"{what} {url.target.removeprefix('//')}: {reason_of(error)}")


def reason_of(error: OSError) -> str:
    """Return in plain words why a port could not be opened, and what to do."""
    return next((reason for cause in _causes(error) if (reason := _reason(cause))), str(error))


def is_busy(error: OSError) -> bool:
    """Return whether a port could not be opened because somebody else has it open."""
    return any(_reason(cause) == _BUSY for cause in _causes(error))


def _open(address: str, baud: int) -> "SerialBase":
    # Imported here, since `--help` and replays do without.
    import serial

    # With `exclusive` no second reader can take half of the bytes.
    return serial.serial_for_url(
        address, baudrate=baud, timeout=READ_S, write_timeout=WRITE_S, exclusive=True
    )


def _keep_modem_lines(port: "SerialBase") -> None:
    """Leave DTR raised when the port is closed: lowering and raising it resets an Arduino at each opening."""
    if sys.platform == "win32":
        return
    import termios

    descriptor = port.fileno()
    try:
        attributes = termios.tcgetattr(descriptor)
        attributes[2] &= ~termios.HUPCL
        termios.tcsetattr(descriptor, termios.TCSANOW, attributes)
    except termios.error as error:
        port.close()
        raise OSError(*error.args) from error


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what it was raised from; pyserial wraps the one that has the number."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _reason(error: BaseException) -> str | None:
    if isinstance(error, socket.gaierror):
        return _NO_SUCH_HOST
    if isinstance(error, TimeoutError):
        return _UNREACHABLE
    number = error.args[0] if error.args else None
    return _REASONS.get(number) if isinstance(number, int) else None
