"""Recordings pushed through a real broker by the monitor itself, in their own time: whoever listens hears that night.

    ReplayError    another monitor speaks for the sensor, or the broker cannot be reached

What goes out is what the monitor of a worn sensor says: state, heartbeat, events, alarms (only counted: mode observe),
levels and waveform, marked as synthetic since nobody wears it now. Its recording and outbox are kept nowhere, and what
the broker would go on showing is taken back at the end.
"""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from crampwatch.broker_choice import own_addresses, private_broker
from crampwatch.errors import complain
from crampwatch.plan import load_plan
from crampwatch.replay.one import Job, Outcome, replay_one, why_not
from crampwatch.replay.progress import Bars
from crampwatch.replay.request import Broker, ReplayError
from crampwatch.replay.runners import Runner
from crampwatch.replay.source import RecordedSource
from crampwatch.session_lock import is_in_use, only_monitor
from crampwatch.settings import load_settings, private_folder
from detector.broker_address import BrokerAddress
from detector.monitor import Monitor, Wishes
from detector.mqtt_link import MqttLink, Publication
from detector.topics import DELIVERY, Name, Topics
from firmware_bridge.clock import Clock
from firmware_bridge.source_contract import Source

# How long a broker may take to let us in, and to say what it keeps, s.
ANSWER_S, KEPT_S = 10.0, 0.5
LOOK_S = 0.05
# How often the bar is moved, s.
SHOW_S = 0.2
# What a monitor leaves at the broker for whoever comes.
KEPT: tuple[Name, Name] = ("state", "availability")


def through_broker(broker: Broker) -> Runner:
    """Return what plays each recording through the broker, then replays it for the table."""

    def run(jobs: Sequence[Job], bars: Bars) -> Iterator[Outcome]:
        settings = load_settings(broker.settings)
        folder = private_folder(broker.folder or settings.data_folder())
        with _door(broker, folder) as door:
            complain(f"the broker is at {door.speaking}; topics crampwatch/1/SENSOR/…")
            for job in jobs:
                yield _played(job, door, folder, partial(bars.at, job.number))

    return run


class Door(NamedTuple):
    """A broker, with the login of a monitor and with one that may hear whether there is another."""

    speaking: BrokerAddress
    hearing: BrokerAddress


@contextmanager
def _door(broker: Broker, folder: Path) -> Iterator[Door]:
    """Give the broker of the settings; of the session that runs in the folder; or the private one, for so long."""
    settings = load_settings(broker.settings).broker
    if own := own_addresses(settings):
        yield Door(own["monitor"], own["dashboard"])
    elif is_in_use(folder):
        plan = load_plan(folder / "run" / "session.json")
        yield Door(plan.broker_of("monitor"), plan.broker_of("dashboard"))
    else:
        with private_broker(settings, private_folder(folder / "broker")) as private:
            complain(f"a private broker was started for this; logins in {private.login_file}")
            yield Door(private.address_of("monitor"), private.address_of("dashboard"))


def _played(job: Job, door: Door, folder: Path, on_progress: Callable[[float], None]) -> Outcome:
    try:
        _push(job, door, folder, on_progress)
    # One recording must not take the others with it, whatever is in it.
    except Exception as error:  # noqa: BLE001
        return Outcome(job.number, job.path, error=why_not(job, error))
    return replay_one(job.unpaced())


def _push(job: Job, door: Door, folder: Path, on_progress: Callable[[float], None]) -> None:
    recording = job.how.channels.open(job.path)
    first, stop = job.how.span.within(recording)
    sensor_id = recording.info.sensor_id
    clock = Clock(rate=job.how.pace)
    with (
        only_monitor(folder / "outbox", sensor_id),
        tempfile.TemporaryDirectory(prefix="crampwatch-") as kept,
    ):
        _refuse_another(door.hearing, sensor_id)
        source = RecordedSource(recording, first, stop, clock)

        def make() -> Source:
            return source

        over = threading.Event()
        shower = threading.Thread(target=_show, args=(source, over, on_progress), daemon=True)
        shower.start()
        wishes = Wishes(Path(kept) / "nights", Path(kept) / "outbox", sensor_id=sensor_id, synthetic=True)
        try:
            Monitor(make, door.speaking, wishes, clock).run(threading.Event())
        finally:
            over.set()
            shower.join()
            _take_back(door.speaking, sensor_id)


def _show(source: RecordedSource, over: threading.Event, on_progress: Callable[[float], None]) -> None:
    while not over.wait(SHOW_S):
        on_progress(source.share)


def _refuse_another(address: BrokerAddress, sensor_id: str) -> None:
    """Refuse a sensor that a monitor watches now, on this computer or another.

    Raises:
        ReplayError: there is one, or the broker does not let us in.
    """
    topic = Topics(sensor_id).of("availability")
    with _link(address, sensor_id, topic) as link:
        ends_s = time.monotonic() + KEPT_S
        while time.monotonic() < ends_s:
            if any(received.payload == b"online" for received in link.take_received()):
                raise ReplayError(
                    f"--mqtt: a monitor watches the sensor {sensor_id} on {address} now; stop it first, "
                    "or replay a recording of another sensor"
                )
            time.sleep(LOOK_S)


def _take_back(address: BrokerAddress, sensor_id: str) -> None:
    """Take back what the broker keeps: nobody watches that sensor any more."""
    topics = Topics(sensor_id)
    with _link(address, sensor_id) as link:
        first, last = (Publication(topics.of(name), b"", *DELIVERY[name]) for name in KEPT)
        link.publish(first)
        # Answered for, and with it the one before.
        link.close(last)


@contextmanager
def _link(address: BrokerAddress, sensor_id: str, *subscriptions: str) -> Iterator[MqttLink]:
    link = MqttLink(address, f"crampwatch-replay-{sensor_id}", [(topic, 1) for topic in subscriptions])
    link.start()
    try:
        ends_s = time.monotonic() + ANSWER_S
        while not link.connected:
            if time.monotonic() >= ends_s:
                raise ReplayError(
                    f"--mqtt: {link.trouble}; start the broker, or name another in the settings"
                )
            link.check()
            time.sleep(LOOK_S)
        yield link
    finally:
        link.close()
