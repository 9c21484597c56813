"""The board's end of a pseudo-terminal, which a host opens like any serial port (POSIX only)."""

import os
import select
import sys
from pathlib import Path

# More than a pty takes at once.
_READ_BYTES = 65536


class PtyLine:
    """A cable that can be pulled out and put back.

    Args:
        link: A symbolic link that always points at the port; without it the port's name changes with each
            `plug`.
    """

    def __init__(self, link: Path | None = None) -> None:
        self._link = link
        self._master = -1
        self._port = ""

    @property
    def port(self) -> str:
        """Name of the port that a host opens."""
        return str(self._link) if self._link else self._port

    @property
    def plugged(self) -> bool:
        """Whether there is a port."""
        return self._master >= 0

    @property
    def listened_to(self) -> bool:
        """Whether a host has the port open."""
        if not self.plugged:
            return False
        poll = select.poll()
        poll.register(self._master, 0)
        return not any(event & select.POLLHUP for _, event in poll.poll(0))

    def plug(self) -> None:
        """Make the port.

        Raises:
            OSError: this system has no pseudo-terminals, or no more of them.
        """
        if sys.platform == "win32":
            raise OSError(
                "a simulated board needs pseudo-terminals, which Windows has not: use WSL or a real board"
            )
        import tty

        self._master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(self._master, False)
        self._port = os.ttyname(slave)
        # Held by the host alone, so that its closing can be seen.
        os.close(slave)
        if self._link:
            # A new name first, then over the old one: there is a port under the link at every instant.
            fresh = self._link.with_name(f"{self._link.name}.new")
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(self._port)
            fresh.replace(self._link)

    def unplug(self) -> None:
        """Take the port away from under whoever has it open; may be called twice."""
        if self.plugged:
            os.close(self._master)
            self._master = -1
        if self._link:
            self._link.unlink(missing_ok=True)

    def read(self) -> bytes:
        """Return what the host has sent, without waiting."""
        try:
            return os.read(self._master, _READ_BYTES) if self.plugged else b""
        except BlockingIOError:
            return b""
        except OSError:
            # What a master says while nobody has the port open; `listened_to` tells.
            return b""

    def write(self, data: bytes | bytearray) -> int:
        """Return how many of the bytes went in; fewer than all when the host reads too slowly."""
        try:
            return os.write(self._master, data)
        except BlockingIOError:
            return 0

    def wait(self, timeout_s: float, *, to_write: bool) -> None:
        """Wait until the host has sent something, or there is room to write, or the time is over."""
        poll = select.poll()
        poll.register(self._master, select.POLLIN | (select.POLLOUT if to_write else 0))
        poll.poll(timeout_s * 1000)
