"""XDF files written chunk by chunk, sound or not (XDF 1.0 specification)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

BOUNDARY = bytes.fromhex("43a546dccbf5410fb30ed5467383cbe4")


def chunk(tag: int, content: bytes) -> bytes:
    return struct.pack("<BIH", 4, len(content) + 2, tag) + content


def stream(
    number: int,
    name: str,
    rate_hz: float,
    labels: Sequence[str],
    units: Sequence[str],
    layout: str = "double64",
    kind: str = "EMG",
) -> bytes:
    channels = "".join(
        f"<channel><label>{label}</label><unit>{unit}</unit></channel>"
        for label, unit in zip(labels, units, strict=True)
    )
    xml = (
        f"<?xml version='1.0'?><info><name>{name}</name><type>{kind}</type><channel_count>{len(labels)}"
        f"</channel_count><nominal_srate>{rate_hz}</nominal_srate><channel_format>{layout}</channel_format>"
        f"<desc><channels>{channels}</channels></desc></info>"
    )
    return chunk(2, struct.pack("<I", number) + xml.encode())


def samples(
    number: int,
    table: npt.NDArray[np.float64],
    rate_hz: float,
    begin_s: float = 0.0,
    chunk: int = 100,
    stamped: str = "first",
    dtype: str = "<f8",
) -> list[bytes]:
    """Chunks of samples; time stamps on the ``first`` of each, on ``all``, on ``some``."""
    times = begin_s + np.arange(len(table)) / rate_hz
    return stamped_samples(number, table, times, chunk, stamped, dtype)


def stamped_samples(
    number: int,
    table: npt.NDArray[np.float64],
    times: npt.NDArray[np.float64],
    chunk: int = 100,
    stamped: str = "first",
    dtype: str = "<f8",
) -> list[bytes]:
    every = {"first": chunk, "all": 1, "some": 7}[stamped]
    chunks = []
    for begin in range(0, len(table), chunk):
        rows = [
            (b"\x08" + struct.pack("<d", times[begin + i]) if i % every == 0 else b"\x00")
            + row.astype(dtype).tobytes()
            for i, row in enumerate(table[begin : begin + chunk])
        ]
        chunks.append(counted(number, len(rows), b"".join(rows)))
    return chunks


def counted(number: int, count: int, content: bytes) -> bytes:
    return chunk(3, struct.pack("<IBI", number, 4, count) + content)


def texts(number: int, notes: Sequence[tuple[float, str]]) -> bytes:
    rows = [
        b"\x08" + struct.pack("<d", at_s) + b"\x01" + bytes([len(text.encode())]) + text.encode()
        for at_s, text in notes
    ]
    return counted(number, len(notes), b"".join(rows))


def clock_offset(number: int, at_s: float, offset_s: float) -> bytes:
    return chunk(4, struct.pack("<Idd", number, at_s, offset_s))


def boundary() -> bytes:
    return chunk(5, BOUNDARY)


def write(path: Path, chunks: Sequence[bytes], started: str = "2026-05-02T23:04:05+0200") -> Path:
    header = chunk(1, f"<info><version>1.0</version><datetime>{started}</datetime></info>".encode())
    path.write_bytes(b"XDF:" + header + b"".join(chunks))
    return path
