"""Listens at a port to find out who speaks there, and asks those who wait to be asked.

A crampwatch board answers HELLO?, a Chords board begins at START; text comes by itself. It is listened first, and
nothing is sent to a board that is already talking, since some stop then, nor to one that nobody named and that
does not look like a board, since nobody knows what it would do.
"""

import time
from collections.abc import Callable, Sequence
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
_HELLO = encode(HelloRequest())
# What to say to a silent port, and when, in seconds.
Questions = Sequence[tuple[float, bytes]]
NO_QUESTIONS: Questions = ()
# For whoever looks for a crampwatch board.
ASK_HELLO: Questions = ((0.3, _HELLO), (1.0, _HELLO), (2.0, _HELLO), (3.0, _HELLO), (4.0, _HELLO))
# For whoever takes any board. The two are kept apart: some Chords boards take all that comes within a second for
# one word.
ASK_ALL: Questions = ((0.3, _HELLO), (1.5, START), (2.8, _HELLO), (4.0, START))
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


def identify(connect: Callable[[], Port], clock: Clock, questions: Questions = ASK_ALL) -> Speaker:
    """Open a port, find out who speaks there, and close it.

    Raises:
        OSError: it cannot be opened.
    """
    reader = PortReader(connect, clock)
    reader.start()

    def hear() -> bytes:
        return b"".join(arrival.data for arrival in reader.take(_LOOK_S) if isinstance(arrival, Chunk))

    try:
        return listened(hear, reader.write, questions)
    finally:
        reader.close()


def listened(hear: Callable[[], bytes], say: Callable[[bytes], object], questions: Questions) -> Speaker:
    """Find out who speaks at an open port.

    Args:
        hear: Returns what has come, none after a short wait without any; raises OSError.
        say: Sends; raises OSError.
        questions: What to say to one that is silent.
    """
    conversation = _Conversation(say, list(questions))
    while (speaker := conversation.heard(hear())) is None:
        pass
    return speaker


class _Conversation:
    """What was heard and said so far at one port."""

    def __init__(self, say: Callable[[bytes], object], questions: list[tuple[float, bytes]]) -> None:
        self._say = say
        self._questions = questions
        self._may_not_ask = not questions
        self._patience_s = SILENT_S if questions else TALKING_S
        self._began_s = time.monotonic()
        self._seen = b""
        self._dialect: Dialect | None = None
        self._started = False

    def heard(self, data: bytes) -> Speaker | None:
        """Take what came and return who speaks, as soon as that is clear; say what is due."""
        since_s = time.monotonic() - self._began_s
        if data:
            self._seen = (self._seen + data)[-_SEEN_BYTES:]
            self._dialect = recognise(self._seen)
        hello = _hello(self._seen) if data and self._dialect in {None, "crampwatch"} else None
        if hello is not None:
            return Speaker("crampwatch", hello, self._seen)
        if self._dialect in {"text", "chords"}:
            if self._started and self._dialect == "chords":
                self._say(STOP)
            return Speaker(self._dialect, None, self._seen)
        if since_s >= (TALKING_S if self._seen and not self._started else self._patience_s):
            return Speaker(self._dialect, None, self._seen)
        self._ask(since_s)
        return None

    def _ask(self, since_s: float) -> None:
        """Ask a board that talks frames or, if it may be asked, nothing; any other is left alone."""
        if self._dialect == "crampwatch" and self._may_not_ask:
            # Whatever its USB identity, it is one of ours.
            self._questions, self._may_not_ask = list(ASK_HELLO), False
        may_ask = not self._seen or self._started or self._dialect == "crampwatch"
        if self._questions and since_s >= self._questions[0][0] and may_ask:
            question = self._questions.pop(0)[1]
            self._started = self._started or question == START
            self._say(question)


def _hello(seen: bytes) -> Hello | None:
    return next((frame for frame in Decoder().feed(seen) if isinstance(frame, Hello)), None)
