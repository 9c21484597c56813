"""Kills the processes of a night at random instants: ``python -m tests.faults.kills [KILLS] [--seed N]``.

Or ``make kills N=1000``. It prints how often each was killed and what came of it, and ends with 1 if an event was lost,
an alarm was shown twice, a push doubled without saying so, or an alarm that was answered sounded or was pushed again.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from crampwatch.supervisor import Service
from dashboard.night_log import NightLog
from detector.alarms.values import UNANSWERED
from detector.alerter import wording
from detector.alerter.proof import JOURNAL
from tests.faults import ledger
from tests.faults.killed_night import RATE, KilledNight, beginning, kill_at_once

# From the moment of an answer until a busy disk has it, and whoever looks there knows, s of life.
KNOWN_WITHIN_S = 1.0
EVERYTHING = 1_000_000
_ACTIVE, _ANSWERED = frozenset({"active"}), frozenset({"acked"})
_TECHNICAL_SOUNDS = ("pip", "test")


@dataclass(frozen=True)
class Figures:
    """What came of it. The first block says that something happened at all; what follows must be 0."""

    seed: int
    kills: dict[str, int]
    took_s: float
    events: int
    alarms: int
    changes: int
    answered: int
    killed_while_answered: int
    seen_by_caregiver: int
    pushes: int
    repeated_and_said_so: int
    sounds: int

    events_lost: int
    changes_lost: int
    shown_twice: int
    alarmed_twice: int
    pushed_twice: int
    sounded_after_answer: int
    pushed_after_answer: int

    @property
    def wrong(self) -> dict[str, int]:
        names = tuple(Figures.__dataclass_fields__)
        return {name: getattr(self, name) for name in names[names.index("events_lost") :]}


def killed(
    folder: Path,
    kills: int,
    seed: int,
    *,
    told: Callable[[int], None] = lambda _done: None,
    how: Callable[[Service], bool] = kill_at_once,
) -> Figures:
    """Live through a night with so many kills, and count; ``how`` kills a process and tells whether it lived."""
    chance = random.Random(seed)
    began_s = time.monotonic()
    with beginning(folder, chance, how) as night:
        night.live(kills, chance, told=told)
        last = night.calm_down(lambda number: _mark(folder) >= number)
    return _judged(night, last, seed, time.monotonic() - began_s)


def _mark(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "night_log.sqlite")) as connection:
        (mark,) = connection.execute("SELECT coalesce(max(seq), 0) FROM mark").fetchone()
    return int(mark)


def _judged(night: KilledNight, last: int, seed: int, took_s: float) -> Figures:
    assert night.caregiver is not None
    emitted = ledger.said(night.outbox, last)
    events, changes = emitted["event"], emitted["alarm"]
    seen = night.caregiver.ear.messages(night.caregiver.ear.heard[0][0]) if night.caregiver.ear.heard else []
    log = NightLog(night.folder / "night_log.sqlite")
    logged_events, logged_changes = log.recent(EVERYTHING), log.alarms(EVERYTHING)
    log.close()
    course = ledger.Course.of(ledger.said(night.outbox, EVERYTHING)["alarm"])
    pushes = [push for push in night.anna.received if not push["crampwatch_id"].startswith("test/")]
    plain = Counter(push["crampwatch_id"] for push in pushes if not push["message"].startswith(wording.AGAIN))
    sounds = _sounds(night)
    return Figures(
        seed=seed,
        kills=dict(Counter(name for name, _ in night.killed)),
        took_s=round(took_s, 1),
        events=len({message["id"] for message in events}),
        alarms=len({message["id"] for message in changes}),
        changes=len(changes),
        answered=night.caregiver.answered,
        killed_while_answered=sum(course.any_in(_ANSWERED, at, at) for _, at in night.killed),
        seen_by_caregiver=len({ledger.key(message) for message in seen}),
        pushes=len(pushes),
        repeated_and_said_so=len(pushes) - plain.total(),
        sounds=len(sounds),
        events_lost=len(ledger.lost_events(events, logged_events)),
        changes_lost=len(ledger.lost_changes(changes, logged_changes)),
        shown_twice=len(ledger.shown_twice([*seen, *logged_changes])),
        alarmed_twice=len(ledger.alarmed_twice([*seen, *logged_changes])),
        pushed_twice=sum(count - 1 for count in plain.values()),
        sounded_after_answer=len(_sounded_in_vain(sounds, course)),
        pushed_after_answer=len(_pushed_in_vain(night.folder, course)),
    )


def _sounds(night: KilledNight) -> list[datetime]:
    """Return when something was heard that only alarms of the body sound like."""
    lines = [line.split() for line in night.heard.read_text().splitlines()] if night.heard.exists() else []
    clock = night.clock
    return [
        clock.wall_at(clock.origin_mono_s + (float(up_s) - clock.origin_mono_s) * clock.rate)
        for up_s, name in lines
        if not name.startswith(_TECHNICAL_SOUNDS)
    ]


def _sounded_in_vain(sounds: Sequence[datetime], course: ledger.Course) -> list[datetime]:
    known = timedelta(seconds=KNOWN_WITHIN_S * RATE)
    return [at for at in sounds if not course.any_in(_ACTIVE, at - known, at)]


def _pushed_in_vain(folder: Path, course: ledger.Course) -> list[str]:
    """Return the calls that left although the alarm had been answered, and everybody could know."""
    known = timedelta(seconds=KNOWN_WITHIN_S * RATE)
    with closing(sqlite3.connect(folder / JOURNAL)) as connection:
        rows = connection.execute(
            "SELECT push_id, occurrence_id, step, attempt.wall FROM attempt JOIN telling USING (push_id)"
        ).fetchall()
    calls = [
        (push, alarm, datetime.fromisoformat(wall))
        for push, alarm, step, wall in rows
        if "/answered-" not in step and alarm in course.stages
    ]
    return [push for push, alarm, at in calls if not course.was_in(alarm, UNANSWERED, at - known, at)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults.kills", description="Kills a night's processes."
    )
    parser.add_argument("kills", nargs="?", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)

    def told(done: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{done} of {asked.kills} kills ")

    with tempfile.TemporaryDirectory() as scratch:
        figures = killed(Path(scratch), asked.kills, asked.seed, told=told)
    json.dump(asdict(figures), sys.stdout, indent=1)
    sys.stdout.write(f"\n{'FAIL' if any(figures.wrong.values()) else 'pass'}\n")
    return 1 if any(figures.wrong.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
