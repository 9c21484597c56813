"""What a monitor says over MQTT: how things stand, signs of life, and events that never get lost.

The run loop owns a `Publisher` and calls `Publisher.pump` at every turn; nothing here blocks on the network,
and nothing on the network can raise here.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Self

from detector.alarm_messages import alarm_message, receipt_message
from detector.alarms.values import AlarmChange, AlarmCode
from detector.announcement import Announcement
from detector.broker_address import BrokerAddress
from detector.command_box import CommandBox
from detector.commands import Command
from detector.event_sender import EventSender, Parcel
from detector.messages import (
    HEARTBEAT_VALID_S,
    STATE_VALID_S,
    Stream,
    availability_payload,
    encode,
    event_message,
    heartbeat_message,
    levels_message,
)
from detector.monitor_state import MonitorState, TechnicalCondition
from detector.mqtt_link import MqttLink, Publication
from detector.outbox import Outbox, Transaction
from detector.rivals import Rivals
from detector.topics import DELIVERY, HOME_ASSISTANT_STATUS, Name, Topics, every_command
from detector.types import Contraction, Levels, SignalQuality
from detector.waves import Waves
from firmware_bridge.clock import Clock
from firmware_bridge.samples import SampleBlock

# DESIGN section 4, in seconds of life: receivers judge silence by them.
STATE_EVERY_S = 30.0
HEARTBEAT_EVERY_S = 1.0
# ALARMS: LINK_DOWN after this long without a connection, s.
LINK_DOWN_AFTER_S = 15.0


class Publisher:
    """Speaks for one sensor's monitor. All methods are for the run loop's thread, and none of them waits.

    Args:
        broker: where to publish.
        topics: the sensor's branch.
        outbox: where events wait for the night log; the caller closes it.
        clock: the night's clock, for the times in messages. Patience with the network is in seconds of life.
        boot_id: another one at each start of the monitor.
        announcement: what Home Assistant is told; None for nothing.
    """

    def __init__(
        self,
        broker: BrokerAddress,
        topics: Topics,
        outbox: Outbox,
        clock: Clock,
        *,
        boot_id: str,
        announcement: Announcement | None = None,
    ) -> None:
        self._topics = topics
        self._clock = clock
        self._boot_id = boot_id
        self._announcement = announcement
        self._link = MqttLink(
            broker,
            client_id=f"crampwatch-{topics.sensor_id}",
            subscriptions=[
                *((topics.of(name), DELIVERY[name].qos) for name in ("logged", "state")),
                (every_command(topics.sensor_id), 1),
                *([(HOME_ASSISTANT_STATUS, 1)] if announcement else []),
            ],
            will=self._publication("availability", availability_payload(online=False)),
        )
        self._events = EventSender(outbox)
        self._rivals = Rivals(boot_id)
        self._commands = CommandBox()
        self._waves = Waves()
        self._greeted = 0
        self._state: MonitorState | None = None
        self._state_said_s = 0.0
        self._heartbeats = 0
        self._heartbeat_s = -HEARTBEAT_EVERY_S
        self._connected_s = time.monotonic()
        self._since: dict[AlarmCode, datetime] = {}

    @property
    def connected(self) -> bool:
        """Whether the broker has taken us."""
        return self._link.connected

    @property
    def counters(self) -> dict[str, int]:
        """Losses and faults since the start, by name."""
        events = self._events
        return asdict(self._link.counters) | {
            "malformed_marks": events.malformed_marks,
            "storage_failures": events.storage_failures,
            "events_lost": events.events_lost,
            "outbox_dropped": events.outbox.dropped,
            "outbox_damaged": events.outbox.damaged,
            **self._commands.counters,
        }

    def start(self) -> None:
        """Begin to connect; a broker that cannot be reached is tried again for ever.

        Raises:
            BrokerAddressError: the broker's file of certificates cannot be used.
        """
        self._connected_s = time.monotonic()
        self._events.end_abandoned(self._clock.wall())
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

    def wave(self, block: SampleBlock, *, origin: int, wall_at: Callable[[int], datetime]) -> None:
        """Show samples to whoever looks; lost where there is no connection.

        Args:
            block: the next samples of the source.
            origin: index of the source at which the recording begins.
            wall_at: tells when a sample of the source was taken.
        """
        for chunk in self._waves.chunks(block, origin=origin, wall_at=wall_at, now_s=time.monotonic()):
            self._say("wave", chunk)

    def event(self, event: Contraction, stream: Stream) -> None:
        """Store a revision of a contraction, then send it, and again until the night log has it."""
        self.commit(((event, stream),))

    def commit(
        self,
        events: Sequence[tuple[Contraction, Stream]] = (),
        alarms: Sequence[AlarmChange] = (),
        rows: Callable[[Transaction], None] | None = None,
    ) -> None:
        """Store events, changes of alarms and rows of the caller's own, all or none; then send the messages.

        They are sent again until the night log has them. While the disk takes nothing they are held in memory, and
        stored as soon as that is possible.
        """
        at = self._clock.wall()
        told = [(self._topics.event, event_message(event, stream, issued_at=at)) for event, stream in events]
        alarmed = [(self._topics.alarm, alarm_message(change, issued_at=at)) for change in alarms]
        self._events.take(Parcel(tuple(told), tuple(alarmed), rows))
        self.pump()

    def pump(self) -> None:
        """Do what is due: look after the connection, take what came, send what waits."""
        self._link.check()
        if self.connected:
            self._connected_s = time.monotonic()
        self._greet()
        self._say_state()
        self._listen()
        if self._is_greeted():
            self._events.send(lambda topic, payload: self._link.publish(_event(topic, payload)))
            if self._announcement is not None:
                self._announcement.say(self._link.generation, self._link.publish)

    def commands(self) -> list[Command]:
        """Return what people have asked of the run loop since this was last asked; each once."""
        asked = self._commands.taken()
        if any(command.name == "view" for command in asked):
            self._waves.look(time.monotonic())
        return [command for command in asked if command.name != "view"]

    def answer(self, command: Command, why_not: str = "") -> None:
        """Tell whoever asked that it is done, or why it is not possible now."""
        self._commands.answer(command, why_not, now=self._clock.wall())

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

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def _troubles(self) -> Iterator[tuple[AlarmCode, str]]:
        down = not self.connected and time.monotonic() - self._connected_s >= LINK_DOWN_AFTER_S
        yield "LINK_DOWN", f"Messages do not go out: {self._link.trouble}." if down else ""
        sensor_id = self._topics.sensor_id
        yield "ID_CLASH", f"Another program speaks for the sensor {sensor_id}." if self._link.patient else ""
        yield "STORAGE", self._events.trouble

    def _publication(self, name: Name, payload: bytes) -> Publication:
        return Publication(self._topics.of(name), payload, *DELIVERY[name])

    def _say(self, name: Name, payload: bytes) -> bool:
        return self._link.publish(self._publication(name, payload))

    def _valid_s(self, duration_s: float) -> float:
        """Return how long a message is true on the night's clock, which may run faster than life."""
        return self._clock.at_least(duration_s, real_s=duration_s)

    def _is_greeted(self) -> bool:
        return self.connected and self._greeted == self._link.generation

    def _greet(self) -> None:
        """Say over a new connection what a broker that has forgotten everything must know."""
        if self.connected and not self._is_greeted():
            generation = self._link.generation
            if self._say("availability", availability_payload(online=True)):
                self._greeted = generation
                self._state_said_s = -STATE_EVERY_S
                self._events.connected()

    def _say_state(self) -> None:
        now_s = time.monotonic()
        if self._state is None or not self._is_greeted() or now_s - self._state_said_s < STATE_EVERY_S:
            return
        message = self._state.to_message(self._clock.wall(), valid_s=self._valid_s(STATE_VALID_S))
        if self._say("state", encode(message)):
            self._state_said_s = now_s
            self._rivals.said(self._link.generation)

    def _listen(self) -> None:
        """Take what came: the night log's marks, the state, which nobody else should say, and commands."""
        now_s, generation = time.monotonic(), self._link.generation
        received = self._link.take_received()
        for topic, payload, retained in received:
            if topic == self._topics.state:
                self._rivals.heard(payload, retained=retained, generation=generation, now_s=now_s)
            elif topic == HOME_ASSISTANT_STATUS and self._announcement is not None:
                self._announcement.heard(payload)
            elif topic != self._topics.logged:
                self._commands.heard(topic, payload, retained=retained, now=self._clock.wall())
        for receipt in self._commands.receipts():
            self._say("receipt", encode(receipt_message(receipt)))
        self._link.patient = self._rivals.clash(now_s)
        self._events.answered(payload for topic, payload, _ in received if topic == self._topics.logged)


def _event(topic: str, payload: bytes) -> Publication:
    return Publication(topic, payload, *DELIVERY["event"])


def _without_totals(state: MonitorState) -> MonitorState:
    return replace(state, monitored_s=0.0, usable_s=0.0, counters={})
