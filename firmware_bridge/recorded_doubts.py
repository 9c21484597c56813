"""Whether the units of a foreign recording can be true, by a look at some seconds spread over it."""

from collections.abc import Iterator, Sequence

import numpy as np

from firmware_bridge.channel_range import LaneRange, doubt_of_acc, doubt_of_emg
from firmware_bridge.recorded_channels import RecordedChannels
from firmware_bridge.recording_timeline import Piece, Run
from firmware_bridge.samples import SensorInfo

# Seconds looked at: enough for a quiet fifth of them, and a few milliseconds of work.
_SECONDS = 64


def doubts(channels: RecordedChannels, pieces: Sequence[Piece], info: SensorInfo) -> Iterator[str]:
    """Yield what is doubtful about the units of the chosen channels.

    Raises:
        EdfError: the file has become shorter.
    """
    emg = [LaneRange() for _ in info.emg_scales]
    acc = [LaneRange() for _ in range(3)]
    second = max(1, round(info.emg_rate_hz))
    for start, stop in _spans(pieces, info.acc_ratio, second):
        emg_counts, acc_counts = channels.read(start, stop)
        for place, scale in enumerate(info.emg_scales):
            there = emg_counts[:, place]
            inside = there[(there >= scale.digital_min) & (there <= scale.digital_max)]
            emg[place].feed(scale.to_physical(inside).astype(np.float64), second)
        if info.acc_scale is not None:
            for place, one in enumerate(acc):
                one.feed(info.acc_scale.to_physical(acc_counts[:, place]).astype(np.float64), second)
    for signal, scale, one in zip(channels.emg, info.emg_scales, emg, strict=True):
        doubt = doubt_of_emg(one.rest) if scale.unit == "uV" else None
        if doubt:
            yield f"EMG {signal.number} {signal.label!r}: {doubt}"
    gravity = float(np.linalg.norm([one.mean for one in acc]))
    doubt = doubt_of_acc(gravity) if info.acc_scale is not None else None
    if doubt:
        yield f"acceleration: {doubt}"


def _spans(pieces: Sequence[Piece], ratio: int, second: int) -> Iterator[tuple[int, int]]:
    """Whole seconds of the file's samples, evenly spread over what was recorded."""
    runs = [piece for piece in pieces if isinstance(piece, Run) and piece.samples >= second + ratio]
    each = -(-_SECONDS // max(1, len(runs)))
    for run in runs[:_SECONDS]:
        firsts = np.linspace(run.first_sample, run.first_sample + run.samples - second - ratio, each)
        for first in np.unique(firsts.astype(np.int64) // ratio * ratio).tolist():
            yield first, first + -(-second // ratio) * ratio
