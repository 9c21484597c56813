"""The engine's state as JSON can hold it, and back: exact at any moment, its timers with it (I7, I8).

A timer is kept as its end on the monotonic clock and what remained of it; the snapshot says which boot of the computer
that clock belongs to.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, get_args

from detector.alarms.conditions import CONDITIONS, MAX_PAUSE_S, MAX_SNOOZE_S, RECALL_S
from detector.alarms.machine import Machine
from detector.alarms.regions import Regions
from detector.alarms.schedule import Schedule
from detector.alarms.self_test import SelfTest, Tested
from detector.alarms.values import RANK, Mode, Moment, Observation, Occurrence, SnapshotError, Stage, System

VERSION = 1
# On another boot the wall clock tells how long the computer was off; a clock that was set tells anything. More than
# a day changes nothing any more.
MAX_OFF_S = 86_400.0

_MOMENTS = ("began", "since", "raised", "called", "until", "ended", "lost")
# No silence is believed that nobody could have asked for; a millisecond for the arithmetic.
_SILENCES_S: Mapping[str, float] = {
    "paused": MAX_PAUSE_S + 1e-3,
    "snoozed": MAX_SNOOZE_S + 1e-3,
    "acked": RECALL_S + 1e-3,
}
_OCCURRENCE = frozenset(item.name for item in fields(Occurrence))

Saved = Mapping[str, Any]


def shift_s(saved: Saved, at: Moment, boot_id: str) -> float:
    """Return what to add to saved monotonic times so that they mean the same on this boot's clock.

    On the same boot nothing. On another one the computer was off for as long as the wall clock says, within bounds.
    """
    then = moment_of(saved["at"], 0.0)
    if saved["boot_id"] == boot_id and at.mono_s >= then.mono_s:
        return 0.0
    off_s = min(max(0.0, (at.wall - then.wall).total_seconds()), MAX_OFF_S)
    return at.mono_s - off_s - then.mono_s


def of_moment(moment: Moment | None) -> dict[str, Any] | None:
    """Return a moment as JSON can hold it."""
    return None if moment is None else {"mono_s": moment.mono_s, "wall": moment.wall.isoformat()}


def moment_of(saved: Saved, shift: float) -> Moment:
    """Return the moment that `of_moment` wrote."""
    return Moment(float(saved["mono_s"]) + shift, datetime.fromisoformat(saved["wall"]))


def of_occurrence(occurrence: Occurrence, now_s: float) -> dict[str, Any]:
    """Return an occurrence as JSON can hold it, with what remains of its timer."""
    plain = {item.name: getattr(occurrence, item.name) for item in fields(occurrence)}
    plain |= {name: of_moment(plain[name]) for name in _MOMENTS}
    plain["declined"] = list(occurrence.declined)
    remaining_s = None if occurrence.until is None else max(0.0, occurrence.until.mono_s - now_s)
    return plain | {"remaining_s": remaining_s}


def occurrence_of(saved: Saved, shift: float = 0.0) -> Occurrence:
    """Return the occurrence that `of_occurrence` wrote.

    Raises:
        SnapshotError: it did not.
    """
    with_moments = {name: saved[name] for name in _OCCURRENCE}
    for name in _MOMENTS:
        if with_moments[name] is not None:
            with_moments[name] = moment_of(with_moments[name], shift)
    with_moments["declined"] = tuple(with_moments["declined"])
    occurrence = Occurrence(**with_moments)
    known = occurrence.code in CONDITIONS and occurrence.stage in get_args(Stage)
    if not known or occurrence.priority not in RANK:
        raise SnapshotError(
            f"alarm state: {occurrence.code} {occurrence.stage} {occurrence.priority} is in no table"
        )
    longest_s = _SILENCES_S.get(occurrence.stage, math.inf)
    asked_s = 0.0 if occurrence.until is None else occurrence.until.mono_s - occurrence.since.mono_s
    # Most answers hold until the condition is over.
    endless = occurrence.stage == "acked" and occurrence.until is None
    if longest_s < math.inf and not endless and not 0 < asked_s <= longest_s:
        raise SnapshotError(f"alarm state: {occurrence.code} is {occurrence.stage} for {asked_s} s")
    return occurrence


def of_machine(machine: Machine, now_s: float) -> dict[str, Any]:
    """Return a machine as JSON can hold it."""
    return {
        "code": machine.condition.code,
        "key": machine.key,
        "occurrence": None if machine.occurrence is None else of_occurrence(machine.occurrence, now_s),
        "observed": None if machine.observed is None else asdict(machine.observed),
        "held_s": machine.held_s,
        "gone_s": machine.gone_s,
        "snooze_spent": machine.snooze_spent,
        "ordinal": machine.ordinal,
        "night": machine.night,
    }


def machine_of(saved: Saved, sensor: str, new_id: Callable[[Moment], str], shift: float) -> Machine:
    """Return the machine that `of_machine` wrote, its times moved by ``shift``."""
    observed = None if saved["observed"] is None else _observation_of(saved["observed"], shift)
    return Machine(
        CONDITIONS[saved["code"]],
        str(saved["key"]),
        sensor,
        new_id,
        occurrence=None if saved["occurrence"] is None else occurrence_of(saved["occurrence"], shift),
        observed=observed,
        held_s=_shifted(saved["held_s"], shift),
        gone_s=_shifted(saved["gone_s"], shift),
        snooze_spent=bool(saved["snooze_spent"]),
        ordinal=int(saved["ordinal"]),
        night=str(saved["night"]),
    )


def of_regions(regions: Regions) -> dict[str, Any]:
    """Return the system region as JSON can hold it; the schedule is a setting, not a state."""
    tested = regions.self_test
    return {
        "mode": regions.mode,
        "system": regions.system,
        "returns_to": regions.returns_to,
        "watching_s": regions.watching_s,
        "standby_until": of_moment(regions.standby_until),
        "self_test": None
        if tested is None
        else {"at": tested.at.isoformat(), "parts": [asdict(part) for part in tested.parts]},
    }


def regions_of(saved: Saved, schedule: Schedule, shift: float) -> Regions:
    """Return the system region that `of_regions` wrote.

    Raises:
        SnapshotError: it did not.
    """
    until, tested = saved["standby_until"], saved["self_test"]
    known = saved["mode"] in get_args(Mode) and {saved["system"], saved["returns_to"]} <= set(
        get_args(System)
    )
    if not known or (saved["system"] == "standby") != (until is not None):
        raise SnapshotError(
            f"alarm state: a system {saved['system']!r} until {until!r} in mode {saved['mode']!r}"
        )
    parts = () if tested is None else tuple(Tested(**part) for part in tested["parts"])
    return Regions(
        saved["mode"],
        schedule,
        float(saved["watching_s"]) + shift,
        system=saved["system"],
        standby_until=None if until is None else moment_of(until, shift),
        returns_to=saved["returns_to"],
        self_test=None if tested is None else SelfTest(datetime.fromisoformat(tested["at"]), parts),
    )


def occurrences_of(snapshot: Saved, shift: float = 0.0) -> tuple[Occurrence, ...]:
    """Return what stood when a snapshot was taken; for those who only look.

    Raises:
        SnapshotError: it is not a state of the engine.
    """
    saved = [machine["occurrence"] for machine in snapshot["machines"]]
    return tuple(occurrence_of(occurrence, shift) for occurrence in saved if occurrence is not None)


@contextmanager
def believing(snapshot: Saved) -> Iterator[None]:
    """Turn whatever a damaged snapshot brings about into one error.

    Raises:
        SnapshotError: it is of another version, or not a state of the engine.
    """
    match snapshot:
        case {"version": version}:
            pass
        case _:
            version = None
    if version != VERSION:
        raise SnapshotError(f"alarm state: expected version {VERSION}, got {version!r}")
    try:
        yield
    except SnapshotError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise SnapshotError(f"alarm state: cannot be read ({error!r})") from error


def _observation_of(saved: Saved, shift: float) -> Observation:
    moved = {name: _shifted(saved[name], shift) for name in ("since_s", "told_s")}
    return Observation(**{**saved, **moved})


def _shifted(moment_s: float | None, shift: float) -> float | None:
    return None if moment_s is None else float(moment_s) + shift
