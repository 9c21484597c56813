"""The run loop of one sensor: samples in; recorded, judged, and told to the world.

The loop never waits for the broker: what it says goes through the outbox and the publisher's own thread. Nor does it
wait for a sensor whose name is known: that it is absent is said like everything else.
"""

import logging
import secrets
import threading
from collections.abc import Callable

from detector.alarm_desk import AlarmDesk
from detector.alarms import store
from detector.alarms.engine import AlarmEngine
from detector.alarms.schedule import Schedule
from detector.alarms.values import Moment
from detector.announcement import Announcement
from detector.broker_address import BrokerAddress
from detector.durable_sqlite import DurableFileError
from detector.monitor_state import MonitorState
from detector.outbox import Outbox
from detector.publisher import Publisher
from detector.sign_of_life import host_boot_id
from detector.source_door import SourceDoor
from detector.topics import Topics
from detector.vigil import Vigil
from detector.watch import Watch
from detector.wished_mode import heed
from detector.wishes import Wishes
from firmware_bridge.clock import Clock
from firmware_bridge.frames import Keepalive
from firmware_bridge.source_contract import Source

__all__ = ["Monitor", "Wishes"]

_log = logging.getLogger(__name__)

# How long a read may wait for samples, in seconds of life; heartbeats wait no longer than this.
READ_S = 0.1


class Monitor:
    """Watches one sensor.

    Args:
        make_source: Makes the source of the samples; again for each try to open it.
        broker: Where messages go.
        wishes: Where it records, and how it judges.
        clock: Shared with the other processes.
    """

    def __init__(
        self, make_source: Callable[[], Source], broker: BrokerAddress, wishes: Wishes, clock: Clock
    ) -> None:
        self._door = SourceDoor(make_source, wishes.sensor_id, clock)
        self._broker = broker
        self._wishes = wishes
        self._clock = clock

    def run(self, stop: threading.Event, on_ready: Callable[[], None] = lambda: None) -> None:
        """Watch until told to stop or the source has ended.

        Raises:
            SourceError: the address is wrong; or the sensor's name is not known and it cannot be reached.
            DurableFileError: the outbox cannot be opened.
        """
        sensor_id = self._wishes.sensor_id
        if sensor_id:
            self._door.knock()
        else:
            sensor_id = self._door.open().sensor_id
        try:
            self._watch(sensor_id, stop, on_ready)
        finally:
            self._door.close()

    def _watch(self, sensor_id: str, stop: threading.Event, on_ready: Callable[[], None]) -> None:
        wishes, clock, boot_id = self._wishes, self._clock, secrets.token_hex(4)
        with Outbox(wishes.outboxes / f"{sensor_id}.sqlite") as outbox:
            publisher = Publisher(
                *(self._broker, Topics(sensor_id), outbox, clock),
                boot_id=boot_id,
                announcement=_announcement(sensor_id, wishes.home_assistant),
            )
            desk = AlarmDesk(
                _stored_alarms(outbox, sensor_id, wishes, clock),
                clock,
                caregivers=wishes.caregivers,
                tension_cue=wishes.tension_cue,
            )
            heed(outbox, desk, wishes.mode, wishes.say)
            vigil = Vigil(
                *(sensor_id, boot_id, clock), session=wishes.session, alerter=wishes.alerter, say=wishes.say
            )
            publisher.start()
            try:
                state = MonitorState(sensor_id, boot_id, clock.wall(), synthetic=wishes.synthetic)
                watch = Watch(self._door, publisher, desk, vigil, state, wishes, clock)
                on_ready()
                while not stop.is_set() and not self._door.finished:
                    for item in self._door.read(READ_S):
                        watch.take(item)
                    watch.tick()
                watch.end()
                if stop.is_set():
                    # A board that hears nothing more for a minute calls for help, unless it was told to rest.
                    self._door.send(Keepalive(watching=False))
                vigil.end()
            finally:
                publisher.close()


def _announcement(sensor_id: str, is_shown: bool | None) -> Announcement | None:  # noqa: FBT001 - a setting
    return None if is_shown is None else Announcement(sensor_id, is_shown=is_shown)


def _stored_alarms(outbox: Outbox, sensor_id: str, wishes: Wishes, clock: Clock) -> AlarmEngine:
    """Return the alarms as the last run left them; a disk that does not give them must not keep us from watching."""
    at, boot_id = Moment(clock.mono_s(), clock.wall()), host_boot_id()
    schedule = Schedule(wishes.arm_at, zone=None)
    try:
        return store.load(outbox, sensor_id, wishes.mode, at, boot_id=boot_id, schedule=schedule)
    except DurableFileError as error:
        _log.error("%s", error)
        unknown = f"Which alarms stood before this start is not known: {error}. Look whether help is needed."
        return AlarmEngine(sensor_id, wishes.mode, at, boot_id=boot_id, schedule=schedule, trouble=unknown)
