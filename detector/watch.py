"""One run of a monitor: what is done with each item of the source, and at each turn of the loop."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from detector.buzzer import REPORTED_WITHIN_S, Buzzer
from detector.monitor_state import Code, MonitorState, TechnicalCondition
from detector.publisher import Publisher
from detector.recorded_night import RecordedNight
from detector.source_door import SourceDoor
from detector.standing import Standing
from detector.time_faults import TimeFaults
from detector.types import Contraction, DetectorItem, Levels, SignalQuality
from detector.wishes import Wishes
from firmware_bridge.clock import Clock, host_slept_s
from firmware_bridge.samples import Gap, LinkState, Mark, SampleBlock, SensorInfo, SensorStatus, StreamItem
from firmware_bridge.time_watch import SleepWatch

MS_PER_S = 1000
# However fast the clock, a board and the host's read may take so many seconds of life to report a cue.
_LEAST_REPORTED_S = 0.1


class Watch:
    """What a run holds: the recording under way, how things stand, and whom to tell.

    Args:
        door: Where cues go.
        publisher: Where verdicts and the state go.
        state: How things stand before anything is known.
        wishes: Where it records, and how it judges.
        clock: Shared with the other processes.
    """

    def __init__(
        self, door: SourceDoor, publisher: Publisher, state: MonitorState, wishes: Wishes, clock: Clock
    ) -> None:
        self._door = door
        self._publisher = publisher
        self._wishes = wishes
        self._clock = clock
        self._standing = Standing(state, clock.mono_s())
        self._buzzer = Buzzer(state.mode, clock.at_least(REPORTED_WITHIN_S, real_s=_LEAST_REPORTED_S))
        self._time = TimeFaults(clock.mono_s(), clock.wall())
        self._sleep = SleepWatch(host_slept_s())
        self._restarts = 0
        self._quality: dict[int, SignalQuality] = {}
        self._said: set[str] = set()
        self._standing_codes: frozenset[Code] = frozenset()
        # None until the sensor has said who it is.
        self._night: RecordedNight | None = None

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
            case Mark(kind="cue"):
                self._buzzer.heard(item)
            case SampleBlock() | Gap():
                self._standing.data(item, self._clock.mono_s())
            case _:
                pass
        self._feed(item)

    def _feed(self, item: StreamItem) -> None:
        if self._night is not None:
            self._tell(self._night.feed(item))

    def _change_sensor(self, info: SensorInfo) -> None:
        """Go on in a recording of its own where samples mean something else; their axis begins at 0."""
        if self._night is not None:
            if self._night.info.same_signal(info):
                return
            self.end()
        self._night = RecordedNight(info, self._wishes.nights, self._wishes.settings, self._clock)
        self._note_recording(self._night)

    def _note_recording(self, night: RecordedNight) -> None:
        self._standing.sensor(night.info, recording=night.path, recording_id=night.pipeline.recording_id)

    def end(self) -> None:
        """Close the recording; what was open in it ends."""
        if self._night is not None:
            self._tell(self._night.close())
        self._tell_state()

    # Verdicts out.

    def _tell(self, results: Iterable[DetectorItem]) -> None:
        assert self._night is not None
        for result in results:
            match result:
                case Contraction():
                    self._tell_contraction(result, self._night)
                case SignalQuality():
                    self._quality[result.channel] = result
                    self._standing.quality(result, self._night.info.emg_rate_hz, self._clock.mono_s())
                case Levels():
                    self._publisher.levels(result, tuple(self._quality.values()), self._night.stream)

    def _tell_contraction(self, event: Contraction, night: RecordedNight) -> None:
        stream = night.stream
        self._publisher.event(event, stream)
        # On disk before anybody feels it.
        self._buzz(event, night)
        self._standing.contraction(event, stream.wall_at)
        self._tell_state()
        if event.alert != "none" and event.id not in self._said:
            self._said.add(event.id)
            self._wishes.say(
                f"{stream.wall_at(event.onset_index):%X}  {event.alert.replace('_', '-')}: {event.reason}"
            )

    def _buzz(self, event: Contraction, night: RecordedNight) -> None:
        cue = self._buzzer.wanted(event)
        if cue is not None:
            self._door.send(cue)
            self._buzzer.sent(cue, night.end_index, self._clock.mono_s())

    def _tell_state(self) -> None:
        state = self._standing.judged(
            now_s=self._clock.mono_s(), at=self._clock.wall(), faults=self._faults()
        )
        conditions = {
            condition.code: condition for condition in (*self._publisher.conditions(), *state.conditions)
        }
        counters = {**self._door.counters, **self._buzzer.counters, **self._publisher.counters}
        self._publisher.publish_state(
            replace(state, conditions=tuple(conditions.values()), counters=counters)
        )
        self._say_conditions(conditions)

    def _faults(self) -> Mapping[Code, str]:
        """Return what stands in the way besides the signal itself, as sentences."""
        faults = dict(self._time.standing(self._clock.mono_s()))
        if self._night is not None and self._night.pipeline.fault is not None:
            faults["STORAGE"] = f"Nothing is recorded: {self._night.pipeline.fault}."
        if self._buzzer.trouble:
            faults["LINK_DOWN"] = self._buzzer.trouble
        return faults

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
        self._look_at_the_clocks()
        self._look_after_cues()
        good_s = self._standing.last_good_s
        age_ms = None if good_s is None else round((self._clock.mono_s() - good_s) * MS_PER_S)
        self._publisher.heartbeat(age_ms)
        self._tell_state()
        self._publisher.pump()
        # Never in a contraction.
        if self._night is not None and self._standing.state.now is None and self._night.wants_new():
            self.end()
            self._night.renew()
            self._note_recording(self._night)

    def _look_at_the_clocks(self) -> None:
        now_s, counters = self._clock.mono_s(), self._door.counters
        slept_s = self._sleep.woken(host_slept_s())
        if slept_s:
            self._time.slept(slept_s, now_s)
            self._note(f"the computer slept for {slept_s:.0f} s")
        step = self._time.wall_step(now_s, self._clock.wall())
        if step:
            self._note(step)
        self._time.board(counters, now_s)
        restarts = counters.get("restarts", 0)
        if restarts > self._restarts:
            self._note("the sensor has started anew")
        self._restarts = restarts

    def _note(self, text: str) -> None:
        """Put a remark into the recording."""
        if self._night is not None:
            self._tell(self._night.note(text))

    def _look_after_cues(self) -> None:
        self._buzzer.answered(self._door.counters)
        for mark in self._buzzer.unreported(self._clock.mono_s()):
            self._feed(mark)
