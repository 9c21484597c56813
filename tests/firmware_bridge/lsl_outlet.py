"""A program that sends an LSL stream over loopback, until its standard input ends: a ramp, and three axes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

RATE_HZ = 500
MODULO = 1000
ROOT = Path(__file__).resolve().parents[2]
# Streams are looked for on this machine alone.
CONFIGURATION = "[multicast]\nResolveScope = machine\n[ports]\nIPv6 = disable\n[log]\nlevel = -3\n"


def quiet_lsl(folder: Path) -> None:
    """Keep LSL to this machine; to be called before its library is loaded."""
    path = folder / "lsl.cfg"
    path.write_text(CONFIGURATION, encoding="ascii")
    os.environ["LSLAPICFG"] = str(path)


@contextmanager
def outlet(name: str, mute_at_s: float = 1e9, mute_for_s: float = 0.0) -> Iterator[subprocess.Popen[bytes]]:
    """Send a stream from a process of its own; it leaves samples out where it is mute."""
    command = [
        sys.executable,
        "-m",
        "tests.firmware_bridge.lsl_outlet",
        name,
        str(mute_at_s),
        str(mute_for_s),
    ]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == b"ready\n"
            yield process
        finally:
            process.stdin.close()
            process.wait(10)


def main(name: str, mute_at_s: float, mute_for_s: float) -> None:
    """Send samples in real time; sample n is n modulo 1000."""
    import select

    import pylsl

    info = pylsl.StreamInfo(name, "EMG", 4, RATE_HZ, pylsl.cf_float32, f"{name}-source")
    info.set_channel_labels(["EMG 1", "x", "y", "z"])
    info.set_channel_units(["microvolts", "g", "g", "g"])
    sender = pylsl.StreamOutlet(info, chunk_size=10)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    began_s, sent = pylsl.local_clock(), 0
    while not select.select([sys.stdin], [], [], 0.01)[0]:
        due = int((pylsl.local_clock() - began_s) * RATE_HZ)
        for n in range(sent, due):
            if not mute_at_s <= n / RATE_HZ < mute_at_s + mute_for_s:
                sender.push_sample([n % MODULO, 0.0, 0.0, 1.0], began_s + n / RATE_HZ)
        sent = max(sent, due)
        time.sleep(0.0)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]))
