"""Everything that can happen in a night, as a table that a seed chooses from."""

from __future__ import annotations

import random
from collections.abc import Callable

from detector.alarms.values import Act, ActName, Mode
from tests.detector.alarms.any_night import KEYS, AnyNight

MODES: tuple[Mode, ...] = ("observe", "self-managed", "guarded", "awake")
PEOPLE = ("Ada", "Ben", "Cem")
PAUSES_S = (0.1, 1.0, 4.9, 5.0, 10.0, 20.0, 31.0, 59.0, 61.0, 120.0, 301.0, 601.0, 1801.0)
OFF_S = (0.0, 2.0, 59.0, 400.0, 700.0, 30_000.0)
CLOCK_STEPS_S = (-86_400.0, -3600.0, -10.0, 1.0, 3600.0, 86_400.0)
ANSWERS: tuple[tuple[ActName, float | None], ...] = (
    *(("ack", None), ("ack", None), ("going", None), ("cannot", None), ("reset", None)),
    *(("snooze", 5), ("snooze", 10), ("snooze", 30), ("snooze", 31), ("snooze", 525_600), ("snooze", -1)),
    *(("pause", None), ("pause", 0.5), ("pause", 2), ("pause", 2.1), ("pause", 0)),
)

Event = Callable[[AnyNight, random.Random], None]


def _begins(night: AnyNight, rng: random.Random) -> None:
    night.begins(rng.choice(KEYS))


def _cramp(night: AnyNight, rng: random.Random) -> None:
    night.begins(("CRAMP", ""), since_s=rng.choice(PAUSES_S))


def _rhythm(night: AnyNight, rng: random.Random) -> None:
    night.begins(("RHYTHMIC", ""), rng.choice(("medium", "high")), since_s=rng.choice((0.0, 9.0)))


def _late(night: AnyNight, _rng: random.Random) -> None:
    night.begins(("CRAMP", "late"), since_s=700.0, told_s=650.0)


def _ends(night: AnyNight, rng: random.Random) -> None:
    if night.holding:
        night.ends(rng.choice(list(night.holding)))


def _all_end(night: AnyNight, _rng: random.Random) -> None:
    night.holding = {}
    night.observed()


def _passes(night: AnyNight, rng: random.Random) -> None:
    night.passes(rng.choice(PAUSES_S), looking=rng.random() < 0.7)


def _signal(night: AnyNight, rng: random.Random) -> None:
    night.signal(lost=rng.random() < 0.4)


def _clock(night: AnyNight, rng: random.Random) -> None:
    night.clock_is_set(rng.choice(CLOCK_STEPS_S))


def _answer(night: AnyNight, rng: random.Random) -> None:
    standing = night.engine.occurrences
    if standing:
        target = rng.choice(standing)
        name, minutes = rng.choice(ANSWERS)
        night.acts(Act(name, rng.choice(PEOPLE), target.id, minutes=minutes), target)


def _answer_nothing(night: AnyNight, rng: random.Random) -> None:
    name, minutes = rng.choice(ANSWERS)
    night.acts(Act(name, "Eve", "left-calf.20260301T210000.999", minutes=minutes))


def _press(night: AnyNight, rng: random.Random) -> None:
    night.pressed(long=rng.random() < 0.3)


def _arm(night: AnyNight, rng: random.Random) -> None:
    night.acts(Act("arm", "Ada", override=rng.random() < 0.5))


def _rest(night: AnyNight, rng: random.Random) -> None:
    night.acts(Act("standby", "Ada", minutes=rng.choice((None, 1, 60, 100_000))))


def _choose(night: AnyNight, rng: random.Random) -> None:
    night.acts(Act("mode", "Ada", mode=rng.choice(MODES)))


def _restart(night: AnyNight, rng: random.Random) -> None:
    night.restarts(rng.choice(OFF_S), rebooted=rng.random() < 0.3)


# How often each happens, beside the others.
EVENTS: dict[Event, int] = {
    _begins: 6,
    _cramp: 4,
    _rhythm: 2,
    _late: 1,
    _ends: 5,
    _all_end: 2,
    _passes: 14,
    _signal: 4,
    _clock: 1,
    _answer: 14,
    _answer_nothing: 1,
    _press: 3,
    _arm: 1,
    _rest: 1,
    _choose: 2,
    _restart: 1,
}


def live(night: AnyNight, seed: int, events: int) -> None:
    """Let so many things happen, and check after each what must be true."""
    rng = random.Random(seed)
    for happens in rng.choices(list(EVENTS), list(EVENTS.values()), k=events):
        happens(night, rng)
        night.check()
