from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from detector.alarms.values import Act, ActName, Mode
from tests.conftest import IN_CI
from tests.detector.alarms.any_night import ARROWS, KEYS, AnyNight
from tests.detector.alarms.eventful import ANSWERS, CLOCK_STEPS_S, MODES, OFF_S, PAUSES_S, PEOPLE, live

# In CI ten thousand nights, of which hypothesis orders the end and can shrink it; what came before is a seed's.
NIGHTS = 10_000 if IN_CI else 1000
EVENTS_BEFORE = 20
STEPS = 4


class AlarmMachine(RuleBasedStateMachine):
    """Any order of conditions, answers, lost signals, restarts and clocks that are set."""

    @initialize(
        mode=st.sampled_from(MODES), seed=st.integers(0, 2**32), events=st.sampled_from((0, EVENTS_BEFORE))
    )
    def evening(self, mode: Mode, seed: int, events: int) -> None:
        self.night = AnyNight(mode)
        live(self.night, seed, events)

    @rule(key=st.sampled_from(KEYS), since_s=st.sampled_from((0.0, 61.0)))
    def begins(self, key: tuple[str, str], since_s: float) -> None:
        self.night.begins(key, since_s=since_s)  # type: ignore[arg-type]

    @rule(sequence=st.booleans())
    def rhythm_begins(self, *, sequence: bool) -> None:
        self.night.begins(("RHYTHMIC", ""), "high" if sequence else "medium")

    @rule()
    def late_verdict_comes(self) -> None:
        self.night.begins(("CRAMP", "late"), since_s=700.0, told_s=650.0)

    @rule(key=st.sampled_from(KEYS))
    def ends(self, key: tuple[str, str]) -> None:
        self.night.ends(key)  # type: ignore[arg-type]

    @rule()
    def everything_ends(self) -> None:
        self.night.holding = {}
        self.night.observed()

    @rule(seconds=st.sampled_from(PAUSES_S), looking=st.booleans())
    def time_passes(self, seconds: float, *, looking: bool) -> None:
        self.night.passes(seconds, looking=looking)

    @rule(lost=st.booleans())
    def signal(self, *, lost: bool) -> None:
        self.night.signal(lost=lost)

    @rule(seconds=st.sampled_from(CLOCK_STEPS_S))
    def clock_is_set(self, seconds: float) -> None:
        self.night.clock_is_set(seconds)

    @rule(nth=st.integers(0, 5), who=st.sampled_from(PEOPLE), answer=st.sampled_from(ANSWERS))
    def somebody_answers(self, nth: int, who: str, answer: tuple[ActName, float | None]) -> None:
        standing = self.night.engine.occurrences
        if standing:
            target = standing[nth % len(standing)]
            self.night.acts(Act(answer[0], who, target.id, minutes=answer[1]), target)

    @rule(answer=st.sampled_from(ANSWERS))
    def somebody_answers_what_never_was(self, answer: tuple[ActName, float | None]) -> None:
        self.night.acts(Act(answer[0], "Eve", "left-calf.20260301T210000.999", minutes=answer[1]))

    @rule(long=st.booleans())
    def button_is_pressed(self, *, long: bool) -> None:
        self.night.pressed(long=long)

    @rule(override=st.booleans())
    def somebody_arms(self, *, override: bool) -> None:
        self.night.acts(Act("arm", "Ada", override=override))

    @rule(minutes=st.sampled_from((None, 1, 60, 100_000)))
    def somebody_rests(self, minutes: int | None) -> None:
        self.night.acts(Act("standby", "Ada", minutes=minutes))

    @rule(mode=st.sampled_from(MODES))
    def somebody_chooses(self, mode: Mode) -> None:
        self.night.acts(Act("mode", "Ada", mode=mode))

    @rule(off_s=st.sampled_from(OFF_S), rebooted=st.booleans())
    def restarts(self, off_s: float, *, rebooted: bool) -> None:
        self.night.restarts(off_s, rebooted=rebooted)

    @invariant()
    def holds(self) -> None:
        self.night.check()


# Minutes on a machine that does other things as well.
TestAnyNight = pytest.mark.timeout(900)(pytest.mark.slow(AlarmMachine.TestCase))
TestAnyNight.settings = settings(
    max_examples=NIGHTS,
    stateful_step_count=STEPS,
    derandomize=IN_CI,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def test_every_arrow_of_the_chart_is_walked() -> None:
    walked: set[tuple[str, str]] = set()
    for seed in range(300):
        night = AnyNight(random.Random(seed).choice(MODES))
        live(night, seed, 50)
        walked |= night.arrows
    assert walked == ARROWS
