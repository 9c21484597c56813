"""A board with somebody else's firmware, as a process of its own on a pseudo-terminal.

``python -m tests.firmware_bridge.foreign_board DIALECT RATE LINK [MUTE_AT MUTE_FOR]``: it counts its rows up,
modulo 1000, as it would sample them; what nobody hears, or falls into its mute seconds, is lost. It ends when
its standard input closes.
"""

from __future__ import annotations

import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from firmware_bridge.pty_line import PtyLine

TICK_S = 0.004
MODULO = 1000


def text_row(number: int) -> bytes:
    return f"{number % MODULO},0.01,-0.02,0.98\r\n".encode()


def labelled_row(number: int) -> bytes:
    return f"emg:{number % MODULO}\n".encode()


def chords_row(number: int) -> bytes:
    value = number % MODULO
    return b"\xc7\x7c" + bytes([number % 256]) + value.to_bytes(2, "big") + b"\x02\x00\x02\x01\x01"


ROWS: dict[str, Callable[[int], bytes]] = {
    "text": text_row,
    "labelled": labelled_row,
    "chords": chords_row,
}


def main(dialect: str, rate_hz: float, link: Path, mute_at_s: float, mute_for_s: float) -> None:
    line = PtyLine(link)
    line.plug()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    started = dialect != "chords"
    sent, began_s = 0, time.monotonic()
    while not select.select([sys.stdin], [], [], TICK_S)[0]:
        started = started or b"START\n" in line.read()
        if not started or not line.listened_to:
            began_s = time.monotonic() - sent / rate_hz
            continue
        due = int((time.monotonic() - began_s) * rate_hz)
        mute = mute_at_s <= sent / rate_hz < mute_at_s + mute_for_s
        data = b"" if mute else b"".join(ROWS[dialect](number) for number in range(sent, due))
        sent = due
        while data:
            data = data[line.write(data) :]
    line.unplug()


@contextmanager
def foreign_board(
    dialect: str, rate_hz: int, link: Path, mute_at_s: float = 0.0, mute_for_s: float = 0.0
) -> Iterator[str]:
    """Run one and give the name of its port."""
    command = [sys.executable, "-m", "tests.firmware_bridge.foreign_board", dialect, str(rate_hz), str(link)]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        [*command, str(mute_at_s), str(mute_for_s)],
        cwd=root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            assert process.stdout.readline() == b"ready\n"
            yield str(link)
        finally:
            process.stdin.close()
            process.wait(10)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), Path(sys.argv[3]), *map(float, sys.argv[4:6]))
