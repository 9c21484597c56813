"""The run loop of one sensor: samples in; recorded, judged, and told to the world.

The loop never waits for the broker: what it says goes through the outbox and the publisher's own thread.
"""

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from detector.broker_address import BrokerAddress
from detector.messages import Stream
from detector.monitor_state import Code, MonitorState, TechnicalCondition
from detector.outbox import Outbox
from detector.publisher import Publisher
from detector.recorded_pipeline import RECORD_AGAIN_S, RecordedPipeline, night_date
from detector.settings import DetectorSettings
from detector.standing import Standing
from detector.topics import Topics
from detector.types import Contraction, DetectorItem, Levels, SignalQuality
from firmware_bridge.clock import Clock
from firmware_bridge.frames import Keepalive
from firmware_bridge.samples import Gap, LinkState, Mark, SampleBlock, SensorInfo, SensorStatus, StreamItem
from firmware_bridge.sources import Source

# How long a read may wait for samples, in seconds of life; heartbeats wait no longer than this.
READ_S = 0.1
MS_PER_S = 1000


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a monitor is asked to do.

    Attributes:
        nights: Folder of recordings.
        outboxes: Folder of the outboxes, one file a sensor.
        settings: Of the detector.
        synthetic: The sensor is a simulated wearer; pages say so.
        say: Given a line for a person at each verdict, and when something technical stands in the way or is over.
    """

    nights: Path
    outboxes: Path
    settings: DetectorSettings = field(default_factory=DetectorSettings)
    synthetic: bool = False
    say: Callable[[str], None] = lambda _line: None


class Monitor:
    """Watches one sensor.

    Args:
        source: Where the samples come from; opened by `run`.
        broker: Where messages go.
        wishes: Where it records, and how it judges.
        clock: Shared with the other processes.
    """

    def __init__(self, source: Source, broker: BrokerAddress, wishes: Wishes, clock: Clock) -> None:
        self._source = source
        self._broker = broker
        self._wishes = wishes
        self._clock = clock

    def run(self, stop: threading.Event, on_ready: Callable[[], None] = lambda: None) -> None:
        """Watch until told to stop or the source has ended.

        Raises:
            SourceError: the sensor cannot be reached at the start.
            DurableFileError: the outbox cannot be opened.
        """
        info = self._source.open()
        boot_id = secrets.token_hex(4)
        with Outbox(self._wishes.outboxes / f"{info.sensor_id}.sqlite") as outbox:
            publisher = Publisher(self._broker, Topics(info.sensor_id), outbox, self._clock, boot_id=boot_id)
            publisher.start()
            try:
                state = MonitorState(
                    info.sensor_id, boot_id, self._clock.wall(), synthetic=self._wishes.synthetic
                )
                watch = _Watch(info, publisher, state, self._wishes, self._clock)
                on_ready()
                while not stop.is_set() and not self._source.finished:
                    for item in self._source.read(READ_S):
                        watch.take(item)
                    watch.tick()
                watch.end()
                if stop.is_set():
                    # A board that hears nothing more for a minute calls for help, unless it was told to rest.
                    self._source.send(Keepalive(watching=False))
            finally:
                self._source.close()
                publisher.close()


class _Watch:
    """What a run holds: the recording under way, how things stand, and whom to tell."""

    def __init__(
        self, info: SensorInfo, publisher: Publisher, state: MonitorState, wishes: Wishes, clock: Clock
    ) -> None:
        self._info = info
        self._publisher = publisher
        self._wishes = wishes
        self._clock = clock
        self._standing = Standing(state, clock.mono_s())
        self._quality: dict[int, SignalQuality] = {}
        self._said: set[str] = set()
        self._standing_codes: frozenset[Code] = frozenset()
        self._end_index = 0
        # A sample index of the source and the wall-clock time it was taken at.
        self._anchor = (0, clock.wall())
        self._pipeline = self._begin(origin=0)

    # Samples in.

    def take(self, item: StreamItem) -> None:
        """Take the next item of the source."""
        match item:
            case SensorInfo():
                self._change_sensor(item)
                return
            case LinkState():
                self._standing.link(item)
            case SensorStatus():
                self._standing.status(item)
            case Mark(kind="clock"):
                self._note_time(item)
            case SampleBlock() | Gap():
                self._standing.data(self._clock.mono_s())
                self._end_index = item.end_index
        for result in self._pipeline.feed(item):
            self._tell(result)

    def _change_sensor(self, info: SensorInfo) -> None:
        """Go on in a recording of its own where samples mean something else; their axis begins at 0."""
        if self._info.same_signal(info):
            return
        self.end()
        self._info, self._end_index, self._anchor = info, 0, (0, self._clock.wall())
        self._pipeline = self._begin(origin=0)

    def _note_time(self, mark: Mark) -> None:
        when, *_ = mark.text.split()
        self._anchor = (mark.index, datetime.fromisoformat(when))

    def _begin(self, *, origin: int) -> RecordedPipeline:
        pipeline = RecordedPipeline(
            self._info,
            self._wishes.nights,
            origin=origin,
            when=self._wall_at(origin),
            settings=self._wishes.settings,
        )
        path = str(pipeline.path) if pipeline.path else None
        self._standing.sensor(self._info, recording=path, recording_id=pipeline.recording_id)
        self._begun_s = self._clock.mono_s()
        return pipeline

    def end(self) -> None:
        """Close the recording; what was open in it ends."""
        for result in self._pipeline.close():
            self._tell(result)
        self._tell_state()

    # Verdicts out.

    def _tell(self, result: DetectorItem) -> None:
        match result:
            case Contraction():
                self._tell_contraction(result)
            case SignalQuality():
                self._quality[result.channel] = result
                self._standing.quality(result, self._info.emg_rate_hz, self._clock.mono_s())
            case Levels():
                self._publisher.levels(result, tuple(self._quality.values()), self._stream())

    def _tell_contraction(self, event: Contraction) -> None:
        stream = self._stream()
        self._publisher.event(event, stream)
        self._standing.contraction(event, stream.wall_at)
        self._tell_state()
        if event.alert != "none" and event.id not in self._said:
            self._said.add(event.id)
            self._wishes.say(
                f"{stream.wall_at(event.onset_index):%X}  {event.alert.replace('_', '-')}: {event.reason}"
            )

    def _stream(self) -> Stream:
        origin = self._pipeline.origin
        return Stream(self._info, self._pipeline.recording_id, lambda index: self._wall_at(index + origin))

    def _wall_at(self, index: int) -> datetime:
        at, when = self._anchor
        return when + timedelta(seconds=(index - at) / self._info.emg_rate_hz)

    def _tell_state(self) -> None:
        now_s = self._clock.mono_s()
        state = self._standing.judged(now_s=now_s, at=self._clock.wall(), storage_fault=self._pipeline.fault)
        conditions = {
            condition.code: condition for condition in (*self._publisher.conditions(), *state.conditions)
        }
        self._publisher.publish_state(
            replace(state, conditions=tuple(conditions.values()), counters=self._publisher.counters)
        )
        self._say_conditions(conditions)

    def _say_conditions(self, conditions: Mapping[Code, TechnicalCondition]) -> None:
        """Tell the person at the terminal, whom no page may reach."""
        for code in conditions.keys() - self._standing_codes:
            self._wishes.say(f"{self._clock.wall():%X}  {code}: {conditions[code].text}")
        for code in self._standing_codes - conditions.keys():
            self._wishes.say(f"{self._clock.wall():%X}  {code}: over")
        self._standing_codes = frozenset(conditions)

    # Time.

    def tick(self) -> None:
        """Do what is due."""
        good_s = self._standing.last_good_s
        age_ms = None if good_s is None else round((self._clock.mono_s() - good_s) * MS_PER_S)
        self._publisher.heartbeat(age_ms)
        self._tell_state()
        self._publisher.pump()
        if self._wants_new_recording():
            self.end()
            self._pipeline = self._begin(origin=self._end_index)

    def _wants_new_recording(self) -> bool:
        """Tell whether a new recording is due.

        At noon a new night begins, and where no file could be made one may be by now; never in a contraction.
        """
        if self._standing.state.now is not None:
            return False
        unrecorded_s = 0.0 if self._pipeline.path else self._clock.mono_s() - self._begun_s
        return (
            unrecorded_s >= RECORD_AGAIN_S
            or night_date(self._wall_at(self._end_index)) != self._pipeline.night
        )
