"""From the broker into the night log: what comes is checked, committed, and only then answered."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from queue import SimpleQueue

from dashboard import asked_labels
from dashboard.alarms import newest
from dashboard.labels import Labels
from dashboard.live import Live, Message
from dashboard.night_log import NightLog, NightLogError, SensorMark
from dashboard.night_queries import NightQueries
from dashboard.received import MalformedError, read
from dashboard.views import event_row
from detector.broker_address import BrokerAddress
from detector.messages import encode, logged_message
from detector.mqtt_link import MqttLink, Publication, Received
from detector.roles import ALERTER_BRANCH
from detector.topics import DELIVERY, Name, TopicError, Topics, every_sensor, parse_topic

_log = logging.getLogger(__name__)

# How often the network's notes are read: as fast as the eye, and a commit for each turn at most.
TURN_S = 0.05
# A night log that cannot be written is tried again after this.
AGAIN_S = 1.0
# Two logs of one broker would answer for each other; one household has one.
CLIENT_ID, PAGES_CLIENT_ID = "crampwatch-night-log", "crampwatch-pages"
HEARD: tuple[Name, ...] = ("availability", "state", "heartbeat", "event", "alarm", "receipt", "levels")
# What is of interest on the alerter's own branch.
_OF_ALERTER: frozenset[Name] = frozenset({"alarm", "receipt"})
# Events that wait for a disk; those beyond are not answered, so the outbox sends them again.
MOST_WAITING = 2000
# Changes of alarms that are looked through at the start for those that stand.
REMEMBERED = 500
# Somebody waits at a page for word that an answer went out.
SAID_WITHIN_S = 2.0
# Of one kind of trouble in a row, how much goes into the log file.
_TOLD_MALFORMED = 20


@dataclass(slots=True)
class IngestCounters:
    """What was refused or failed since the start."""

    malformed: int = 0
    store_failures: int = 0
    turn_failures: int = 0
    put_off: int = 0
    damaged: int = 0


class Ingest:
    """The night log's thread.

    Args:
        broker: Where the messages come from, with the night log's login.
        log: Where events are kept.
        live: Who shows what comes.
        pages_broker: The same with the login of the pages, for what people there ask; None for the night log's.
    """

    def __init__(
        self, broker: BrokerAddress, log: NightLog, live: Live, pages_broker: BrokerAddress | None = None
    ) -> None:
        self._log = log
        self._live = live
        heard = [(every_sensor(name), DELIVERY[name].qos) for name in HEARD]
        self._link = MqttLink(broker, CLIENT_ID, [*heard, (asked_labels.TOPIC, 1)])
        self._labels = asked_labels.AskedLabels(NightQueries(log.database), Labels(log.database))
        # The pages ask and the log answers: two logins, each with no more than it needs.
        self._asking = MqttLink(pages_broker or broker, PAGES_CLIENT_ID)
        self._generation = 0
        # By all that tells one from another, as the same one may come again while it waits.
        self._waiting: dict[tuple[Name, str, int, str, int], Message] = {}
        self._again_s = 0.0
        self._is_logging = True
        self._to_say: SimpleQueue[tuple[Publication, Future[bool]]] = SimpleQueue()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ingest", daemon=True)
        self.counters = IngestCounters()
        self._handlers: Mapping[Name, Callable[[str, Message], None]] = {
            "state": self._on_state,
            "heartbeat": self._on_heartbeat,
            "event": partial(self._on_kept, "event"),
            "alarm": self._on_alarm,
            "receipt": self._on_receipt,
            "levels": self._on_levels,
        }

    @property
    def connected(self) -> bool:
        """Whether the broker is there."""
        return self._link.connected

    @property
    def trouble(self) -> str:
        """Why it is not, in words; empty where it is."""
        return next((link.trouble for link in (self._link, self._asking) if not link.connected), "")

    @property
    def is_logging(self) -> bool:
        """Whether the last event could be committed."""
        return self._is_logging

    def start(self) -> None:
        """Connect, and go on for ever."""
        self.remember()
        self._link.start()
        self._asking.start()
        self._thread.start()

    def remember(self) -> None:
        """Show what stood at the end of the last run, as far as it can still be read."""
        alarms = self._readable("alarm", self._log.alarms(REMEMBERED))
        for message in newest(alarms).values():
            self._live.tell_alarm(message)
        for message in reversed(self._readable("receipt", self._log.receipts(self._live.alarms))):
            self._live.tell_receipt(message)

    def _readable(self, name: Name, kept: Iterable[Message]) -> list[Message]:
        """Return what is still what the contract says: a disk may have changed it, and the pages must come up."""
        readable = list[Message]()
        for message in kept:
            try:
                readable.append(read(name, message.get("sensor", ""), encode(message)))
            except ValueError as error:
                self.counters.damaged += 1
                _log.warning("night log: a damaged %s is not shown: %s", name, error)
        return readable

    def close(self) -> None:
        """Stop, with what has come committed."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._link.close()
        self._asking.close()

    def publish(self, publication: Publication) -> bool:
        """Hand a message to the broker, from any thread; tell whether it was taken."""
        taken: Future[bool] = Future()
        self._to_say.put((publication, taken))
        try:
            return taken.result(SAID_WITHIN_S)
        except TimeoutError:
            # Nobody is told no and then obeyed.
            return not taken.cancel() and taken.result()

    def _say(self) -> None:
        while not self._to_say.empty():
            publication, taken = self._to_say.get()
            if taken.set_running_or_notify_cancel():
                taken.set_result(self._asking.publish(publication))

    def _run(self) -> None:
        while not self._stop.wait(TURN_S):
            try:
                self.turn()
            # One bad turn must not end the night log; it is counted and shown.
            except Exception:  # noqa: BLE001
                self.counters.turn_failures += 1
                _log.exception("night log: a turn failed")
        try:
            self.turn()
        # The process ends; what was not committed was not answered and comes again.
        except Exception:  # noqa: BLE001
            _log.exception("night log: the last turn failed")

    def turn(self) -> None:
        """Do what is due."""
        self._link.check()
        self._asking.check()
        if self._link.connected and self._link.generation != self._generation:
            self._answer(self._log.marks())
            self._generation = self._link.generation
        self._say()
        for received in self._link.take_received():
            if received.topic.endswith("/label"):
                self._labels.heard(*received[:2], retained=received.retained, now=self._live.clock.wall())
            else:
                self._receive(received)
        self._commit()

    def _receive(self, received: Received) -> None:
        try:
            topics, name = parse_topic(received.topic)
            if received.retained and not DELIVERY[name].retained:
                raise MalformedError(f"{name}: expected none that is retained; somebody planted it")
            if topics.sensor_id == ALERTER_BRANCH and name not in _OF_ALERTER:
                # It is no sensor, and is not shown as one.
                return
            if name == "availability":
                self._on_availability(topics.sensor_id, received.payload)
            else:
                self._handlers[name](topics.sensor_id, read(name, topics.sensor_id, received.payload))
        except (TopicError, ValueError) as error:
            self.counters.malformed += 1
            if self.counters.malformed <= _TOLD_MALFORMED:
                _log.warning("night log: ignored a message on %.80r: %s", received.topic, error)

    def _on_availability(self, name: str, payload: bytes) -> None:
        self._live.sensor(name).online = payload == b"online"
        self._live.tell_standing()

    def _on_state(self, name: str, message: Message) -> None:
        self._live.sensor(name).state = message
        self._live.tell_standing()

    def _on_heartbeat(self, name: str, message: Message) -> None:
        self._live.sensor(name).heartbeat = (message, self._live.clock.mono_s())

    def _on_levels(self, name: str, message: Message) -> None:
        self._live.tell_levels(self._live.sensor(name), message)

    def _on_alarm(self, name: str, message: Message) -> None:
        # Shown before it is kept: an alarm waits for no disk.
        self._live.tell_alarm(message)
        self._on_kept("alarm", name, message)

    def _on_receipt(self, name: str, message: Message) -> None:
        self._live.tell_receipt(message)
        self._on_kept("receipt", name, message)

    def _on_kept(self, topic: Name, _name: str, message: Message) -> None:
        number = (message.get("outbox", ""), message.get("seq", 0))
        key = (topic, *number, message["id"], message["revision"])
        if len(self._waiting) >= MOST_WAITING and key not in self._waiting:
            self.counters.put_off += 1
            return
        self._waiting[key] = message

    def _of(self, topic: Name) -> list[Message]:
        return [message for (name, *_), message in self._waiting.items() if name == topic]

    def _commit(self) -> None:
        """Commit all that waits at once, answer, and only then show it."""
        if not self._waiting or time.monotonic() < self._again_s:
            return
        try:
            moved = self._log.add(self._of("event"), self._of("alarm"), self._of("receipt"))
        except NightLogError as error:
            # Not answered, so the outbox keeps it and sends it again.
            self.counters.store_failures += 1
            self._again_s = time.monotonic() + AGAIN_S
            if self._is_logging:
                _log.exception("night log: events wait for it: %s", error)
            self._is_logging = False
            return
        shown = self._of("event")
        self._waiting = {}
        self._is_logging = True
        self._answer(moved)
        for message in shown:
            self._live.tell_event(event_row(self._live.texts, message))

    def _answer(self, marks: Iterable[SensorMark]) -> None:
        qos, retained = DELIVERY["logged"]
        for sensor, mark in marks:
            payload = encode(logged_message(sensor, mark, at=datetime.now(UTC)))
            self._link.publish(Publication(Topics(sensor).logged, payload, qos, retained))
