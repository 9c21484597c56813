"""Row C1: every process of a night is killed at random instants."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests.faults.kills import Figures, killed
from tests.faults.row import Outcome, row

# So few kills may miss a process, or an answer.
MANY = 50


@row(
    "C1",
    "kill -9 of monitor, night log, broker, alerter at 60x",
    "0 events lost, 0 alarms shown or pushed twice, 0 that were answered heard or pushed again",
    pr=100,
    nightly=1000,
)
def killed_processes(repetitions: int) -> Outcome:
    with tempfile.TemporaryDirectory() as scratch:
        return outcome(killed(Path(scratch), repetitions, seed=time.time_ns() % 1_000_000))


def outcome(figures: Figures) -> Outcome:
    """Return the figures as those of a row; where nothing was there to be lost, nothing is shown."""
    wrong = figures.wrong
    lost = wrong["events_lost"] + wrong["changes_lost"]
    by_name = ", ".join(f"{name} {count}" for name, count in sorted(figures.kills.items()))
    return Outcome(
        lost=lost,
        wrong=sum(wrong.values()) - lost,
        passed=not any(wrong.values()) and shows_something(figures),
        figures=f"killed in {figures.took_s:.0f} s (seed {figures.seed}), started again with its libraries "
        f"loaded: {by_name}; {figures.events} events, "
        f"{figures.alarms} alarms in {figures.changes} changes, {figures.answered} answered by a caregiver, "
        f"{figures.killed_while_answered} kills while an answered alarm stood; {figures.pushes} pushes, "
        f"{figures.repeated_and_said_so} repeated and saying so, {figures.sounds} sounds; "
        + ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in wrong.items()),
        repetitions=sum(figures.kills.values()),
    )


def shows_something(figures: Figures) -> bool:
    """Tell whether every process was killed, and something was there to be lost, doubled, or heard after its answer."""
    if sum(figures.kills.values()) < MANY:
        return True
    seen = (figures.events, figures.alarms, figures.seen_by_caregiver, figures.sounds)
    # How many kills fall beside an answer is chance, and is told.
    answers = (figures.answered, figures.pushes)
    return set(figures.kills) == {"broker", "dashboard", "alerter", "monitor"} and all((*seen, *answers))
