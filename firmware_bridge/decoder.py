"""Bytes from a board into frames: pure, bounded, and the same however the bytes are cut.

Every byte that comes in leaves as part of a frame, or is counted as dropped with a `BadFrame` that says why.
The decoder never keeps more than `MAX_ENCODED_BYTES`, and looks at every byte a fixed number of times.
"""

from dataclasses import dataclass

from firmware_bridge.frames import DELIMITER, FRAME_CLASSES, BadFrame, Frame, unseal
from firmware_bridge.wire import MAX_ENCODED_BYTES, FrameError


@dataclass(frozen=True, slots=True)
class DecoderCounters:
    """What has come in so far.

    Attributes:
        received_bytes: All of them.
        frames: Good frames of known type.
        unknown: Good frames of a type that this version does not know; skipped.
        bad_frames: What stood between two delimiters and was no frame.
        malformed: Those of them whose check sum was right: their sender is at fault, not the line.
        dropped_bytes: Bytes lost in bad frames.
    """

    received_bytes: int
    frames: int
    unknown: int
    bad_frames: int
    malformed: int
    dropped_bytes: int


class Decoder:
    """Cuts a byte stream into frames.

    >>> from firmware_bridge.frames import HelloRequest, encode
    >>> decoder = Decoder()
    >>> decoder.feed(encode(HelloRequest())[:3]), decoder.feed(encode(HelloRequest())[3:])
    ([], [HelloRequest()])
    """

    def __init__(self) -> None:
        self._tail = b""
        # Inside a frame that is already too long: everything up to the next delimiter is lost.
        self._skipping = False
        self._received = self._frames = self._unknown = self._bad = self._malformed = self._dropped = 0

    @property
    def counters(self) -> DecoderCounters:
        """A snapshot."""
        return DecoderCounters(
            received_bytes=self._received,
            frames=self._frames,
            unknown=self._unknown,
            bad_frames=self._bad,
            malformed=self._malformed,
            dropped_bytes=self._dropped,
        )

    def feed(self, data: bytes) -> list[Frame | BadFrame]:
        """Return the frames that ``data`` completes, in order, and what was lost between them."""
        self._received += len(data)
        *pieces, tail = (self._tail + data).split(DELIMITER)
        found: list[Frame | BadFrame] = []
        if self._skipping and pieces:
            self._dropped += len(pieces.pop(0))
            self._skipping = False
        elif self._skipping:
            self._dropped += len(tail)
            return found
        # Between two frames stand two delimiters, and so nothing between those.
        found.extend(frame for piece in pieces if piece and (frame := self._open(piece)) is not None)
        if len(tail) > MAX_ENCODED_BYTES:
            found.append(self._lose("no end in sight", len(tail)))
            self._skipping, tail = True, b""
        self._tail = tail
        return found

    def _open(self, piece: bytes) -> Frame | BadFrame | None:
        """Return the frame in what stood between two delimiters; None for one of unknown type."""
        try:
            body = unseal(piece)
        except FrameError as error:
            return self._lose(str(error), len(piece))
        frame_class = FRAME_CLASSES.get(body[0])
        if frame_class is None:
            self._unknown += 1
            return None
        try:
            frame = frame_class.from_payload(body[1:])
        except FrameError as error:
            self._malformed += 1
            return self._lose(str(error), len(piece))
        self._frames += 1
        return frame

    def _lose(self, reason: str, dropped_bytes: int) -> BadFrame:
        self._bad += 1
        self._dropped += dropped_bytes
        # Of a frame that does not end only the length at which it is given up is the same for all cuttings.
        return BadFrame(reason, min(dropped_bytes, MAX_ENCODED_BYTES + 1))
