"""How fast bytes become frames and blocks, beside plain reading of the same bytes from a pty through
pyserial.

Run it: ``.venv/bin/python tests/benchmarks/bench_decoder.py``. It prints figures and judges nothing.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import serial

from firmware_bridge.assembler import Assembler
from firmware_bridge.decoder import Decoder
from firmware_bridge.encoder import Encoder
from firmware_bridge.frames import HelloRequest, encode
from firmware_bridge.simulated_board import SimulatedBoard
from firmware_bridge.sources import open_source
from tests.firmware_bridge.wire_streams import block, sensor

# Twenty minutes of one channel at 1 kHz and acceleration at 100 Hz.
SAMPLES = 1_200_000
# What a reader thread takes at once.
CHUNK = 4096
INFO = sensor()
MEGA = 1e6


def timed(what: str, size: int, frames: int, work: Callable[[], object]) -> float:
    """Print what ``work`` costs in CPU time of this process, and return it."""
    before = time.process_time()
    work()
    spent_s = time.process_time() - before
    print(f"{what:<42} {size / spent_s / MEGA:8.1f} MB/s {spent_s / frames * MEGA:8.2f} us a frame")
    return spent_s


def decode(chunks: Sequence[bytes]) -> None:
    """Bytes into frames."""
    decoder = Decoder()
    for chunk in chunks:
        decoder.feed(chunk)


def assemble(chunks: Sequence[bytes]) -> None:
    """Bytes into blocks."""
    decoder, assembler = Decoder(), Assembler()
    for i, chunk in enumerate(chunks):
        assembler.feed(decoder.feed(chunk), i)


def read_plainly() -> None:
    """Read a board's bytes and throw them away."""
    board = SimulatedBoard([block(INFO, 0, SAMPLES)], INFO, math.inf)
    with board, serial.Serial(board.port, timeout=0.02) as port:
        port.write(encode(HelloRequest()))
        while not board.finished or port.in_waiting:
            port.read(CHUNK)


def read_as_a_source() -> None:
    """Read a board the way the monitor does."""
    board = SimulatedBoard([block(INFO, 0, SAMPLES)], INFO, math.inf)
    with board, open_source(f"serial:{board.port}") as source:
        source.open()
        while not source.finished:
            source.read(0.1)


def main() -> None:
    """Print the figures."""
    encoder = Encoder(INFO)
    frames = [encoder.hello(), *encoder.feed(block(INFO, 0, SAMPLES))]
    data = b"".join(frames)
    chunks = [data[at : at + CHUNK] for at in range(0, len(data), CHUNK)]
    size, count = len(data), len(frames)
    timed("decoder, all at once", size, count, lambda: decode([data]))
    timed("decoder, in chunks of 4096", size, count, lambda: decode(chunks))
    timed("decoder and assembler, in chunks of 4096", size, count, lambda: assemble(chunks))
    plain_s = timed("board, pty, plain pyserial read", size, count, read_plainly)
    source_s = timed("board, pty, source", size, count, read_as_a_source)
    print(f"source / plain read: {source_s / plain_s:.2f}")


if __name__ == "__main__":
    main()
