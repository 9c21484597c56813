"""Any night at all: every thing that can happen to an alarm engine, and what must be true after each (I1 to I12).

Beside the engine runs a twin that is told of the body alone, never of a technical fault: the two must agree about the
body at every moment (I1, I2). And every stage is kept a second time, from the log alone (I12).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import time, timedelta

from detector.alarms.conditions import CONDITIONS, MAX_PAUSE_S
from detector.alarms.engine import AlarmEngine
from detector.alarms.machines import Key
from detector.alarms.schedule import Schedule
from detector.alarms.signals import signals
from detector.alarms.transitions import TRANSITIONS
from detector.alarms.values import (
    RANK,
    Act,
    AlarmChange,
    Change,
    Mode,
    Moment,
    Observation,
    Occurrence,
    Priority,
    RefusedActError,
    SystemChange,
)
from tests.detector.alarms.alarm_world import EVENING, SENSOR

ARM_AT = time(22, 30)
SCHEDULE = Schedule((ARM_AT,))
ARROWS = {(stage, now) for (stage, _), now in TRANSITIONS.items()}
KEYS: tuple[Key, ...] = (
    *((code, "") for code in CONDITIONS if code not in {"HELP", "BATTERY"}),
    ("BATTERY", "sensor"),
    ("BATTERY", "host"),
)
SILENT = {"paused": MAX_PAUSE_S, "snoozed": 1800.0, "acked": 1800.0}
SLACK_S = 1e-6
# What may be snoozed once only, and for how long it must then be over.
ONCE = ("NO_DATA", "DETECTOR_DOWN")
OVER_S = 5.0


class AnyNight:
    """The engine, its twin, and what is known of both."""

    def __init__(self, mode: Mode) -> None:
        self.mono_s, self.wall, self.boot = 1000.0, EVENING, 1
        self.engine = AlarmEngine(SENSOR, mode, self.now, boot_id="boot-1", schedule=SCHEDULE)
        self.twin = AlarmEngine(SENSOR, mode, self.now, boot_id="boot-1", schedule=SCHEDULE)
        self.holding: dict[Key, Observation] = {}
        self.signal_lost = False
        self.stages: dict[str, str] = {}
        self.revisions: dict[str, int] = {}
        self.ids: set[str] = set()
        self.answered: set[str] = set()
        self.over_since: dict[str, float] = {}
        self.arrows: set[tuple[str, str]] = set()
        self.events = 0

    @property
    def now(self) -> Moment:
        return Moment(self.mono_s, self.wall)

    # What happens.

    def begins(
        self, key: Key, priority: Priority | None = None, since_s: float = 0.0, told_s: float = 0.0
    ) -> None:
        self.events += 1
        seen = Observation("it holds", self.mono_s - since_s, priority, f"e.{self.events}", None)
        self.holding[key] = replace(seen, told_s=self.mono_s - told_s if told_s else None)
        self.observed()

    def ends(self, key: Key) -> None:
        self.holding.pop(key, None)
        self.observed()

    def signal(self, *, lost: bool) -> None:
        self.signal_lost = lost
        self.observed()

    def passes(self, seconds: float, *, looking: bool) -> None:
        self.mono_s += seconds
        self.wall += timedelta(seconds=seconds)
        if looking:
            self.observed()
        else:
            self._both(lambda engine: engine.tick(self.now))

    def clock_is_set(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.observed()

    def observed(self) -> None:
        lost = self.signal_lost
        for code in ONCE:
            if (code, "") in self.holding:
                self.over_since.pop(code, None)
            else:
                self.over_since.setdefault(code, self.mono_s)
        of_body = {key: seen for key, seen in self.holding.items() if CONDITIONS[key[0]].region == "physio"}
        self._take(self.engine.conditions(self.holding, self.now, signal_lost=lost))
        self._take_twin(self.twin.conditions(of_body, self.now, signal_lost=lost))

    def acts(self, act: Act, target: Occurrence | None = None) -> None:
        """Do it on both; the twin has other ids, and never hears of a technical alarm."""
        before = {item.id: item for item in self.engine.occurrences}
        try:
            changes = self.engine.act(act, self.now)
        except RefusedActError:
            # What time brought meanwhile is told with the next call.
            changes = self.engine.tick(self.now)
            assert all(change.who == "engine" for change in changes), "a refused act changed something"
        self._take(changes)
        if act.occurrence_id is not None:
            self._only_named_is_answered(before, act.occurrence_id, changes)
        if target is None or CONDITIONS[target.code].region == "physio":
            self._act_on_twin(act, target)
        else:
            self._take_twin(self.twin.tick(self.now))

    def pressed(self, *, long: bool) -> None:
        before = {item.id: item for item in self.engine.occurrences}
        changes = self.engine.press(long=long, at=self.now)
        answered = [item for item in changes if isinstance(item, AlarmChange) and item.who == "sleeper"]
        assert len(answered) <= 1
        assert all(item.occurrence.code != "HELP" for item in answered)
        self._take(changes)
        if long:
            self._take_twin(self.twin.press(long=True, at=self.now))
        elif answered:
            target = before.get(answered[0].occurrence.id, answered[0].occurrence)
            if CONDITIONS[target.code].region == "physio":
                self._act_on_twin(Act("ack", "sleeper", role="sensor", place="button"), target)

    def restarts(self, off_s: float, *, rebooted: bool) -> None:
        """Stop and start, through the text that a store would hold."""
        saved, saved_twin = json.dumps(self.engine.snapshot()), json.dumps(self.twin.snapshot())
        copy = AlarmEngine.restored(
            json.loads(saved), self.now, f"boot-{self.boot}", schedule=SCHEDULE, restarted=False
        )
        assert json.dumps(copy.snapshot()) == saved
        self.wall += timedelta(seconds=off_s)
        self.mono_s = off_s if rebooted else self.mono_s + off_s
        self.boot += rebooted
        boot = f"boot-{self.boot}"
        self.engine = AlarmEngine.restored(json.loads(saved), self.now, boot, schedule=SCHEDULE)
        self.twin = AlarmEngine.restored(json.loads(saved_twin), self.now, boot, schedule=SCHEDULE)
        self.holding = {}
        self.answered, self.over_since = set(), {}
        self._both(lambda engine: engine.tick(self.now))

    # What must be true.

    def check(self) -> None:
        """Check what must be true of any state."""
        for code, since_s in self.over_since.items():
            if self.mono_s - since_s >= OVER_S - SLACK_S:
                self.answered.discard(code)
        self._log_tells_all()
        self._silence_ends()
        self._signals_follow_from_state()
        body = self._body(self.engine)
        assert body == self._body(self.twin), "a technical alarm touched the body's (I1, I2)"

    def _body(self, engine: AlarmEngine) -> set[tuple[object, ...]]:
        return {
            (
                item.code,
                item.key,
                item.stage,
                item.priority,
                item.unconfirmed,
                item.stale,
                item.call,
                item.acked_by,
            )
            for item in engine.occurrences
            if CONDITIONS[item.code].region == "physio"
        }

    def _log_tells_all(self) -> None:
        """I12: whoever reads the log alone knows every stage."""
        standing = {item.id: item.stage for item in self.engine.occurrences}
        assert standing == {name: stage for name, stage in self.stages.items() if stage != "closed"}

    def _silence_ends(self) -> None:
        """I5, I6: every silence on request has an end, and nobody can make it longer than allowed."""
        for item in self.engine.occurrences:
            # Most answers hold until the condition is over; those to what says that nobody watches do not.
            if item.stage in SILENT and (item.stage != "acked" or item.code in ONCE):
                assert item.until is not None
                assert 0 <= item.until.mono_s - item.since.mono_s <= SILENT[item.stage] + SLACK_S
                # Past its end only while the condition seems to be ending: it then closes, or sounds.
                ending = (item.code, item.key) not in self.holding
                assert item.until.mono_s > self.mono_s - SLACK_S or ending
        until = self.engine.standby_until
        assert (self.engine.system == "standby") == (until is not None)
        if until is not None:
            assert until.mono_s > self.mono_s

    def _signals_follow_from_state(self) -> None:
        """I10: the same state gives the same signals, in any order of what stands; the most urgent is shown."""
        heard = self.engine.signals(self.now)
        assert heard == signals(reversed(self.engine.occurrences), self.engine.mode, self.now)
        shown = {item.id: item for item in self.engine.raised}
        if heard.occurrence_id is not None:
            assert RANK[shown[heard.occurrence_id].priority] == max(
                RANK[item.priority] for item in shown.values()
            )
        if heard.sounding_id is not None:
            assert shown[heard.sounding_id].stage == "active"

    # Within.

    def _take(self, changes: Iterable[Change]) -> None:
        for change in changes:
            if isinstance(change, SystemChange):
                self._standby_is_bounded(change)
                continue
            alarm = change.occurrence
            assert change.who
            assert change.why
            if alarm.id not in self.stages:
                assert alarm.id not in self.ids, "an id was used twice (I9)"
                assert (change.was, change.now, alarm.revision) == ("inactive", "pending", 0)
            else:
                assert self.stages[alarm.id] == change.was, "a transition was not logged (I12)"
                assert alarm.revision == self.revisions[alarm.id] + 1
            if change.was != change.now:
                assert (change.was, change.now) in ARROWS
                self.arrows.add((change.was, change.now))
            self._nothing_new_from_stale_data(change)
            self._snoozed_once(change)
            self.ids.add(alarm.id)
            self.stages[alarm.id], self.revisions[alarm.id] = change.now, alarm.revision

    def _nothing_new_from_stale_data(self, change: AlarmChange) -> None:
        """I3: nothing of the body begins to sound while nobody can tell, but what was paused goes on."""
        if self.signal_lost and change.now == "active" and change.was not in {"active", "paused"}:
            assert not CONDITIONS[change.occurrence.code].needs_signal, change

    def _snoozed_once(self, change: AlarmChange) -> None:
        """I6: NO_DATA and DETECTOR_DOWN are not snoozed twice without having been over in between."""
        code = change.occurrence.code
        if code in ONCE and change.now == "snoozed" != change.was:
            assert code not in self.answered
            self.answered.add(code)

    def _standby_is_bounded(self, change: SystemChange) -> None:
        if change.now != "standby":
            return
        until = self.engine.standby_until
        armed = SCHEDULE.next_arm(self.wall)
        assert until is None or armed is None or until.wall <= armed + timedelta(seconds=1)

    def _only_named_is_answered(
        self, before: dict[str, Occurrence], named: str, changes: Iterable[Change]
    ) -> None:
        """I4: an answer touches the occurrence that it names; everything else only time has touched."""
        for change in changes:
            if isinstance(change, AlarmChange) and change.occurrence.id != named:
                assert change.who == "engine"

    def _act_on_twin(self, act: Act, target: Occurrence | None) -> None:
        if target is not None:
            same = [
                item for item in self.twin.occurrences if (item.code, item.key) == (target.code, target.key)
            ]
            act = replace(act, occurrence_id=same[0].id if same else "nobody")
        try:
            self._take_twin(self.twin.act(act, self.now))
        except RefusedActError:
            self._take_twin(self.twin.tick(self.now))

    def _both(self, step: object) -> None:
        assert callable(step)
        self._take(step(self.engine))
        self._take_twin(step(self.twin))

    def _take_twin(self, changes: Iterable[Change]) -> None:
        assert all(
            CONDITIONS[item.occurrence.code].region == "physio"
            for item in changes
            if isinstance(item, AlarmChange)
        )
