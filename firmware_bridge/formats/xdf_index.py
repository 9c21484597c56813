"""Where the samples of each stream of an XDF file lie, in the file and in time, found in one streamed pass."""

import struct
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np

from firmware_bridge.formats.columns import FASTEST_HZ, BrokenFileError
from firmware_bridge.formats.safe_xml import text_in, xml_of
from firmware_bridge.formats.xdf_chunks import (
    CLOCK_OFFSET,
    FILE_HEADER,
    SAMPLES,
    STREAM_HEADER,
    Chunk,
    Stamps,
    chunks_of,
    content_of,
    samples_of,
    texts_of,
)

_TYPES = {"double64": "<f8", "float32": "<f4", "int64": "<i8", "int32": "<i4", "int16": "<i2", "int8": "i1"}
_MOST_CHANNELS = 4096
_MOST_TEXTS = 100_000


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream as its header describes it; ``dtype`` is None for texts, ``rate_hz`` 0 for no regular rate."""

    number: int
    name: str
    kind: str
    rate_hz: float
    dtype: np.dtype[np.generic] | None
    labels: tuple[str, ...]
    units: tuple[str, ...]

    @property
    def sample_bytes(self) -> int:
        """Bytes of one sample of all channels."""
        return len(self.labels) * self.dtype.itemsize if self.dtype is not None else 0


@dataclass(slots=True)
class StreamIndex:
    """What the pass over the file has found of one stream.

    Attributes:
        stream: Its header.
        places: Where the content of each chunk of samples begins.
        sizes: How long it is.
        counts: Samples up to the end of each.
        anchors: Samples with a known time: the first and the last of every stretch without a jump.
        stamps: Their times on the sender's clock.
        breaks: Samples that do not follow the one before them in time.
        offsets: Measurements of the sender's clock against the recorder's: when, and how much to add.
        texts: What a stream without a rate said, one text an anchor.
    """

    stream: Stream
    places: "array[int]" = field(default_factory=lambda: array("q"))
    sizes: "array[int]" = field(default_factory=lambda: array("q"))
    counts: "array[int]" = field(default_factory=lambda: array("q"))
    anchors: "array[int]" = field(default_factory=lambda: array("q"))
    stamps: "array[float]" = field(default_factory=lambda: array("d"))
    breaks: "array[int]" = field(default_factory=lambda: array("q"))
    offsets: list[tuple[float, float]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    @property
    def samples(self) -> int:
        """How many samples it has."""
        return self.counts[-1] if self.counts else 0

    def add(self, chunk: Chunk, content: bytes, gap_s: float) -> None:
        """Take a chunk of samples.

        Raises:
            BrokenFileError: it does not hold what it counts.
        """
        if self.stream.dtype is None or not self.stream.rate_hz:
            self._add_notes(content)
            return
        stamps = self._filled(samples_of(content, self.stream.sample_bytes).stamps())
        if not len(stamps):
            return
        first = self.samples
        self.places.append(chunk.at)
        self.sizes.append(chunk.size)
        self.counts.append(first + len(stamps))
        step_s = 1 / self.stream.rate_hz
        before = self.stamps[-1] if self.stamps else stamps[0] - step_s
        jumps = np.flatnonzero(np.abs(np.diff(stamps, prepend=before) - step_s) > gap_s)
        self.breaks.extend((first + jumps).tolist())
        ends = sorted({0, len(stamps) - 1, *jumps.tolist(), *(jumps[jumps > 0] - 1).tolist()})
        self.anchors.extend(first + end for end in ends)
        self.stamps.extend(stamps[ends].tolist())

    def _add_notes(self, content: bytes) -> None:
        """Take texts, or numbers without a rate, as what somebody wanted to mark."""
        if self.stream.dtype is None:
            found = texts_of(content, len(self.stream.labels))
        else:
            samples, dtype = samples_of(content, self.stream.sample_bytes), self.stream.dtype
            numbers = [samples.channel(i * dtype.itemsize, dtype) for i in range(len(self.stream.labels))]
            texts = [", ".join(f"{value:g}" for value in row) for row in zip(*numbers, strict=True)]
            found = list(zip(samples.stamps().tolist(), texts, strict=True))
        for stamp, text in found:
            if np.isfinite(stamp) and len(self.texts) < _MOST_TEXTS:
                self.anchors.append(len(self.texts))
                self.stamps.append(stamp)
                self.texts.append(text)

    def _filled(self, stamps: Stamps) -> Stamps:
        """Return the stamps, those not given counted on from the last one at the stream's rate."""
        step_s = 1 / self.stream.rate_hz if self.stream.rate_hz else 0.0
        places = np.arange(len(stamps))
        last = np.maximum.accumulate(np.where(np.isfinite(stamps), places, -1))
        before = self.stamps[-1] if self.stamps else 0.0
        known = np.where(last >= 0, stamps[np.maximum(last, 0)], before)
        return np.asarray(known + (places - last) * step_s)


@dataclass(frozen=True, slots=True)
class XdfIndex:
    """The streams of a file by number, its header, and what was wrong."""

    streams: dict[int, StreamIndex]
    header: Element | None
    warnings: tuple[str, ...]


def index_of(path: Path, gap_s: float, rate_hz: float | None, named: Sequence[str]) -> XdfIndex:
    """Look through a file once; ``rate_hz`` replaces that of the streams that are ``named`` (none: of all regular).

    Raises:
        BrokenFileError: it is no XDF file, or a stream's header makes no sense.
        OSError: it cannot be read.
    """
    streams: dict[int, StreamIndex] = {}
    header: Element | None = None
    warnings: list[str] = []
    with path.open("rb") as file:
        for chunk in chunks_of(file, path.stat().st_size):
            if isinstance(chunk, str):
                warnings.append(chunk)
            elif chunk.tag == FILE_HEADER:
                header = xml_of(content_of(file, chunk), "XDF file header")
            elif chunk.tag == STREAM_HEADER and chunk.stream is not None:
                stream = _stream(chunk.stream, xml_of(content_of(file, chunk), "XDF stream header"))
                streams.setdefault(chunk.stream, StreamIndex(_rated(stream, rate_hz, named)))
            elif chunk.stream in streams:
                _take(streams[chunk.stream], chunk, content_of(file, chunk), gap_s, warnings)
    return XdfIndex(streams, header, tuple(dict.fromkeys(warnings)))


def _take(index: StreamIndex, chunk: Chunk, content: bytes, gap_s: float, warnings: list[str]) -> None:
    if chunk.tag == CLOCK_OFFSET and chunk.size == struct.calcsize("<dd"):
        index.offsets.append(struct.unpack("<dd", content))
    elif chunk.tag == SAMPLES:
        try:
            index.add(chunk, content, gap_s)
        except BrokenFileError as error:
            warnings.append(f"a chunk of stream {index.stream.name!r} is left out: {error}")


def _stream(number: int, root: Element) -> Stream:
    count, said = text_in(root, "channel_count"), text_in(root, "channel_format")
    try:
        channels, rate_hz = int(count), float(text_in(root, "nominal_srate"))
    except ValueError as error:
        raise BrokenFileError(
            f"XDF stream {number}: expected a channel count and a rate, got {error}"
        ) from error
    if not 1 <= channels <= _MOST_CHANNELS or not 0 <= rate_hz <= FASTEST_HZ:
        raise BrokenFileError(
            f"XDF stream {number}: expected channels and a rate, got {channels} and {rate_hz} Hz"
        )
    if said != "string" and said not in _TYPES:
        raise BrokenFileError(
            f"XDF stream {number}: expected values of {', '.join(_TYPES)} or string, got {said!r}"
        )
    name, kind = text_in(root, "name"), text_in(root, "type")
    described = root.findall("desc/channels/channel")
    labels = [text_in(one, "label") for one in described]
    units = [text_in(one, "unit") for one in described]
    if len(labels) != channels or not all(labels):
        labels = [f"{kind or name} {i + 1}" for i in range(channels)]
    if len(units) != channels:
        units = [""] * channels
    dtype = None if said == "string" else np.dtype(_TYPES[said])
    return Stream(number, name, kind, rate_hz, dtype, tuple(labels), tuple(units))


def _rated(stream: Stream, rate_hz: float | None, named: Sequence[str]) -> Stream:
    if rate_hz is None or (stream.name not in named if named else not stream.rate_hz):
        return stream
    return Stream(stream.number, stream.name, stream.kind, rate_hz, stream.dtype, stream.labels, stream.units)
