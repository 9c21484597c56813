"""From the broker into the night log: what comes is checked, committed, and only then answered."""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, cast

from dashboard.live import Live, Message
from dashboard.night_log import NightLog, NightLogError, SensorMark
from dashboard.views import event_row
from detector.broker_address import BrokerAddress
from detector.messages import encode, logged_message
from detector.mqtt_link import MqttLink, Publication, Received
from detector.topics import DELIVERY, VERSION, Name, TopicError, Topics, every_sensor, parse_topic

_log = logging.getLogger(__name__)

# How often the network's notes are read: as fast as the eye, and a commit for each turn at most.
TURN_S = 0.05
# A night log that cannot be written is tried again after this.
AGAIN_S = 1.0
# The two logs of one broker would answer for each other; one household has one.
CLIENT_ID = "crampwatch-night-log"
HEARD: tuple[Name, ...] = ("availability", "state", "heartbeat", "event", "levels")
# What an event must have, and of which type, to be logged; the rest is for the pages, which check on their
# own.
_EVENT_KEYS: Mapping[str, type | tuple[type, ...]] = {
    "version": int,
    "sensor": str,
    "outbox": str,
    "seq": int,
    "after": int,
    "id": str,
    "revision": int,
    "recording_id": str,
    "phase": str,
    "kind": str,
    "alert": str,
    "site": str,
    "onset_at": str,
    "duration_s": (int, float),
    "reason": str,
}
_LONGEST_ID = 128
# 64-bit columns hold no more.
_LARGEST = 2**62


@dataclass(slots=True)
class IngestCounters:
    """What was refused or failed since the start."""

    malformed: int = 0
    store_failures: int = 0
    turn_failures: int = 0


class Ingest:
    """The night log's thread."""

    def __init__(self, broker: BrokerAddress, log: NightLog, live: Live) -> None:
        self._log = log
        self._live = live
        self._link = MqttLink(broker, CLIENT_ID, [(every_sensor(name), DELIVERY[name].qos) for name in HEARD])
        self._generation = 0
        self._waiting: list[Message] = []
        self._again_s = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ingest", daemon=True)
        self.counters = IngestCounters()
        self._handlers: Mapping[Name, Callable[[str, Message], None]] = {
            "state": self._on_state,
            "heartbeat": self._on_heartbeat,
            "event": self._on_event,
            "levels": self._on_levels,
        }

    @property
    def connected(self) -> bool:
        """Whether the broker is there."""
        return self._link.connected

    @property
    def trouble(self) -> str:
        """Why it is not, in words."""
        return self._link.trouble

    def start(self) -> None:
        """Connect, and go on for ever."""
        self._link.start()
        self._thread.start()

    def close(self) -> None:
        """Stop, with what has come committed."""
        self._stop.set()
        self._thread.join()
        self._link.close()

    def _run(self) -> None:
        while not self._stop.wait(TURN_S):
            try:
                self.turn()
            # One bad turn must not end the night log; it is counted and shown.
            except Exception:  # noqa: BLE001
                self.counters.turn_failures += 1
                _log.exception("night log: a turn failed")

    def turn(self) -> None:
        """Do what is due."""
        self._link.check()
        if self._link.connected and self._link.generation != self._generation:
            self._generation = self._link.generation
            self._answer(self._log.marks())
        for received in self._link.take_received():
            self._receive(received)
        self._commit()

    def _receive(self, received: Received) -> None:
        try:
            topics, name = parse_topic(received.topic)
            if name == "availability":
                self._on_availability(topics.sensor_id, received.payload)
                return
            self._handlers[name](topics.sensor_id, _read(received.payload, topics.sensor_id))
        except (TopicError, ValueError, RecursionError, KeyError, TypeError) as error:
            self.counters.malformed += 1
            _log.warning("night log: ignored a message on %.80s: %s", received.topic, error)

    def _on_availability(self, name: str, payload: bytes) -> None:
        self._live.sensor(name).online = payload == b"online"
        self._live.tell("availability", {"sensor": name, "online": payload == b"online"})

    def _on_state(self, name: str, message: Message) -> None:
        datetime.fromisoformat(message["valid_until"])
        self._live.sensor(name).state = message
        self._live.tell("state", message)

    def _on_heartbeat(self, name: str, message: Message) -> None:
        age = message["last_good_age_ms"]
        _expect(age is None or (type(age) is int and age >= 0), "last_good_age_ms as a count or null")
        self._live.sensor(name).heartbeat = (message, time.monotonic())

    def _on_levels(self, name: str, message: Message) -> None:
        _expect(isinstance(message["envelope_uv"], list), "envelope_uv as a list")
        self._live.sensor(name).levels.append(message)
        self._live.tell("levels", message)

    def _on_event(self, _name: str, message: Message) -> None:
        check_event(message)
        self._waiting.append(message)

    def _commit(self) -> None:
        """Commit all that waits at once, answer, and only then show it."""
        if not self._waiting or time.monotonic() < self._again_s:
            return
        try:
            moved = self._log.add(self._waiting)
        except NightLogError as error:
            # Not answered, so the outbox keeps it and sends it again.
            self.counters.store_failures += 1
            self._again_s = time.monotonic() + AGAIN_S
            _log.error("%s", error)
            return
        shown, self._waiting = self._waiting, []
        self._answer(moved)
        for message in shown:
            self._live.tell("event", event_row(message))

    def _answer(self, marks: Iterable[SensorMark]) -> None:
        qos, retained = DELIVERY["logged"]
        for sensor, mark in marks:
            payload = encode(logged_message(sensor, mark, at=datetime.now(UTC)))
            self._link.publish(Publication(Topics(sensor).logged, payload, qos, retained))

    def health(self) -> dict[str, Any]:
        """Return how it goes, for the pages."""
        return {"connected": self.connected, "trouble": self.trouble, **asdict(self.counters)}


def check_event(message: Message) -> None:
    """Refuse what is not an event of this version.

    Raises:
        ValueError: a key is missing, of another type, or out of range.
    """
    for key, kind in _EVENT_KEYS.items():
        value = message.get(key)
        _expect(isinstance(value, kind) and not isinstance(value, bool), f"{key} as {kind}")
    _expect(message["version"] == VERSION, f"version {VERSION}")
    for key in ("id", "recording_id"):
        _expect(0 < len(message[key]) <= _LONGEST_ID, f"{key} of at most {_LONGEST_ID} characters")
    _expect(all(0 <= message[key] < _LARGEST for key in ("seq", "after", "revision")), "counts")
    _expect(0 <= message["duration_s"] < _LARGEST, "duration_s as a length")
    _expect(datetime.fromisoformat(message["onset_at"]).tzinfo is not None, "onset_at with its offset")


def _read(payload: bytes, sensor_id: str) -> Message:
    message = json.loads(payload)
    _expect(
        isinstance(message, dict) and message.get("sensor") == sensor_id, "an object of its topic's sensor"
    )
    return cast("Message", message)


def _expect(holds: bool, what: str) -> None:  # noqa: FBT001 - an assertion that -O leaves in
    if not holds:
        raise ValueError(f"expected {what}")
