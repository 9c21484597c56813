"""How fast bytes become frames and blocks, beside plain reading of the same bytes from a pty through
pyserial.

Run it: ``.venv/bin/python tests/benchmarks/bench_decoder.py``. It prints figures and judges nothing.
"""

from __future__ import annotations

import math
import subprocess
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
from firmware_bridge.ports import READ_S
from firmware_bridge.simulated_board import SimulatedBoard
from firmware_bridge.sources import open_source
from tests.firmware_bridge.wire_streams import block, sensor

# Twenty minutes of one channel at 1 kHz and acceleration at 100 Hz.
SAMPLES = 1_200_000
# What a reader thread takes at once.
CHUNK = 4096
INFO = sensor()
# Long enough for a share of a core, of which reading takes a hundredth.
REAL_TIME_S = 15.0
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


def share_of_a_core(kind: str, for_s: float) -> float:
    """Return what reading one board in real time costs a process of its own, as a share of one core."""
    with SimulatedBoard([block(INFO, 0, SAMPLES)], INFO, 1.0) as board:
        command = [sys.executable, __file__, kind, board.port, str(for_s)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout)


def keep_reading(kind: str, address: str, for_s: float) -> None:
    """Read one board for a while and print the share of a core that it took, the start left out."""
    if kind == "plain":
        with serial.Serial(address, timeout=READ_S) as port:
            port.write(encode(HelloRequest()))
            print(share_taken(lambda: port.read(CHUNK), for_s))
    else:
        with open_source(f"serial:{address}") as source:
            source.open()
            print(share_taken(lambda: source.read(0.1), for_s))


def share_taken(read: Callable[[], object], for_s: float) -> float:
    """Return CPU time by time."""
    began_s, spent_s = time.monotonic(), time.process_time()
    while time.monotonic() - began_s < for_s:
        read()
    return (time.process_time() - spent_s) / (time.monotonic() - began_s)


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
    plain, ours = (share_of_a_core(kind, REAL_TIME_S) for kind in ("plain", "source"))
    print(f"1 kHz x 1 and acceleration in real time: plain read {plain:.2%}, source {ours:.2%} of one core")


if __name__ == "__main__":
    if sys.argv[1:]:
        keep_reading(sys.argv[1], sys.argv[2], float(sys.argv[3]))
    else:
        main()
