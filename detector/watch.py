"""One run of a monitor: what is done with each item of the source, and at each turn of the loop."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace

from detector.alarm_desk import AlarmDesk, public
from detector.alarms.values import AlarmCode, Change, RefusedActError
from detector.buzzer import REPORTED_WITHIN_S, Buzzer
from detector.commands import Command
from detector.host_battery import HostBattery
from detector.messages import Stream
from detector.model_at_hand import model_at_hand
from detector.monitor_state import MonitorState
from detector.other_limbs import OtherLimbs
from detector.personal_fit import PersonalFitError, fitted_settings
from detector.publisher import Publisher
from detector.recorded_night import RecordedNight
from detector.reserve import Reserve
from detector.settings import DetectorSettings
from detector.sign_of_life import host_boot_id
from detector.source_door import SourceDoor
from detector.standing import QUIET_S, Standing
from detector.time_faults import TimeFaults
from detector.troubles import Troubles
from detector.types import Contraction, DetectorItem, Levels, SignalQuality
from detector.vigil import Vigil
from detector.wishes import Wishes
from firmware_bridge.clock import Clock, host_slept_s
from firmware_bridge.samples import Gap, LinkState, Mark, SampleBlock, SensorInfo, SensorStatus, StreamItem
from firmware_bridge.time_watch import SleepWatch

_log = logging.getLogger(__name__)

MS_PER_S = 1000
# However fast the clock, a board and the host's read may take so many seconds of life to report a cue, and samples
# may stay away for so long before that is a silence.
_LEAST_REPORTED_S, _LEAST_QUIET_S = 0.1, 0.5


class Watch:
    """What a run holds: the recording under way, how things stand, the alarms, and whom to tell.

    Args:
        door: Where cues go.
        publisher: Where verdicts, alarms and the state go.
        desk: The alarms.
        vigil: Signs of life.
        state: How things stand before anything is known.
        wishes: Where it records, and how it judges.
        clock: Shared with the other processes.
    """

    def __init__(
        self,
        door: SourceDoor,
        publisher: Publisher,
        desk: AlarmDesk,
        vigil: Vigil,
        state: MonitorState,
        wishes: Wishes,
        clock: Clock,
    ) -> None:
        self._door = door
        self._publisher = publisher
        self._desk = desk
        self._vigil = vigil
        self._wishes = wishes
        self._clock = clock
        quiet_s = clock.at_least(QUIET_S, real_s=_LEAST_QUIET_S)
        self._standing = Standing(state, clock.mono_s(), quiet_s)
        self._buzzer = Buzzer(clock.at_least(REPORTED_WITHIN_S, real_s=_LEAST_REPORTED_S))
        self._time = TimeFaults(clock.mono_s(), clock.wall())
        self._sleep = SleepWatch(host_slept_s())
        self._model = model_at_hand()
        self._troubles = Troubles(
            *(publisher, self._time, self._buzzer, vigil, HostBattery()),
            Reserve(wishes.outboxes / f"{state.sensor_id}.reserve"),
            self._model.trouble,
            settings=wishes.settings_trouble,
        )
        self._others = OtherLimbs(wishes.outboxes, state.sensor_id, clock, host_boot_id())
        self._restarts = self._refused = 0
        self._quality: dict[int, SignalQuality] = {}
        self._said: set[str] = set()
        self._standing_codes: frozenset[AlarmCode] = frozenset()
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
            case Mark(kind="button short" | "button long"):
                self._commit((), self._desk.press(long=item.kind == "button long"))
            case SampleBlock() | Gap():
                self._standing.data(item, self._clock.mono_s())
            case _:
                pass
        self._feed(item)

    def _feed(self, item: StreamItem) -> None:
        if self._night is None:
            return
        self._tell(self._night.feed(item))
        if isinstance(item, SampleBlock):
            night = self._night
            self._publisher.wave(item, origin=night.pipeline.origin, wall_at=night.wall_at)

    def _change_sensor(self, info: SensorInfo) -> None:
        """Go on in a recording of its own where samples mean something else; their axis begins at 0."""
        if self._night is not None:
            if self._night.info.same_signal(info):
                return
            self.end()
        settings = self._settings_for(info.sensor_id)
        self._night = RecordedNight(
            info, self._wishes.nights, settings, self._clock, classifier=self._model.classifier
        )
        self._note_recording(self._night)

    def _settings_for(self, sensor_id: str) -> DetectorSettings:
        """Return the settings with the wearer's own limits; a fit that cannot be read must not cost the night."""
        if self._wishes.fits is None:
            return self._wishes.settings
        try:
            fitted = fitted_settings(self._wishes.fits, sensor_id, self._wishes.settings)
        except PersonalFitError as error:
            self._troubles.limits = f"{error}; the usual limits hold until then"
            return self._wishes.settings
        self._troubles.limits = ""
        return fitted

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
                    self._tell_contraction(result, self._night.stream)
                case SignalQuality():
                    self._quality[result.channel] = result
                    self._standing.quality(result, self._night.info.emg_rate_hz, self._clock.mono_s())
                case Levels():
                    self._publisher.levels(result, tuple(self._quality.values()), self._night.stream)

    def _tell_contraction(self, event: Contraction, stream: Stream) -> None:
        self._standing.contraction(event, stream.wall_at, self._clock.mono_s())
        self._commit(((event, stream),), self._observe())
        self._tell_state()
        if event.alert != "none" and event.id not in self._said:
            self._said.add(event.id)
            self._wishes.say(
                f"{stream.wall_at(event.onset_index):%X}  {event.alert.replace('_', '-')}: {event.reason}"
            )

    def _commit(self, events: Sequence[tuple[Contraction, Stream]], changes: Sequence[Change]) -> None:
        """Store what has happened and the alarms that it has changed, all or none; only then let anybody feel it."""
        if events or changes or self._desk.is_due:
            self._publisher.commit(events, public(changes), self._desk.rows(changes))
        self._buzz()

    def _obey(self, command: Command) -> None:
        """Do what somebody asked for; what is not possible now is said, with the reason."""
        act = command.act
        if act is None:
            return
        try:
            changes = self._desk.act(act)
        except RefusedActError as refusal:
            self._refused += 1
            _log.warning("%s of %s (%s): %s", command.name, command.who, command.role, refusal)
            self._wishes.say(f"{self._clock.wall():%X}  {command.who}: {refusal}")
            self._publisher.answer(command, str(refusal))
            return
        self._commit((), changes)
        self._publisher.answer(command)
        self._tell_state()

    def _buzz(self) -> None:
        now_s = self._clock.mono_s()
        cue = self._buzzer.due(self._desk.signals, now_s)
        if cue is not None:
            self._door.send(cue)
            self._buzzer.sent(cue, self._night.end_index if self._night else 0, now_s)

    # Conditions.

    def _observe(self) -> list[Change]:
        """Show the alarm engine how everything stands; return what that changed."""
        now_s = self._clock.mono_s()
        unrecorded = self._night.pipeline.fault if self._night else None
        observed = self._standing.observed(now_s) | self._troubles.observed(now_s, unrecorded)
        return self._desk.observe(observed, signal_lost=self._standing.signal_lost(now_s))

    def _tell_state(self) -> None:
        state = self._desk.view(self._standing.view(self._clock.mono_s()))
        refused = {"acts_refused": self._refused}
        counters = {
            **self._door.counters,
            **self._buzzer.counters,
            **refused,
            **self._publisher.counters,
        }
        self._publisher.publish_state(replace(state, counters=counters))
        self._say_conditions(state)

    def _say_conditions(self, state: MonitorState) -> None:
        """Tell the person at the terminal, whom no page may reach."""
        conditions = {condition.code: condition for condition in state.conditions}
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
        for command in self._publisher.commands():
            self._obey(command)
        for act in self._others.answers(self._desk.engine.raised, self._desk.at):
            self._commit((), self._desk.act(act))
        self._commit((), [*self._observe(), *self._vigil.self_test(self._desk, self._standing.good_run_s)])
        good_s = self._standing.last_good_s
        age_ms = None if good_s is None else round((self._clock.mono_s() - good_s) * MS_PER_S)
        self._vigil.beat(self._desk, age_ms)
        self._publisher.heartbeat(age_ms)
        self._tell_state()
        self._publisher.pump()
        # Never in a contraction.
        if self._night is not None and self._standing.state.now is None and self._night.wants_new():
            self.end()
            self._night.renew()
            self._note_recording(self._night)

    def _look_at_the_clocks(self) -> None:
        counters = self._door.counters
        slept_s = self._sleep.woken(host_slept_s())
        if slept_s:
            self._time.slept(slept_s)
            self._note(f"the computer slept for {slept_s:.0f} s")
        step = self._time.wall_step(self._clock.mono_s(), self._clock.wall())
        if step:
            self._note(step)
        self._time.board(counters)
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
