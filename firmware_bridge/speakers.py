"""Listens at a port to find out who speaks there, and asks those who wait to be asked.

A crampwatch board answers HELLO?, a Chords board begins at START; text comes by itself. Nothing is sent to a
board that is already talking, since some stop then.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from firmware_bridge.clock import Clock
from firmware_bridge.decoder import Decoder
from firmware_bridge.dialect_chords import START, STOP
from firmware_bridge.dialects import Dialect, recognise
from firmware_bridge.frames import HelloRequest, encode
from firmware_bridge.hello import Hello
from firmware_bridge.port_reader import Chunk, Port, PortReader

# A board that talks is known within this, in seconds of life …
TALKING_S = 3.0
# … and a silent one given up after this: opening the port may have reset it, and an Arduino's boot loader takes
# two seconds.
SILENT_S = 5.0
# What to say to a silent port, and when. The two are kept apart: some Chords boards take all that comes within
# a second for one word.
_QUESTIONS = ((0.3, encode(HelloRequest())), (1.5, START), (2.8, encode(HelloRequest())), (4.0, START))
_LOOK_S = 0.05
# Enough of what was heard to know, and to show.
_SEEN_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks at a port.

    Attributes:
        dialect: None where it is none of ours.
        hello: What a crampwatch board said of itself.
        seen: The first bytes that came.
    """

    dialect: Dialect | None
    hello: Hello | None
    seen: bytes

    @property
    def silent(self) -> bool:
        """Whether nothing came at all."""
        return not self.seen


def identify(connect: Callable[[], Port], clock: Clock) -> Speaker:
    """Open a port, find out who speaks there, and close it.

    Raises:
        OSError: it cannot be opened.
    """
    reader = PortReader(connect, clock)
    reader.start()
    try:
        return _listened(reader)
    finally:
        reader.close()


def _listened(reader: PortReader) -> Speaker:
    seen, questions = b"", list(_QUESTIONS)
    began_s = time.monotonic()
    started = False
    while True:
        chunks = [arrival.data for arrival in reader.take(_LOOK_S) if isinstance(arrival, Chunk)]
        seen = (seen + b"".join(chunks))[-_SEEN_BYTES:]
        dialect = recognise(seen) if chunks else None
        hello = _hello(seen) if dialect in {None, "crampwatch"} else None
        since_s = time.monotonic() - began_s
        if hello is not None or dialect in {"text", "chords"}:
            if started and dialect == "chords":
                reader.write(STOP)
            return Speaker("crampwatch" if hello else dialect, hello, seen)
        if since_s >= (TALKING_S if seen and not started else SILENT_S):
            return Speaker(dialect, None, seen)
        # A board that talks frames or nothing is asked; any other is left alone.
        if questions and since_s >= questions[0][0] and (not seen or dialect == "crampwatch" or started):
            question = questions.pop(0)[1]
            started = started or question == START
            reader.write(question)


def _hello(seen: bytes) -> Hello | None:
    return next((frame for frame in Decoder().feed(seen) if isinstance(frame, Hello)), None)
