"""What is known now, and the pages that want to hear of it. The network's thread tells, the pages' loop listens."""

import asyncio
import json
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from dashboard.views import Light, light

Message = Mapping[str, Any]

# A page that is this many messages behind is cut off from the oldest: about 10 s of a night.
BEHIND = 100
# Levels a new page is given to begin with: 60 s of four a second.
LEVELS_KEPT = 240


@dataclass
class Sensor:
    """The newest that was heard of one sensor.

    Attributes:
        online: What its monitor, or its last will, said.
        state: Its `state` message.
        heartbeat: Its newest `heartbeat`, and when it came (monotonic s).
        levels: Its newest `levels`, oldest first.
    """

    name: str
    online: bool = False
    state: Message | None = None
    heartbeat: tuple[Message, float] | None = None
    levels: deque[Message] = field(default_factory=lambda: deque(maxlen=LEVELS_KEPT))

    def light(self) -> Light:
        """Return what the state light shows now."""
        beat, came_s = self.heartbeat or (None, 0.0)
        silent_s = time.monotonic() - came_s if beat else None
        good_ms = beat["last_good_age_ms"] if beat else None
        return light(
            self.state, online=self.online, silent_s=silent_s, good_age_ms=good_ms, now=datetime.now(UTC)
        )


class Live:
    """Everything live, and its listeners.

    `tell` may be called from any thread; the rest belongs to the event loop that `bind` was called in.
    """

    def __init__(self) -> None:
        self.sensors: dict[str, Sensor] = {}
        self.dropped = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listeners: set[asyncio.Queue[str]] = set()

    def bind(self) -> None:
        """Take the running event loop as the pages' own."""
        self._loop = asyncio.get_running_loop()

    def sensor(self, name: str) -> Sensor:
        """Return what is known of a sensor; nothing yet where it is new."""
        return self.sensors.setdefault(name, Sensor(name))

    def tell(self, kind: str, message: Message) -> None:
        """Pass a message on to every page that is open."""
        if self._loop is not None and not self._loop.is_closed():
            text = json.dumps({"type": kind, "message": message}, ensure_ascii=False)
            self._loop.call_soon_threadsafe(self._fan_out, text)

    def listen(self) -> asyncio.Queue[str]:
        """Return a queue that hears everything from now on."""
        queue: asyncio.Queue[str] = asyncio.Queue(BEHIND)
        self._listeners.add(queue)
        return queue

    def leave(self, queue: asyncio.Queue[str]) -> None:
        """Stop listening."""
        self._listeners.discard(queue)

    def _fan_out(self, text: str) -> None:
        for queue in self._listeners:
            if queue.full():
                queue.get_nowait()
                self.dropped += 1
            queue.put_nowait(text)
