"""The serial ports of this machine, and which of them look like a board.

Opening a port can reset what is behind it, and bytes that it did not expect can make it do something: a printer,
a modem, a power supply. So ports without a USB identity are left alone unless they are named, and only boards of
makers known here are spoken to unasked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

# Makers of boards; all of their products count.
_BOARD_MAKERS: Mapping[int, str] = MappingProxyType(
    {
        0x2341: "Arduino",
        0x2A03: "Arduino",
        0x239A: "Adafruit",
        0x1B4F: "SparkFun",
        0x2886: "Seeed",
        0x2E8A: "Raspberry Pi",
        0x303A: "Espressif",
    }
)
# Chips that boards of many makers carry: (vendor, product).
_SERIAL_CHIPS: Mapping[tuple[int, int], str] = MappingProxyType(
    {
        (0x0403, 0x6001): "FTDI",
        (0x0403, 0x6010): "FTDI",
        (0x0403, 0x6015): "FTDI",
        (0x067B, 0x2303): "Prolific",
        (0x067B, 0x23A3): "Prolific",
        (0x10C4, 0xEA60): "CP210x",
        (0x16C0, 0x0483): "Teensy",
        (0x1A86, 0x5523): "CH340",
        (0x1A86, 0x55D4): "CH9102",
        (0x1A86, 0x7523): "CH340",
    }
)


@dataclass(frozen=True, slots=True)
class UsbPort:
    """A serial port, and what the operating system says of the device behind it.

    Attributes:
        device: Its name, such as ``/dev/ttyUSB0``.
        text: What the device calls itself; empty if it does not.
        vendor: USB vendor id; None for a port that is not on USB.
        product: USB product id.
        serial_number: Of the USB interface; empty if it has none.
    """

    device: str
    text: str = ""
    vendor: int | None = None
    product: int | None = None
    serial_number: str = ""

    @property
    def on_usb(self) -> bool:
        """Whether it has a USB identity."""
        return self.vendor is not None and self.product is not None

    @property
    def looks_like_a_board(self) -> bool:
        """Whether its USB identity is that of a board, or of the chip that many boards carry."""
        return self.vendor in _BOARD_MAKERS or (self.vendor, self.product) in _SERIAL_CHIPS

    @property
    def usb(self) -> str:
        """``VID:PID``; empty for a port that is not on USB."""
        return f"{self.vendor:04x}:{self.product:04x}" if self.on_usb else ""


def usb_ports() -> list[UsbPort]:
    """Return the serial ports of this machine: first those that look like boards, then other USB ones."""
    from serial.tools.list_ports import comports

    listed = [
        UsbPort(
            port.device,
            "" if port.description in {None, "n/a"} else port.description,
            port.vid,
            port.pid,
            port.serial_number or "",
        )
        for port in comports()
    ]
    return sorted(listed, key=lambda port: (not port.looks_like_a_board, not port.on_usb, port.device))
