"""A recording at every zoom, also while it grows: EMG and acceleration as extremes, and the envelope.

WaveformError    the overview of a recording cannot be kept on disk; the text says which and why
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dashboard.overview_store import Channel, Flags, Floats, OverviewStore
from dashboard.postures import BIN_S, Kept, Reals, positions
from dashboard.pyramid import BASE, MISSING, Counts, batches
from firmware_bridge.recordings import open_recording
from firmware_bridge.samples import SampleBlock, Scale

# The envelope's bin: short enough for single bursts at 3 Hz.
ENVELOPE_S = 0.1
# Read at a time while building: bounded memory whatever the night's length.
BATCH_S = 300.0
# Up to this many samples a pixel the samples themselves are drawn.
RAW_SAMPLES_PER_PIXEL = 4
AXES = ("ax", "ay", "az")
TRACES = ("emg", "rms", *AXES)
_HIGHEST = np.int16(np.iinfo(np.int16).max)
_NO_FLAGS = np.zeros(0, bool)


class WaveformError(RuntimeError):
    """The overview of a recording cannot be kept on disk."""


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """One curve over a stretch of a recording.

    Attributes:
        start_s: Seconds from the recording's start to the first bin's beginning.
        step_s: Seconds a bin.
        values: ``[n]`` samples or ``[n, 2]`` minimum and maximum, counts with `MISSING` where nothing came;
            or ``[n]`` float32 µV with NaN there.
        flags: ``[n]`` bins that touch a missing sample; empty where the values say it themselves.
        scale: What counts mean; None where the values are physical.
    """

    start_s: float
    step_s: float
    values: Counts | Floats
    flags: Flags
    scale: Scale | None


@dataclass(frozen=True, slots=True)
class _Curve:
    """Which samples are drawn: those of an EMG channel, or of an axis of acceleration."""

    channel: int
    axis: int | None

    def place(self, emg_channels: int) -> int:
        """Return which channel of the store that is."""
        return self.channel if self.axis is None else emg_channels + self.axis


class Overview:
    """One recording's EMG channels, their envelopes, and its acceleration; grows with the file.

    Args:
        path: The recording.
        folder: Where the overview is kept; made where absent.

    Raises:
        RecordingError: the recording cannot be read.
        WaveformError: the folder cannot be used.
    """

    def __init__(self, path: Path, folder: Path) -> None:
        self.path = path
        self._folder = folder
        self._size = -1
        self._postures: tuple[int, list[Kept]] = (-1, [])
        self.recording = open_recording(path)
        self._store = self._open_store()
        self.refresh()

    @property
    def rate_hz(self) -> float:
        """EMG rate."""
        return self.recording.info.emg_rate_hz

    @property
    def missing_s(self) -> list[tuple[float, float]]:
        """Spans that were not recorded, in seconds from the start, as far as the overview goes."""
        return [(float(a) / self.rate_hz, float(b) / self.rate_hz) for a, b in self._store.missing]

    @property
    def seen_s(self) -> float:
        """Seconds in which samples came."""
        return self.recording.duration_s - sum(end - start for start, end in self.missing_s)

    def refresh(self) -> None:
        """Read what the recorder has added since the last look.

        Raises:
            RecordingError: the recording cannot be read any more.
            WaveformError: the overview cannot be written.
        """
        size = self.path.stat().st_size
        if size == self._size:
            return
        self.recording = open_recording(self.path)
        if self.recording.samples < self._store.built:
            # Not the file it was.
            self._store = self._open_store()
        # Only whole bins of every kind are final; what is left waits for the next look.
        grain = int(np.lcm(BASE * self._ratio, self._bin))
        batch = max(1, int(BATCH_S * self.rate_hz) // grain) * grain
        whole = self.recording.samples // grain * grain
        for first, stop in batches(self._store.built, whole, batch):
            self._take(first, stop)
        self._size = size

    def trace(self, name: str, start_s: float, end_s: float, pixels: int, channel: int = 0) -> Trace:
        """Return a curve between two times, in at most some two bins, or four samples, a pixel.

        Args:
            name: One of `TRACES`.
            start_s: Seconds from the recording's start.
            end_s: Likewise.
            pixels: How wide it is drawn.
            channel: Which EMG channel, of those that there are.
        """
        info = self.recording.info
        channel = min(channel, len(info.sites) - 1)
        if name == "rms":
            return self._envelope(channel, start_s, end_s, pixels)
        curve = _Curve(channel, AXES.index(name) if name in AXES else None)
        axis = curve.axis
        scale = info.emg_scales[channel] if axis is None else info.acc_scale
        if scale is None:
            return Trace(start_s, 1.0, np.zeros(0, np.int16), _NO_FLAGS, None)
        ratio = 1 if axis is None else self._ratio
        rate_hz = self.rate_hz / ratio
        first = max(0, int(start_s * rate_hz))
        # One more than the window needs: a curve goes on to the window's edge.
        stop = max(first, min(int(np.ceil(end_s * rate_hz)) + 1, self.recording.samples // ratio))
        per_pixel = (end_s - start_s) * rate_hz / max(1, pixels)
        if per_pixel <= RAW_SAMPLES_PER_PIXEL:
            return Trace(first / rate_hz, 1 / rate_hz, self._raw(curve, first, stop), _NO_FLAGS, scale)
        first, width, pairs = self._extremes(curve, first, stop, max(1, int(per_pixel)))
        flags = self._store.touching((first + width * np.arange(len(pairs) + 1)) * ratio)
        return Trace(first / rate_hz, width / rate_hz, pairs, flags, scale)

    def postures(self) -> list[Kept]:
        """Return how the leg lay; worked out anew where the recording has grown."""
        if self._postures[0] != self.recording.samples:
            self._postures = self.recording.samples, positions(*self.gravity())
        return self._postures[1]

    def gravity(self) -> tuple[Reals, float]:
        """Return ``[bins, 3]`` where acceleration pulled, in g, NaN where nothing came; and seconds a bin."""
        scale, bins = self.recording.info.acc_scale, int(self.recording.duration_s / BIN_S)
        if scale is None or not bins:
            return np.zeros((0, 3)), BIN_S
        traces = [self.trace(axis, 0.0, bins * BIN_S, bins) for axis in AXES]
        pairs = np.stack([trace.values.reshape(len(trace.values), -1) for trace in traces], axis=1)
        middle = pairs.astype(np.float64).mean(axis=2) * scale.gain + scale.bias
        return np.where((pairs == MISSING).any(axis=2), np.nan, middle), traces[0].step_s

    def _extremes(self, curve: _Curve, first: int, stop: int, width: int) -> tuple[int, int, Counts]:
        """Return where the first bin begins, how wide the bins are, and their extremes."""
        ratio = 1 if curve.axis is None else self._ratio
        held = first
        pairs: Counts = np.zeros((0, 2), np.int16)
        if width >= BASE:
            found = self._store.extremes(curve.place(len(self.recording.info.sites)), first, stop, width)
            first, width, pairs = found.first, found.width, np.array(found.pairs)
            held = max(first, self._store.built // ratio)
        first = first // width * width
        # The end of the last bin, and what the store does not hold yet.
        stop = min(-(-stop // width) * width, self.recording.samples // ratio)
        begin = held if len(pairs) else first
        if stop > begin:
            rest = extremes(self._raw(curve, begin, stop), begin % width, width)
            if begin % width and len(pairs):
                pairs[-1] = min(pairs[-1, 0], rest[0, 0]), max(pairs[-1, 1], rest[0, 1])
                rest = rest[1:]
            pairs = np.concatenate([pairs, rest])
        pairs[pairs[:, 0] > pairs[:, 1]] = MISSING
        return first, width, pairs

    def _envelope(self, channel: int, start_s: float, end_s: float, pixels: int) -> Trace:
        step_s = self._bin / self.rate_hz
        group = max(1, int((end_s - start_s) / step_s / max(1, pixels)))
        first = max(0, int(start_s / step_s)) // group * group
        values = self._store.envelope(channel, first, int(np.ceil(end_s / step_s)) + 1)
        if group > 1 and len(values):
            # The highest of those that are known.
            values = np.fmax.reduceat(values, np.arange(0, len(values), group))
        return Trace(first * step_s, step_s * group, values, _NO_FLAGS, None)

    @property
    def _ratio(self) -> int:
        return self.recording.info.acc_ratio

    @property
    def _bin(self) -> int:
        """Samples in a bin of the envelope: whole in acceleration samples."""
        return max(1, round(ENVELOPE_S * self.rate_hz / self._ratio)) * self._ratio

    def _open_store(self) -> OverviewStore:
        info = self.recording.info
        # The first one's name has no number, as before there were several.
        names = ["emg", *(f"emg-{number}" for number in range(2, len(info.sites) + 1))]
        channels = [Channel(name, 1, has_envelope=True) for name in names]
        if info.acc_scale is not None:
            channels += [Channel(axis, self._ratio) for axis in AXES]
        key = [self.recording.recording_id, info.emg_rate_hz, info.acc_rate_hz]
        try:
            store = OverviewStore(self._folder, key, channels, self._bin)
            if store.built > self.recording.samples:
                key.append(self.recording.samples)
                store = OverviewStore(self._folder, key, channels, self._bin)
        except OSError as error:
            raise WaveformError(f"overview of {self.path}: {self._folder} cannot be used: {error}") from error
        return store

    def _raw(self, curve: _Curve, first: int, stop: int) -> Counts:
        axis, ratio = curve.axis, 1 if curve.axis is None else self._ratio
        counts: Counts = np.full(stop - first, MISSING, np.int16)
        for block in self._blocks(first * ratio, stop * ratio):
            own = block.emg_counts[:, curve.channel] if axis is None else block.acc_counts[:, axis]
            begin = block.first_index // ratio
            a, b = max(first, begin), min(stop, begin + len(own))
            counts[a - first : b - first] = _narrow(own[a - begin : b - begin])
        return counts

    def _blocks(self, first: int, stop: int) -> Iterator[SampleBlock]:
        """Yield the blocks that touch a span, read no further than it goes."""
        block_s = min(BATCH_S, (stop - first) / self.rate_hz + ENVELOPE_S)
        for item in self.recording.items(block_s, first / self.rate_hz):
            if isinstance(item, SampleBlock):
                if item.first_index >= stop:
                    return
                yield item

    def _take(self, first: int, stop: int) -> None:
        """Add a span that is whole in bins of every kind."""
        info, ratio = self.recording.info, self._ratio
        emg: Counts = np.full((len(info.sites), stop - first), MISSING, np.int16)
        acc: Counts = np.full((3, (stop - first) // ratio), MISSING, np.int16)
        seen = np.zeros(stop - first, bool)
        for block in self._blocks(first, stop):
            a, b = max(first, block.first_index), min(stop, block.end_index)
            own = slice(a - block.first_index, b - block.first_index)
            emg[:, a - first : b - first] = _narrow(block.emg_counts[own]).T
            seen[a - first : b - first] = True
            if info.acc_scale is not None:
                rows = block.acc_counts[own.start // ratio : own.stop // ratio]
                acc[:, (a - first) // ratio : (b - first) // ratio] = _narrow(rows).T
        whole = seen.reshape(-1, self._bin).all(axis=1)
        envelopes = []
        for counts, scale in zip(emg, info.emg_scales, strict=True):
            spread = counts.reshape(-1, self._bin).std(axis=1, dtype=np.float32) * abs(scale.gain)
            envelopes.append(np.where(whole, spread, np.nan).astype(np.float32))
        try:
            self._store.append([*emg, *(acc if info.acc_scale is not None else ())], envelopes, seen)
        except OSError as error:
            self._store = self._open_store()
            raise WaveformError(f"overview of {self.path}: cannot be written: {error}") from error


def extremes(counts: Counts, begun: int, width: int) -> Counts:
    """Return ``[bins, 2]`` minimum and maximum; of a bin without samples the minimum lies above the maximum.

    Args:
        counts: Samples, `MISSING` where none came; one at least.
        begun: Samples of the first bin that stand before these.
        width: Samples a bin.
    """
    starts = np.maximum(np.arange(-begun, len(counts), width), 0)
    lowest = np.where(counts == MISSING, _HIGHEST, counts)
    return np.stack([np.minimum.reduceat(lowest, starts), np.maximum.reduceat(counts, starts)], axis=1)


def _narrow(counts: npt.NDArray[np.integer[npt.NBitBase]]) -> Counts:
    """Return counts of a 16-bit recording; the lowest of all stands for a missing sample and is given up."""
    return np.maximum(counts, MISSING + 1).astype(np.int16, copy=False)
