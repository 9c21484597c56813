"""A reader in a process of its own, to be stopped and let go on: prints what it read, an item a line."""

from __future__ import annotations

import json
import signal
import sys
import threading

import numpy as np

from firmware_bridge.samples import Gap, LinkState, SampleBlock
from firmware_bridge.sources import open_source
from tests.firmware_bridge.wire_streams import block


def main(port: str) -> None:
    """Read until told to stop by SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with open_source(f"serial:{port}") as source:
        info = source.open()
        say("ready")
        while not stop.is_set():
            for item in source.read(0.05):
                match item:
                    case SampleBlock():
                        truth = block(info, item.first_index, item.samples)
                        right = np.array_equal(truth.emg_counts, item.emg_counts)
                        say("block", item.first_index, item.samples, int(right))
                    case Gap():
                        say("gap", item.first_index, item.missing)
                    case LinkState():
                        say("link", int(item.up))


def say(*words: object) -> None:
    """Print one line at once."""
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
