"""Where a monitor meets its alarm engine: what is observed goes in; what is to be stored, felt and shown comes out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from detector.alarms import store
from detector.alarms.conditions import CONDITIONS
from detector.alarms.engine import AlarmEngine
from detector.alarms.ladder import Policy, age_of, ladder_of
from detector.alarms.self_test import SelfTest
from detector.alarms.signals import Signals
from detector.alarms.values import RAISED, RANK, UNANSWERED, Act, AlarmChange, Change, Moment, Occurrence
from detector.monitor_state import AlarmNow, MonitorState, Stage, TechnicalCondition
from detector.outbox import Transaction
from detector.under_way import Observed
from firmware_bridge.clock import Clock

# What says how far a call has come, in whatever household: it has one caregiver or none.
_ANYBODY = "a caregiver"
_LAST_RUNGS = frozenset({"second-channel", "reminder", "long-reminder"})


class AlarmDesk:
    """The alarms of one sensor. Nothing is told to anybody before the caller has stored `rows`.

    Args:
        engine: As the store gave it.
        clock: Shared with the other processes.
        caregivers: Whether anybody elsewhere is told at all.
        tension_cue: Whether the wearer is given a silent hint when tension rises; experimental.
    """

    def __init__(
        self, engine: AlarmEngine, clock: Clock, *, caregivers: bool, tension_cue: bool = False
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._caregivers = caregivers
        self._tension_cue = tension_cue
        self._stored_s = float("-inf")

    @property
    def engine(self) -> AlarmEngine:
        """The engine, to look at."""
        return self._engine

    @property
    def at(self) -> Moment:
        """Now."""
        return Moment(self._clock.mono_s(), self._clock.wall())

    @property
    def signals(self) -> Signals:
        """What is to be perceived now."""
        return self._engine.signals(self.at, tension_cue=self._tension_cue)

    def observe(self, observed: Observed, *, signal_lost: bool) -> list[Change]:
        """Take everything that holds now; return what changed."""
        return self._engine.conditions(observed, self.at, signal_lost=signal_lost)

    def press(self, *, long: bool) -> list[Change]:
        """Take a press of the sensor's button; return what changed."""
        return self._engine.press(long=long, at=self.at)

    def act(self, act: Act) -> list[Change]:
        """Do what a person asked for; return what changed.

        Raises:
            RefusedActError: it is not possible now.
        """
        return self._engine.act(act, self.at)

    @property
    def proven(self) -> bool:
        """Whether tonight rests on a self-test that has passed."""
        return self._engine.self_test is not None and self._engine.self_test.proves(self.at.wall)

    def tested(self, self_test: SelfTest) -> list[Change]:
        """Take a self-test; one that has passed begins the night in earnest. Return what changed."""
        at = self.at
        changes = self._engine.tested(self_test, at)
        if self._engine.system == "self_test" and self_test.proves(at.wall):
            changes += self._engine.act(Act("arm", "monitor"), at)
        return changes

    @property
    def is_due(self) -> bool:
        """Whether the state should be stored although nothing has changed.

        It tells until when alarms were followed, and how long the night was watched.
        """
        standing, observing = bool(self._engine.occurrences), self._engine.mode == "observe"
        every_s = store.SNAPSHOT_EVERY_S if standing else store.OBSERVED_EVERY_S
        return (standing or observing) and self._clock.mono_s() - self._stored_s >= every_s

    def rows(self, changes: Sequence[Change]) -> Callable[[Transaction], None]:
        """Return what stores changes, and how the engine stands, in a transaction."""
        self._stored_s = self._clock.mono_s()
        return lambda transaction: store.write(transaction, self._engine, changes)

    def view(self, state: MonitorState) -> MonitorState:
        """Return a state with what the engine knows in it."""
        engine, until = self._engine, self._engine.standby_until
        return replace(
            state,
            system=engine.system,
            standby_until=until.wall if until else None,
            proven=self.proven,
            self_test=engine.self_test,
            mode=engine.mode,
            observing=engine.observed if engine.mode == "observe" else None,
            stage=self._stage(),
            alarm=_first_to_answer([one for one in engine.raised if _is_told(one, engine)]),
            conditions=tuple(_conditions(engine.occurrences).values()),
        )

    def _stage(self) -> Stage:
        """Return how far the furthest alarm about the body has come."""
        standing = [
            one
            for one in self._engine.raised
            if CONDITIONS[one.code].region == "physio" and _is_told(one, self._engine)
        ]
        stages = [self._stage_of(one) for one in standing]
        return max(stages, key=_STAGES.index, default="idle")

    def _stage_of(self, alarm: Occurrence) -> Stage:
        if alarm.stage not in UNANSWERED:
            return "acknowledged"
        policy = Policy(
            self._engine.mode, (_ANYBODY,) if self._caregivers else (), rhythmic_to_caregivers=True
        )
        age_s = age_of(alarm, policy, self.at)
        climbed = {rung.name for rung in ladder_of(alarm, policy).rungs if age_s >= rung.after_s}
        if not climbed or not self._caregivers:
            return "bedside"
        return "escalated" if climbed & _LAST_RUNGS else "caregiver"


# From the least to the most that is asked of people.
_STAGES: Sequence[Stage] = ("idle", "acknowledged", "bedside", "caregiver", "escalated")


def public(changes: Sequence[Change]) -> list[AlarmChange]:
    """Return what is to be told over MQTT."""
    return [change for change in changes if isinstance(change, AlarmChange) and change.public]


def _is_told(alarm: Occurrence, engine: AlarmEngine) -> bool:
    """Tell whether anybody perceives it: not what merely would have alarmed, nor a mere suspicion."""
    observing = engine.mode == "observe" and alarm.code != "HELP"
    return not observing and alarm.code not in {"CRAMP_SUSPECT", "TENSION_RISE"} and not alarm.stale


def _first_to_answer(standing: Sequence[Occurrence]) -> AlarmNow | None:
    """Return the alarm that an answer without a choice is for."""
    order = sorted(
        standing,
        key=lambda one: (
            one.stage not in UNANSWERED,
            CONDITIONS[one.code].region != "physio",
            -RANK[one.priority],
            one.began.mono_s,
        ),
    )
    if not order:
        return None
    one = order[0]
    title = CONDITIONS[one.code].title
    return AlarmNow(one.id, one.code, title, one.priority, answered=one.stage not in UNANSWERED)


def _conditions(occurrences: Sequence[Occurrence]) -> Mapping[str, TechnicalCondition]:
    """Return the technical conditions that stand, by code; of several of one code the most pressing."""
    standing = [
        one
        for one in occurrences
        if one.stage in RAISED and one.ended is None and CONDITIONS[one.code].region == "tech"
    ]
    return {
        one.code: TechnicalCondition(one.code, one.priority, one.began.wall, one.text)
        for one in sorted(standing, key=lambda one: RANK[one.priority])
    }
