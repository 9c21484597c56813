"""Pushes any bytes through a real pseudo-terminal into a real serial source, after a proper HELLO."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from firmware_bridge.clock import Clock
from firmware_bridge.frames import encode
from firmware_bridge.hello import Hello
from firmware_bridge.pty_line import PtyLine
from firmware_bridge.samples import StreamItem
from firmware_bridge.sources import Source, open_source
from tests.firmware_bridge.assembled import HELLO

# After so long without a byte something hangs.
PATIENCE_S = 30.0


class PtyFeed:
    """A device that says HELLO when it is asked, and then whatever it is given, as fast as it is taken."""

    def __init__(self, chunks: Iterable[bytes], hello: Hello = HELLO) -> None:
        self._line = PtyLine()
        self._line.plug()
        self._chunks = iter(chunks)
        self._hello = encode(hello)
        self._stop = threading.Event()
        self._begin = threading.Event()
        self.done = threading.Event()
        self.sent_bytes = 0
        self.port = self._line.port
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def begin(self) -> None:
        """Send the bytes from now on."""
        self._begin.set()

    def close(self) -> None:
        """Stop, and take the port away."""
        self._stop.set()
        self._thread.join()
        self._line.unplug()

    def _run(self) -> None:
        while not self._stop.is_set() and not self._begin.is_set():
            if not self._line.listened_to:
                time.sleep(0.005)
            elif self._line.read():
                self._send(self._hello)
            else:
                self._line.wait(0.01, to_write=False)
        for chunk in self._chunks:
            self._send(chunk)
            if self._stop.is_set():
                return
        self.done.set()

    def _send(self, data: bytes) -> None:
        left = memoryview(data)
        while left and not self._stop.is_set():
            sent = self._line.write(bytes(left[:65536]))
            self.sent_bytes += sent
            left = left[sent:]
            if left:
                # What the host has to say is heard and of no interest.
                self._line.read()
                self._line.wait(0.01, to_write=True)


@contextmanager
def fed(
    chunks: Iterable[bytes], clock: Clock | None = None, *, next_counter: int = 0
) -> Iterator[tuple[Source, PtyFeed]]:
    """Give an opened serial source and the device behind it, which has not begun yet."""
    feed = PtyFeed(chunks, replace(HELLO, next_counter=next_counter))
    try:
        with open_source(f"serial:{feed.port}", clock=clock) as source:
            source.open()
            yield source, feed
    finally:
        feed.close()


def read_through(source: Source, feed: PtyFeed) -> Iterator[list[StreamItem]]:
    """Let the device speak, and yield what each read gives until every byte has been read."""
    feed.begin()
    heard, heard_s = -1, time.monotonic()
    while not (feed.done.is_set() and source.counters["received_bytes"] >= feed.sent_bytes):
        yield source.read(0.05)
        if source.counters["received_bytes"] != heard:
            heard, heard_s = source.counters["received_bytes"], time.monotonic()
        if time.monotonic() - heard_s > PATIENCE_S:
            raise TimeoutError(f"{feed.sent_bytes} bytes were sent and {heard} came")
