"""Keeps a sensor described to Home Assistant, or forgotten by it: over each connection, and when it has started."""

import math
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

from detector.home_assistant import device_id, discovery_message
from detector.messages import encode
from detector.mqtt_link import Publication
from detector.topics import home_assistant_topic

# What Home Assistant says once it has started.
_STARTED = b"online"
# Whoever says that it has started again and again is not answered each time, seconds of life.
_AT_MOST_EVERY_S = 5.0


class Announcement:
    """The one message of a sensor.

    Args:
        sensor_id: Whose.
        is_shown: Whether Home Assistant is to show it; else it is told to forget what it was told before.
    """

    def __init__(self, sensor_id: str, *, is_shown: bool) -> None:
        payload = encode(discovery_message(sensor_id, version=_version())) if is_shown else b""
        topic = home_assistant_topic(device_id(sensor_id))
        self._publication = Publication(topic, payload, qos=1, retained=True)
        self._is_shown = is_shown
        self._generation = 0
        self._is_asked = False
        self._said_s = -math.inf

    def heard(self, payload: bytes) -> None:
        """Take what Home Assistant says of itself."""
        self._is_asked = self._is_asked or (self._is_shown and payload == _STARTED)

    def say(self, generation: int, publish: Callable[[Publication], bool]) -> None:
        """Say what is due, if anything.

        Args:
            generation: Which connection this is.
            publish: Hands a message over; tells whether it was taken.
        """
        now_s = time.monotonic()
        is_asked = self._is_asked and now_s - self._said_s >= _AT_MOST_EVERY_S
        if (is_asked or generation != self._generation) and publish(self._publication):
            self._generation, self._is_asked, self._said_s = generation, False, now_s


def _version() -> str:
    try:
        return version("crampwatch")
    except PackageNotFoundError:
        return "0"
