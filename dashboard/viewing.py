"""The samples themselves: asked for from the monitor while anybody looks, and passed on as they come."""

import asyncio
import contextlib
import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable

from detector.broker_address import BrokerAddress
from detector.commands import Command, command_message
from detector.messages import encode
from detector.mqtt_link import MqttLink, Publication, Received
from detector.topics import DELIVERY, TopicError, every_sensor, parse_topic
from detector.waves import CHUNK_S, VIEW_FRESH_S, WaveChunk, WaveError
from firmware_bridge.clock import Clock

_log = logging.getLogger(__name__)

# How often what came is passed on: as often as a screen is drawn for moving things.
TURN_S = 0.02
# A monitor is asked again well before it stops, seconds of life.
ASK_EVERY_S = VIEW_FRESH_S / 3
# What waits for a slow page: two seconds of chunks; the oldest go first, and are counted.
BEHIND = round(2.0 / CHUNK_S)
_CLIENT_ID = "crampwatch-lab"
_QOS = 1


class Viewer:
    """What one page has yet to see of one sensor. Belongs to its event loop.

    Attributes:
        sensor: Whose samples.
        dropped: Chunks that were too many for it.
    """

    def __init__(self, sensor: str, leave: Callable[["Viewer"], None]) -> None:
        self.sensor = sensor
        self.dropped = 0
        self._leave = leave
        self._loop = asyncio.get_running_loop()
        self._chunks: deque[bytes] = deque(maxlen=BEHIND)
        self._wake = asyncio.Event()

    def leave(self) -> None:
        """Look no more."""
        self._leave(self)

    def show(self, chunk: bytes) -> None:
        """Pass a chunk on, from any thread; a page that has gone needs none."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._take, chunk)

    def _take(self, chunk: bytes) -> None:
        self.dropped += len(self._chunks) == BEHIND
        self._chunks.append(chunk)
        self._wake.set()

    async def chunks(self, timeout_s: float) -> list[bytes]:
        """Return what has come, or nothing after a while."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), timeout_s)
        self._wake.clear()
        found = list(self._chunks)
        self._chunks.clear()
        return found


class Viewing:
    """Asks monitors for their samples while anybody looks, and is silent otherwise.

    Args:
        broker: Where they come from, with the login of the pages.
        clock: The night's clock: requests say when they were made.
    """

    def __init__(self, broker: BrokerAddress, clock: Clock) -> None:
        self._broker = broker
        self._clock = clock
        self._lock = threading.Lock()
        self._viewers: set[Viewer] = set()
        self._thread: threading.Thread | None = None
        self.trouble = ""
        self.malformed = 0

    def look(self, sensor: str) -> Viewer:
        """Begin to look at a sensor, on the running event loop."""
        viewer = Viewer(sensor, self._left)
        with self._lock:
            self._viewers.add(viewer)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="viewing", daemon=True)
                self._thread.start()
        return viewer

    def _left(self, viewer: Viewer) -> None:
        with self._lock:
            self._viewers.discard(viewer)

    def _run(self) -> None:
        link = MqttLink(self._broker, _CLIENT_ID, [(every_sensor("wave"), DELIVERY["wave"].qos)])
        link.start()
        asked: dict[str, float] = {}
        try:
            while self._is_wanted():
                link.check()
                self.trouble = "" if link.connected else link.trouble
                self._ask(link, asked)
                received = link.take_received()
                for one in received:
                    self._pass_on(one)
                time.sleep(TURN_S)
        finally:
            link.close()

    def _is_wanted(self) -> bool:
        with self._lock:
            if not self._viewers:
                # Said while nobody can begin to look, so that whoever does begins a new one.
                self._thread = None
            return bool(self._viewers)

    def _ask(self, link: MqttLink, asked: dict[str, float]) -> None:
        now_s = time.monotonic()
        with self._lock:
            wanted = {viewer.sensor for viewer in self._viewers}
        for sensor in wanted:
            if link.connected and now_s - asked.get(sensor, -ASK_EVERY_S) >= ASK_EVERY_S:
                asked[sensor] = now_s
                name = f"view-{secrets.token_hex(8)}"
                command = Command(
                    id=name, role="dashboard", name="view", sensor=sensor, who="lab", at=self._clock.wall()
                )
                link.publish(
                    Publication(command.topic, encode(command_message(command)), _QOS, retained=False)
                )

    def _pass_on(self, received: Received) -> None:
        try:
            sensor = _sensor_of(received)
        except (TopicError, WaveError) as error:
            self.malformed += 1
            if self.malformed == 1:
                _log.warning("lab: ignored samples: %s", error)
            return
        with self._lock:
            looking = [viewer for viewer in self._viewers if viewer.sensor == sensor]
        for viewer in looking:
            viewer.show(received.payload)


def _sensor_of(received: Received) -> str:
    """Return whose samples came, once they are known to be some."""
    topics, name = parse_topic(received.topic)
    if received.retained or name != "wave":
        raise WaveError(f"wave: expected none that is retained, got one on {received.topic:.80}")
    WaveChunk.from_bytes(received.payload)
    return topics.sensor_id
