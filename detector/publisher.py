"""What a monitor says over MQTT: how things stand, signs of life, and events that never get lost.

The run loop owns a `Publisher` and calls `Publisher.pump` at every turn; nothing here blocks on the network,
and nothing on the network can raise here.
"""

import logging
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Self

from detector.broker_address import BrokerAddress
from detector.delivery import Redelivery
from detector.durable_sqlite import DurableFileError
from detector.messages import (
    HEARTBEAT_VALID_S,
    STATE_VALID_S,
    Message,
    MessageError,
    Stream,
    availability_payload,
    encode,
    event_message,
    heartbeat_message,
    levels_message,
    parse_logged,
)
from detector.monitor_state import Code, MonitorState, TechnicalCondition
from detector.mqtt_link import MqttLink, Publication
from detector.outbox import Outbox
from detector.topics import DELIVERY, Name, Topics
from detector.types import Contraction, Levels, SignalQuality
from firmware_bridge.clock import Clock

_log = logging.getLogger(__name__)

# DESIGN section 4, in seconds of life: receivers judge silence by them.
STATE_EVERY_S = 30.0
HEARTBEAT_EVERY_S = 1.0
# ALARMS: LINK_DOWN after this long without a connection, s.
LINK_DOWN_AFTER_S = 15.0
# Rows handed over in one turn of the run loop: at 20 turns a second a night's backlog goes in seconds.
_ROWS_A_TURN = 100
# How long to wait after the disk has failed, s.
STORE_AGAIN_S = 1.0
# Events held in memory while the disk takes none: a bad hour's worth.
_UNWRITTEN = 1000


@dataclass(slots=True)
class PublisherCounters:
    """What was lost or went wrong since the start, beside what the link counts."""

    malformed_marks: int = 0
    storage_failures: int = 0
    events_lost: int = 0


class Publisher:
    """Speaks for one sensor's monitor. All methods are for the run loop's thread, and none of them waits.

    Args:
        broker: where to publish.
        topics: the sensor's branch.
        outbox: where events wait for the night log; the caller closes it.
        clock: the night's clock, for the times in messages. Patience with the network is in seconds of life.
        boot_id: another one at each start of the monitor.
    """

    def __init__(
        self, broker: BrokerAddress, topics: Topics, outbox: Outbox, clock: Clock, *, boot_id: str
    ) -> None:
        self._topics = topics
        self._outbox = outbox
        self._clock = clock
        self._boot_id = boot_id or secrets.token_hex(4)
        self._link = MqttLink(
            broker,
            client_id=f"crampwatch-{topics.sensor_id}",
            subscriptions=[(topics.logged, DELIVERY["logged"].qos)],
            will=self._publication("availability", availability_payload(online=False)),
        )
        self._redelivery = Redelivery()
        self._counters = PublisherCounters()
        self._greeted = 0
        self._state: MonitorState | None = None
        self._state_said_s = 0.0
        self._heartbeats = 0
        self._heartbeat_s = -HEARTBEAT_EVERY_S
        self._unwritten: deque[Message] = deque()
        self._store_again_s = 0.0
        self._storage_trouble = ""
        self._connected_s = time.monotonic()
        self._since: dict[Code, datetime] = {}

    @property
    def connected(self) -> bool:
        """Whether the broker has taken us."""
        return self._link.connected

    @property
    def counters(self) -> dict[str, int]:
        """Losses and faults since the start, by name."""
        outbox = {"outbox_dropped": self._outbox.dropped, "outbox_damaged": self._outbox.damaged}
        return asdict(self._link.counters) | asdict(self._counters) | outbox

    def start(self) -> None:
        """Begin to connect; a broker that cannot be reached is tried again for ever.

        Raises:
            BrokerAddressError: the broker's file of certificates cannot be used.
        """
        self._connected_s = time.monotonic()
        self._link.start()

    def publish_state(self, state: MonitorState) -> None:
        """Tell how things stand: at once where it differs from what was said last, else every 30 s.

        Running totals alone (`MonitorState.monitored_s`, ``usable_s``, ``counters``) are no difference.
        """
        before, self._state = self._state, state
        if before is None or _without_totals(before) != _without_totals(state):
            self._state_said_s = -STATE_EVERY_S
        self._say_state()

    def heartbeat(self, last_good_age_ms: int | None) -> None:
        """Give a sign of life if the last is a second old; call it as often as you like.

        Args:
            last_good_age_ms: age of the last usable sample; None if there never was one.
        """
        now_s = time.monotonic()
        if now_s - self._heartbeat_s < HEARTBEAT_EVERY_S:
            return
        self._heartbeat_s = now_s
        message = heartbeat_message(
            self._topics.sensor_id,
            boot_id=self._boot_id,
            sequence=self._heartbeats,
            last_good_age_ms=last_good_age_ms,
            at=self._clock.wall(),
            valid_s=self._valid_s(HEARTBEAT_VALID_S),
        )
        self._heartbeats += 1
        self._say("heartbeat", encode(message))

    def levels(self, levels: Levels, quality: Sequence[SignalQuality], stream: Stream) -> None:
        """Show a hop to live pages; lost where there is no connection."""
        if self.connected:
            self._say("levels", encode(levels_message(levels, quality, stream)))

    def event(self, event: Contraction, stream: Stream) -> None:
        """Store a revision of a contraction, then send it, and again until the night log has it.

        While the disk takes nothing it is held in memory, and stored as soon as that is possible.
        """
        if len(self._unwritten) == _UNWRITTEN:
            self._unwritten.popleft()
            self._counters.events_lost += 1
        self._unwritten.append(event_message(event, stream, issued_at=self._clock.wall()))
        self.pump()

    def pump(self) -> None:
        """Do what is due: look after the connection, take the night log's marks, send what waits."""
        self._link.check()
        if self.connected:
            self._connected_s = time.monotonic()
        self._greet()
        self._say_state()
        self._guard_storage(self._store_events)
        self._guard_storage(self._take_marks)
        self._guard_storage(self._send_waiting)

    def conditions(self) -> tuple[TechnicalCondition, ...]:
        """Return what stands in the way of delivery, for the monitor's state; equal while nothing changes."""
        standing = {code: text for code, text in self._troubles() if text}
        self._since = {code: self._since.get(code, self._clock.wall()) for code in standing}
        return tuple(
            TechnicalCondition(code, "low", self._since[code], text) for code, text in standing.items()
        )

    def close(self) -> None:
        """Say offline and leave the broker; what waits in the outbox goes out after the next start."""
        self.pump()
        self._link.close(last=self._publication("availability", availability_payload(online=False)))

    def _troubles(self) -> Iterator[tuple[Code, str]]:
        down_s = 0.0 if self.connected else time.monotonic() - self._connected_s
        yield (
            "LINK_DOWN",
            f"Messages do not go out: {self._link.trouble}." if down_s >= LINK_DOWN_AFTER_S else "",
        )
        sensor_id = self._topics.sensor_id
        yield "ID_CLASH", f"Another program speaks for the sensor {sensor_id}." if self._link.id_clash else ""
        outbox = self._outbox
        damaged = (
            f"The outbox was damaged and put aside as {outbox.quarantined}." if outbox.quarantined else ""
        )
        overfull = f"{outbox.waiting} messages wait for the night log." if outbox.overfull else ""
        yield "STORAGE", self._storage_trouble or overfull or damaged

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def _publication(self, name: Name, payload: bytes) -> Publication:
        return Publication(self._topics.of(name), payload, *DELIVERY[name])

    def _say(self, name: Name, payload: bytes) -> bool:
        return self._link.publish(self._publication(name, payload))

    def _valid_s(self, duration_s: float) -> float:
        """Return how long a message is true on the night's clock, which may run faster than life."""
        return self._clock.at_least(duration_s, real_s=duration_s)

    def _greet(self) -> None:
        """Say over a new connection what a broker that has forgotten everything must know."""
        if self.connected and self._greeted != self._link.generation:
            generation = self._link.generation
            if self._say("availability", availability_payload(online=True)):
                self._greeted = generation
                self._state_said_s = -STATE_EVERY_S
                self._redelivery.connected(time.monotonic())

    def _say_state(self) -> None:
        now_s = time.monotonic()
        if self._state is None or now_s - self._state_said_s < STATE_EVERY_S:
            return
        message = self._state.to_message(self._clock.wall(), valid_s=self._valid_s(STATE_VALID_S))
        if self._say("state", encode(message)):
            self._state_said_s = now_s

    def _store_events(self) -> None:
        while self._unwritten and time.monotonic() >= self._store_again_s:
            message = self._unwritten[0]
            # What is not yet the last word on a contraction that woke nobody can be given up: its end says it
            # all.
            expendable = message["alert"] == "none" and message["phase"] != "ended"
            self._outbox.append(self._topics.event, message, expendable=expendable)
            self._unwritten.popleft()
            self._storage_trouble = ""

    def _take_marks(self) -> None:
        marks = []
        for received in self._link.take_received():
            try:
                marks.append(parse_logged(received.payload))
            except MessageError as error:
                self._counters.malformed_marks += 1
                _log.debug("%s: %s", received.topic, error)
        ours = [mark for mark in marks if mark.outbox == self._outbox.id]
        if ours:
            mark = max(ours)
            rows = self._outbox.acknowledge(mark)
            if self._outbox.id == mark.outbox:
                self._redelivery.marked(mark.seq, rows, time.monotonic())
            else:
                self._redelivery.connected(time.monotonic())

    def _send_waiting(self) -> None:
        if not self._outbox.waiting or self._greeted != self._link.generation:
            return
        now_s = time.monotonic()
        for after, limit in self._redelivery.due(self._outbox.oldest_seq, now_s, _ROWS_A_TURN):
            for row in self._outbox.pending(after, limit):
                qos, retained = DELIVERY["event"]
                if not self._link.publish(Publication(row.topic, row.payload, qos, retained)):
                    return
                self._redelivery.sent(row.seq, now_s)

    def _guard_storage(self, step: Callable[[], None]) -> None:
        """Run a step that needs the disk; a disk that fails makes a condition, never an end."""
        try:
            step()
        except DurableFileError as error:
            self._counters.storage_failures += 1
            self._store_again_s = time.monotonic() + STORE_AGAIN_S
            if not self._storage_trouble:
                _log.exception("the outbox fails")
            self._storage_trouble = f"Events cannot be stored: {error}."


def _without_totals(state: MonitorState) -> MonitorState:
    return replace(state, monitored_s=0.0, usable_s=0.0, counters={})
