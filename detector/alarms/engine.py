"""The alarm engine of one sensor: (state, what holds | a person's act | time) → (state, changes, signals).

Pure: every moment comes in, nothing goes out but values. One machine per condition and key; no machine sees another,
so a technical alarm can neither change nor hide a physiological one (I1, I2).

>>> from datetime import UTC, datetime
>>> at = Moment(0.0, datetime(2026, 3, 1, 22, tzinfo=UTC))
>>> engine = AlarmEngine("left-calf", "guarded", at)
>>> [change.now for change in engine.conditions({"CRAMP": Observation("Left calf tight")}, at)]
['pending', 'active']
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self

from detector.alarms import snapshots
from detector.alarms.answers import answer
from detector.alarms.conditions import CONDITIONS
from detector.alarms.machines import Holding, Machines, key_of
from detector.alarms.observing import Observed, Observing
from detector.alarms.regions import Regions
from detector.alarms.schedule import Schedule
from detector.alarms.self_test import SelfTest
from detector.alarms.signals import Signals, signals, would_have_alarmed
from detector.alarms.values import (
    RAISED,
    UNANSWERED,
    Act,
    Change,
    Mode,
    Moment,
    Observation,
    Occurrence,
    RefusedActError,
    System,
    SystemChange,
)


class AlarmEngine:
    """All alarms of one sensor.

    Args:
        sensor: Its id.
        mode: Who is woken.
        at: Now.
        boot_id: Which boot of the computer the monotonic clock belongs to.
        schedule: When watching is due to begin by itself; standby never reaches beyond that.
        trouble: What a person must know of this start; it stands as an alarm of its own until RESET.
    """

    def __init__(
        self,
        sensor: str,
        mode: Mode,
        at: Moment,
        *,
        boot_id: str = "",
        schedule: Schedule | None = None,
        trouble: str = "",
    ) -> None:
        self.sensor = sensor
        self.boot_id = boot_id
        self._regions = Regions(mode, schedule or Schedule(), watching_s=at.mono_s)
        self._machines = Machines(sensor)
        self._at = at
        self._news: list[Change] = []
        self._observing = Observing()
        if trouble:
            self._news += self._machines.of(("CONFIG", "alarm state")).holds(Observation(trouble), at)

    # What stands.

    @property
    def mode(self) -> Mode:
        """Who is woken."""
        return self._regions.mode

    @property
    def system(self) -> System:
        """What the engine is doing; there is no state "off without end"."""
        return self._regions.system

    @property
    def standby_until(self) -> Moment | None:
        """When standby ends; None outside it."""
        return self._regions.standby_until

    @property
    def self_test(self) -> SelfTest | None:
        """The newest self-test."""
        return self._regions.self_test

    @property
    def occurrences(self) -> tuple[Occurrence, ...]:
        """Every occurrence that stands, the pending ones included."""
        return self._machines.occurrences

    @property
    def raised(self) -> tuple[Occurrence, ...]:
        """Every occurrence that people are to know of."""
        return tuple(occurrence for occurrence in self.occurrences if occurrence.stage in RAISED)

    @property
    def observed(self) -> Observed:
        """How many nights were watched in the mode `observe`, and what would have alarmed in them."""
        return self._observing.observed

    @property
    def next_due_s(self) -> float | None:
        """The monotonic time of the next timer; None where none runs."""
        due = [machine.next_due_s(self._at.mono_s) for machine in self._machines]
        due.append(None if self.standby_until is None else self.standby_until.mono_s)
        return min((moment_s for moment_s in due if moment_s is not None), default=None)

    def signals(self, at: Moment, *, tension_cue: bool = False) -> Signals:
        """Return what people at the bed perceive now; derived from the state, and from a wish, alone (I10)."""
        return signals(self.occurrences, self.mode, at, tension_cue=tension_cue)

    # What happens.

    def conditions(self, observed: Holding, at: Moment, *, signal_lost: bool = False) -> list[Change]:
        """Take note of everything that holds now, and return what changed.

        Args:
            observed: Every condition that holds; one that is not in it does not. Where several of a code can stand
                at once, the key tells them apart: ``("BATTERY", "host")``.
            at: Now.
            signal_lost: Nothing usable comes from the sensor, so that nobody can tell of conditions that are seen in
                the samples: those that stand become unconfirmed, and none begins (I3).

        Raises:
            AlarmError: a code that is in no table.
        """
        at = self._forward(at)
        changes = self._timers(at)
        observing = self.mode == "observe" and self.system != "standby"
        self._observing.look(at, watching=observing and not signal_lost)
        seen = {key_of(name): observation for name, observation in observed.items()}
        for key in dict.fromkeys((*self._machines.keys, *seen)):
            machine = self._machines.of(key)
            if self.system == "standby" and not machine.condition.in_standby:
                continue
            if signal_lost and machine.condition.needs_signal:
                changes += machine.is_unknown(at)
            elif key in seen:
                changes += machine.holds(self._since_watching(seen[key]), at)
            elif key[0] != "HELP":
                changes += machine.is_over(at)
        return self._counted(changes)

    def tick(self, at: Moment) -> list[Change]:
        """Do what is due by time, and return what changed."""
        return self._counted(self._timers(self._forward(at)))

    def act(self, act: Act, at: Moment) -> list[Change]:
        """Do what a person asked for, and return what changed; nothing where it was done already.

        Raises:
            RefusedActError: it is not possible now, with the reason for that person.
        """
        at = self._forward(at)
        changes = self._timers(at)
        try:
            if act.name in {"arm", "standby", "mode"}:
                changes += self._act_on_regions(act, at)
            else:
                changes += self._answer(act, at)
        except RefusedActError:
            # Time has passed nevertheless: what it brought is told with the next call.
            self._news = changes
            raise
        return self._counted(changes)

    def press(self, *, long: bool, at: Moment) -> list[Change]:
        """Take a press of the sensor's button: long calls for help; short answers what sounds, if anything does.

        A short press never answers a call for help: who is in distress may press again and again. Where nothing
        comes back from a short press it was a mark.
        """
        if long:
            at = self._forward(at)
            changes = self._timers(at)
            pressed = Observation(
                "The button on the sensor was held: help is called.", event_id=f"{at.mono_s:.3f}"
            )
            changes += self._machines.of(("HELP", "")).holds(pressed, at)
            return self._counted(changes)
        sounding = signals(
            [item for item in self.occurrences if item.code != "HELP"], self.mode, self._forward(at)
        ).sounding_id
        if sounding is None:
            return self.tick(at)
        return self.act(Act("ack", "sleeper", sounding, role="sensor", place="button"), at)

    def tested(self, self_test: SelfTest, at: Moment) -> list[Change]:
        """Take the result of a self-test; `armed` rests on it."""
        self._regions.self_test = self_test
        return self.tick(at)

    # To a store and back.

    def snapshot(self) -> dict[str, Any]:
        """Return the whole state as JSON can hold it; `restored` gives it back exactly."""
        return {
            "version": snapshots.VERSION,
            "sensor": self.sensor,
            "boot_id": self.boot_id,
            "at": snapshots.of_moment(self._at),
            "observing": self._observing.snapshot(),
            "regions": snapshots.of_regions(self._regions),
        } | self._machines.snapshot(self._at.mono_s)

    @classmethod
    def restored(
        cls,
        snapshot: Mapping[str, Any],
        at: Moment,
        boot_id: str,
        *,
        schedule: Schedule | None = None,
        restarted: bool = True,
    ) -> Self:
        """Return the engine as it was, its timers moved on by the time that has passed.

        On the same boot the monotonic clock tells how much that is; on another one the wall clock does, within
        bounds. What the interruption changed is returned by the next call: nobody saw how a contraction went on, so
        it is unconfirmed, and one that was not followed for ten minutes is reported, not sounded (I8).

        Args:
            snapshot: What `snapshot` returned.
            at: Now.
            boot_id: Which boot of the computer this is.
            schedule: As before; it is a setting, not a state.
            restarted: Whether nobody watched in between; False for a copy that only looks.

        Raises:
            SnapshotError: it is not a state of this engine.
        """
        with snapshots.believing(snapshot):
            engine = cls(str(snapshot["sensor"]), "observe", at, boot_id=boot_id, schedule=schedule)
            engine._load(snapshot, at, restarted=restarted)
        return engine

    def _load(self, snapshot: Mapping[str, Any], at: Moment, *, restarted: bool) -> None:
        shift = snapshots.shift_s(snapshot, at, self.boot_id)
        self._regions = snapshots.regions_of(snapshot["regions"], self._regions.schedule, shift)
        self._observing = Observing.restored(snapshot["observing"])
        self._machines.load(snapshot, shift)
        if restarted:
            followed = snapshots.moment_of(snapshot["at"], shift)
            self._news += self._machines.were_unwatched(at.mono_s - followed.mono_s, at)

    # Within.

    def _forward(self, at: Moment) -> Moment:
        """Never let time run backwards, whoever calls."""
        self._at = at if at.mono_s >= self._at.mono_s else Moment(self._at.mono_s, at.wall)
        return self._at

    def _timers(self, at: Moment) -> list[Change]:
        changes, self._news = self._news, []
        changes += self._regions.tick(at)
        return changes + self._machines.tick(at)

    def _since_watching(self, seen: Observation) -> Observation:
        """Count no delay from before watching began: what held in standby is news at its end."""
        began_s = self._regions.watching_s
        return replace(seen, since_s=began_s) if seen.since_s is not None and seen.since_s < began_s else seen

    def _answer(self, act: Act, at: Moment) -> list[Change]:
        if act.occurrence_id is None:
            raise RefusedActError(f"{act.name}: names no alarm; an answer is for one alarm.")
        machine = self._machines.holding(act.occurrence_id)
        if machine is None:
            raise RefusedActError(f"{act.name}: {act.occurrence_id} is over, or not of {self.sensor}.")
        answer(machine, act, at)
        return list(machine.taken())

    def _act_on_regions(self, act: Act, at: Moment) -> list[Change]:
        unanswered = {item.code for item in self.occurrences if item.stage in UNANSWERED}
        if self._regions.is_silenced_by(act) and any(
            CONDITIONS[code].region == "physio" for code in unanswered
        ):
            raise RefusedActError(f"{act.name}: an alarm stands unanswered; answer it first.")
        changes = self._regions.act(act, at)
        return changes + (self._machines.rest(act.who, at) if self.system == "standby" else [])

    def _counted(self, changes: list[Change]) -> list[Change]:
        """Count what would have alarmed while nobody is to be woken; another mode begins that anew."""
        if any(isinstance(change, SystemChange) and change.region == "mode" for change in changes):
            self._observing = Observing()
        if self.mode == "observe":
            self._observing.count(would_have_alarmed(changes), self._at)
        return changes
