"""`crampwatch ports`: what is plugged in, and who speaks there.

Every USB serial port is listened to; only those are asked that look like a board. Other ports are left alone unless
they are named.
"""

import errno
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from crampwatch.errors import BAD_INPUT, DONE
from firmware_bridge.clock import Clock
from firmware_bridge.dialect_options import DialectOptions
from firmware_bridge.port_reader import Port
from firmware_bridge.ports import checked_device, checked_host, open_serial, port_error
from firmware_bridge.socket_port import open_socket
from firmware_bridge.source_contract import SourceUrl, SourceUrlError
from firmware_bridge.speakers import ASK_ALL, NO_QUESTIONS, Speaker, identify
from firmware_bridge.strangers import describe
from firmware_bridge.usb_ports import UsbPort, usb_ports

# More at once than this are no sensors.
_MOST_PORTS = 32
_STATES: Mapping[int, str] = MappingProxyType(
    {
        errno.EACCES: "forbidden",
        errno.EPERM: "forbidden",
        errno.EBUSY: "busy",
        errno.EAGAIN: "busy",
        errno.ENOENT: "absent",
        errno.ECONNREFUSED: "absent",
        errno.ENODEV: "absent",
    }
)


@dataclass(frozen=True, slots=True)
class FoundPort:
    """A port, what the operating system says of the device behind it, and what may be done to it."""

    url: str
    device: str = ""
    usb: str = ""
    serial_number: str = ""
    may_open: bool = True
    may_ask: bool = True


@dataclass(frozen=True, slots=True)
class PortReport:
    """Who speaks at a port.

    Attributes:
        url: The port.
        state: ``crampwatch``, ``text``, ``chords``, ``unknown``, ``silent``, ``busy``, ``forbidden``, ``absent``,
            ``untried`` where nobody may say what opening it does, or ``closed`` where it cannot be opened for
            another reason.
        says: One sentence for a person.
        source: What to give to `crampwatch run --source`; None where nobody speaks whom we understand.
        device: The operating system's name of the device; empty if it has none.
        usb: ``VID:PID`` of its USB interface.
        serial_number: Of its USB interface.
        sensor_id: What a crampwatch board calls itself.
        firmware: Its version.
        hardware_id: Its unique identity.
        sites: Where it says that its electrodes are.
    """

    url: str
    state: str
    says: str
    source: str | None = None
    device: str = ""
    usb: str = ""
    serial_number: str = ""
    sensor_id: str = ""
    firmware: str = ""
    hardware_id: str = ""
    sites: str = ""


def report_ports(urls: Sequence[str], *, as_json: bool, out: TextIO = sys.stdout) -> int:
    """Print who speaks on every serial port, and at the addresses given; return the exit code.

    Raises:
        SourceUrlError: an address is none of a live sensor.
    """
    ports = [*found_ports(), *map(named_port, urls)][:_MOST_PORTS]
    # All at once: a silent port takes five seconds.
    with ThreadPoolExecutor(max_workers=max(1, len(ports))) as pool:
        reports = list(pool.map(listened, ports))
    if as_json:
        json.dump([asdict(report) for report in reports], out, indent=1, ensure_ascii=False)
        out.write("\n")
    else:
        _print(reports, out)
    return DONE if reports else BAD_INPUT


def found_ports() -> list[FoundPort]:
    """Return the serial ports of this machine, boards first."""
    return [_found(port) for port in usb_ports()]


def named_port(address: str) -> FoundPort:
    """Return the port at an address that a person named, which may be opened and asked.

    Raises:
        SourceUrlError: the address is none of a live sensor.
    """
    url = _checked(address)
    device = Path(url.target).resolve() if url.scheme == "serial" else None
    port = next((port for port in usb_ports() if device == Path(port.device).resolve()), UsbPort(""))
    return FoundPort(url.text, port.text, port.usb, port.serial_number)


def _found(port: UsbPort) -> FoundPort:
    return FoundPort(
        f"serial:{port.device}",
        port.text,
        port.usb,
        port.serial_number,
        may_open=port.on_usb,
        may_ask=port.looks_like_a_board,
    )


def listened(port: FoundPort) -> PortReport:
    """Listen at a port and return who speaks there; what cannot be opened is a report, too."""
    url = SourceUrl.parse(port.url)
    connect = _CONNECT[url.scheme]
    known = {"device": port.device, "usb": port.usb, "serial_number": port.serial_number}
    if not port.may_open:
        says = f"not on USB, so it was left alone; if a sensor is there: `crampwatch ports {port.url}`"
        return PortReport(port.url, "untried", says, **known)
    try:
        speaker = identify(lambda: connect(url), Clock(), ASK_ALL if port.may_ask else NO_QUESTIONS)
    except OSError as error:
        return PortReport(port.url, _state(error), str(port_error(url, error)), **known)
    if speaker.silent and not port.may_ask:
        says = (
            "nothing comes from it; it does not look like a board, so it was not asked; "
            f"if it is one: `crampwatch ports {port.url}`"
        )
        return PortReport(port.url, "silent", says, **known)
    return _report(url, speaker, known)


def _report(url: SourceUrl, speaker: Speaker, known: Mapping[str, str]) -> PortReport:
    if speaker.hello is not None:
        info = speaker.hello.info()
        says = f"crampwatch sensor {info.sensor_id}, firmware {info.firmware or 'without a version'}"
        return PortReport(
            url.text,
            "crampwatch",
            says,
            url.text,
            **known,
            sensor_id=info.sensor_id,
            firmware=info.firmware,
            hardware_id=info.hardware_id,
            sites=", ".join(info.sites),
        )
    if speaker.dialect is not None and speaker.dialect in _SAYS:
        source = url.text + ("&" if url.options else "?") + f"dialect={speaker.dialect}"
        source = url.text if "dialect" in url.options else source
        return PortReport(url.text, speaker.dialect, _SAYS[speaker.dialect], source, **known)
    state = "silent" if speaker.silent else "unknown"
    return PortReport(url.text, state, describe(speaker.seen, (), url.text), **known)


_SAYS: Mapping[str, str] = MappingProxyType(
    {
        "text": "lines of numbers: add rate=, uv_per_count= and bits= to the address, as the board's sketch has them",
        "chords": "Chords packets: add uv_per_count= and bits= to the address, as the board has them",
    }
)
_CONNECT: Mapping[str, Callable[[SourceUrl], Port]] = MappingProxyType(
    {"serial": open_serial, "socket": open_socket}
)


def _checked(text: str) -> SourceUrl:
    url = SourceUrl.parse(text)
    if url.scheme not in _CONNECT:
        raise SourceUrlError(
            f"source {text!r}: expected serial:DEVICE or socket://HOST:PORT, where somebody can be listened to"
        )
    (checked_device if url.scheme == "serial" else checked_host)(url)
    DialectOptions.of(url)
    return url


def _state(error: OSError) -> str:
    return next((_STATES[number] for number in _numbers(error) if number in _STATES), "closed")


def _numbers(error: BaseException | None) -> Iterator[int]:
    """Yield the error numbers of an error and of what it was raised from; pyserial wraps the one that has it."""
    while error is not None:
        yield from (one for one in error.args[:1] if isinstance(one, int))
        error = error.__cause__ or error.__context__


def _print(reports: Sequence[PortReport], out: TextIO) -> None:
    console = Console(file=out)
    if not reports:
        console.print("No serial port is here: plug the sensor in, or give its address (socket://HOST:PORT).")
        return
    table = Table(box=None, pad_edge=False)
    for name in ("port", "USB", "who", "what"):
        table.add_column(name, overflow="fold")
    for report in reports:
        told = f"{report.says}\n→ --source '{report.source}'" if report.source else report.says
        # As text: what a stranger said is no markup.
        table.add_row(*map(Text, (report.url, report.usb or "–", report.state, told)))
    console.print(table)
