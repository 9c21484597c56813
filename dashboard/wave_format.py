"""The bytes of a window of signals: one chunk for each curve and recording, little endian.

A chunk is a 48-byte header, its values, its flags, and zeros up to a multiple of 8:

    magic   4s   ``CW02``
    kind    u16  0 samples, int16 · 1 minimum and maximum, int16 each · 2 float32
    curve   u16  which of the curves asked for, counted from 0
    start   f64  seconds since 1970 at which the first bin begins
    step    f64  seconds a bin
    bins    u32
    flags   u32  bytes of flags: 0, or one a bin; 1 where the bin touches a missing sample
    scale   f64  value = count × scale + offset
    offset  f64

-32768 stands for a missing sample, in a float it is NaN.
"""

import struct

import numpy as np

from dashboard.waveforms import Trace

HEADER = struct.Struct("<4sHHddIIdd")
MAGIC = b"CW02"
SAMPLES, EXTREMES, FLOATS = range(3)
_ALIGNED = 8


def encode(trace: Trace, curve: int, origin: float) -> bytes:
    """Return a curve as a chunk.

    Args:
        trace: The curve.
        curve: Its place among those asked for.
        origin: When its recording begins, in seconds since 1970.
    """
    if trace.scale is None:
        kind, values, scale, offset = FLOATS, trace.values.astype("<f4"), 1.0, 0.0
    else:
        kind = EXTREMES if trace.values.ndim > 1 else SAMPLES
        values, scale, offset = trace.values.astype("<i2"), trace.scale.gain, trace.scale.bias
    flags = trace.flags.astype(np.uint8).tobytes() if trace.flags.any() else b""
    start = origin + trace.start_s
    header = HEADER.pack(
        MAGIC, kind, curve, start, trace.step_s, len(trace.values), len(flags), scale, offset
    )
    body = values.tobytes() + flags
    return header + body + bytes(-len(body) % _ALIGNED)
