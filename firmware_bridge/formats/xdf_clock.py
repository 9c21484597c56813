"""From the clocks of the senders to one time axis for all streams of an XDF file.

`pyxdf` brings the time stamps to the recorder's clock by the offsets that were measured (a robust line through
them, a new one after a clock was reset). It would load every sample for that; it is given a file of the anchors'
times alone. Within a stretch without a jump samples lie evenly, at the stream's nominal rate; where its measured
rate would have drifted from that by more than `DRIFT_S` over the recording, at the measured one.
"""

import io
import struct
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from firmware_bridge.formats.columns import BrokenFileError, ColumnRun
from firmware_bridge.formats.xdf_chunks import CLOCK_OFFSET, MAGIC, SAMPLES, STREAM_HEADER, Stamps
from firmware_bridge.formats.xdf_index import StreamIndex

# Half of what the detector bridges, and above what the jitter of single time stamps makes of a rate.
DRIFT_S = 0.05
# Decimals of a measured rate: 0.03 s over a night at 1000 Hz.
_RATE_DECIMALS = 4
# A measured rate that is further off says that samples were lost all along, not that a clock was slow.
_LARGEST_DRIFT = 0.1
_LONGEST_S = 31 * 24 * 3600.0


def synchronised(indices: Mapping[int, StreamIndex]) -> dict[int, Stamps]:
    """Return the times of each stream's anchors on the recorder's clock."""
    stamps = {number: np.array(index.stamps) for number, index in indices.items()}
    measured = [number for number, index in indices.items() if index.offsets and len(index.stamps)]
    if not measured:
        return stamps
    import pyxdf

    skeleton = io.BytesIO(MAGIC + b"".join(_skeleton(number, indices[number]) for number in measured))
    streams, _ = pyxdf.load_xdf(skeleton, dejitter_timestamps=False)
    return stamps | {stream["info"]["stream_id"]: np.asarray(stream["time_stamps"]) for stream in streams}


def rate_of(index: StreamIndex, times_s: Stamps) -> tuple[float, str | None]:
    """Return the rate of a regular stream, and a warning where it is not the one that its header gives."""
    nominal_hz = index.stream.rate_hz
    anchors = np.array(index.anchors, np.float64)
    moments = np.zeros(2)
    for first, stop in _stretches(index):
        samples, times = anchors[first:stop], times_s[first:stop]
        spread = times - times.mean()
        moments += (spread @ (samples - samples.mean()), spread @ spread)
    if moments[1] <= 0:
        return nominal_hz, None
    measured_hz = float(moments[0] / moments[1])
    drift = measured_hz / nominal_hz - 1
    if abs(drift) * index.samples / nominal_hz <= DRIFT_S:
        return nominal_hz, None
    name = index.stream.name
    if not abs(drift) <= _LARGEST_DRIFT:
        return nominal_hz, (
            f"stream {name!r}: expected {nominal_hz:g} Hz, got {measured_hz:.4g} Hz by its time stamps: "
            "too far off for a clock; its samples are placed at the rate of the header"
        )
    return round(measured_hz, _RATE_DECIMALS), (
        f"stream {name!r}: placed at {measured_hz:.4f} Hz, as its time stamps say, instead of {nominal_hz:g} Hz"
    )


def runs_of(index: StreamIndex, times_s: Stamps, rate_hz: float) -> tuple[list[ColumnRun], str | None]:
    """Return the runs of a regular stream, cut where its time jumps, and a warning where it jumps back.

    Raises:
        BrokenFileError: its times are spread wider than anyone records.
    """
    anchors = np.array(index.anchors)
    runs: list[ColumnRun] = []
    back_s = 0.0
    for first, stop in _stretches(index):
        begin = int(anchors[first])
        samples = (int(anchors[stop]) if stop < len(anchors) else index.samples) - begin
        start_s = float(np.median(times_s[first:stop] - (anchors[first:stop] - begin) / rate_hz))
        end_s = runs[-1].start_s + runs[-1].samples / rate_hz if runs else -np.inf
        back_s = max(back_s, end_s - start_s)
        runs.append(ColumnRun(begin, samples, max(start_s, end_s)))
    if runs[-1].start_s - runs[0].start_s > _LONGEST_S:
        raise BrokenFileError(
            f"XDF stream {index.stream.name!r}: expected at most 31 days, got more between jumps"
        )
    if back_s <= DRIFT_S:
        return runs, None
    return (
        runs,
        f"stream {index.stream.name!r}: its time goes back by up to {back_s:.3f} s; it is counted on there",
    )


def _stretches(index: StreamIndex) -> list[tuple[int, int]]:
    """Return the anchors of each stretch without a jump, as places among all."""
    cuts = np.searchsorted(np.array(index.anchors), np.array(index.breaks)).tolist()
    return list(pairwise(dict.fromkeys([0, *cuts, len(index.anchors)])))


def _skeleton(number: int, index: StreamIndex) -> bytes:
    """Return chunks that say a stream's anchor times and clock offsets, and nothing else."""
    header = (
        b"<info><name>anchors</name><type>times</type><channel_count>1</channel_count><nominal_srate>0"
        b"</nominal_srate><channel_format>int8</channel_format></info>"
    )
    samples = b"".join(b"\x08" + struct.pack("<d", stamp) + b"\x00" for stamp in index.stamps)
    counted = struct.pack("<BI", 4, len(index.stamps)) + samples
    contents: Sequence[tuple[int, bytes]] = (
        (STREAM_HEADER, header),
        (SAMPLES, counted),
        *((CLOCK_OFFSET, struct.pack("<dd", *offset)) for offset in index.offsets),
    )
    return b"".join(
        struct.pack("<BIHI", 4, len(content) + 6, tag, number) + content for tag, content in contents
    )
