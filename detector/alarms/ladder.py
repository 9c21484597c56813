"""Who is told of an alarm, and when: ALARMS section 3 as tables. Each step stops on an answer.

Sound and light at the bed are not steps but signals (`detector.alarms.signals`). A step is named by its key, which says
which call of the occurrence it belongs to, so that a restarted alerter repeats none and forgets none.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple

from detector.alarms.conditions import CONDITIONS
from detector.alarms.signals import CALL_LASTS_S
from detector.alarms.values import RANK, UNANSWERED, Mode, Moment, Occurrence

Target = Literal["first", "second", "everyone", "second_channel", "first_by_second", "told"]
# Targets that are reached by their second channel.
_BY_SECOND: frozenset[Target] = frozenset({"second_channel", "first_by_second"})

# A beep leaves this long to answer before the first push.
CANCEL_BEEP_S = 10.0
_LONG_REMINDER_S = 600.0
_REMINDER_S = 120.0
# In self-managed mode a caregiver is told only of a contraction that goes on for this long.
SELF_MANAGED_S = 180.0
# CLOCK_FAULT and HOST_SLEPT reach a caregiver from this many in a night on.
REPEATED_FAULTS = 3


@dataclass(frozen=True, slots=True)
class Policy:
    """What the household has chosen.

    Attributes:
        mode: Who is woken.
        caregivers: By name, in the order in which they are told; empty: none.
        rhythmic_to_caregivers: They are told of rhythmic contractions too; opt-in, with the sentence that this does
            not replace a seizure alarm.
    """

    mode: Mode
    caregivers: tuple[str, ...] = ()
    rhythmic_to_caregivers: bool = False


class Rung(NamedTuple):
    """A row of a ladder.

    Attributes:
        name: Unique in its ladder.
        after_s: When it is due.
        to: The first caregiver, the second, everyone, everyone or the first by their second channel, or those told
            so far.
        every_s: Due again and again from ``after_s`` on; None: once.
        until_s: When that ends; None: never.
    """

    name: str
    after_s: float
    to: Target
    every_s: float | None = None
    until_s: float | None = None


class Ladder(NamedTuple):
    """The rungs of one kind of alarm.

    Attributes:
        rungs: In order.
        from_call: Times count from the call; else from the moment the condition began.
        only_while_it_holds: Pending steps stop when the condition ends.
    """

    rungs: tuple[Rung, ...]
    from_call: bool = True
    only_while_it_holds: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """Tell somebody, now.

    Attributes:
        key: Of this step of this call; to be kept with the occurrence's id.
        occurrence_id: Of what.
        rung: Which row of the ladder.
        caregiver: Whom.
        second_channel: By their second channel.
        due_s: Monotonic time at which it was due.
    """

    key: str
    occurrence_id: str
    rung: str
    caregiver: str
    second_channel: bool
    due_s: float


def _cramp(begins_s: float) -> tuple[Rung, ...]:
    """Return ALARMS' table, its first push at ``begins_s``."""
    return (
        Rung("caregiver-1", begins_s, "first"),
        Rung("caregiver-1-again", begins_s + 90.0, "first"),
        Rung("caregiver-2", begins_s + 90.0, "second"),
        Rung("second-channel", begins_s + 270.0, "second_channel"),
        Rung("reminder", begins_s + 390.0, "told", _REMINDER_S, CALL_LASTS_S),
    )


def _blind(first_s: float) -> Ladder:
    """Return the ladder of what says that nobody watches: no end while it stands."""
    everyone_again = Rung("reminder", first_s + _LONG_REMINDER_S, "everyone", _LONG_REMINDER_S)
    return Ladder((Rung("caregiver-1", first_s, "first"), everyone_again), from_call=False)


_URGENT = Ladder(
    (
        Rung("everyone", 0.0, "everyone"),
        Rung("everyone-again", 120.0, "everyone"),
        Rung("second-channel", 300.0, "second_channel"),
        Rung("reminder", 420.0, "told", _REMINDER_S, CALL_LASTS_S),
    )
)
_HELP = Ladder((*_URGENT.rungs, Rung("long-reminder", CALL_LASTS_S, "everyone", _LONG_REMINDER_S)))
_ONCE = Ladder((Rung("caregiver-1", 0.0, "first"),))
_NOBODY = Ladder(())

LADDERS: Mapping[tuple[Mode, str], Ladder] = MappingProxyType(
    {
        ("observe", "HELP"): _HELP,
        ("awake", "HELP"): _HELP,
        ("self-managed", "HELP"): _HELP,
        ("self-managed", "CRAMP"): Ladder(_cramp(SELF_MANAGED_S), from_call=False, only_while_it_holds=True),
        ("self-managed", "RHYTHMIC"): Ladder(
            _cramp(SELF_MANAGED_S), from_call=False, only_while_it_holds=True
        ),
        ("self-managed", "RHYTHMIC HIGH"): _URGENT,
        ("guarded", "HELP"): _HELP,
        ("guarded", "CRAMP"): Ladder(_cramp(30.0)),
        ("guarded", "RHYTHMIC"): Ladder(_cramp(30.0)),
        ("guarded", "RHYTHMIC HIGH"): _URGENT,
        ("guarded", "NO_DATA"): _blind(120.0),
        ("guarded", "BAD_SIGNAL"): _blind(120.0),
        ("guarded", "DETECTOR_DOWN"): _blind(60.0),
        # By another channel than the one that is down: the only one at once, another as late as a lost signal.
        ("guarded", "LINK_DOWN"): Ladder(
            (Rung("second-channel", 120.0, "first_by_second"),), from_call=False
        ),
        ("guarded", "LINK_DOWN MEDIUM"): Ladder((Rung("second-channel", 0.0, "second_channel"),)),
        ("guarded", "BATTERY"): _ONCE,
        ("guarded", "CLOCK_FAULT"): _ONCE,
        ("guarded", "HOST_SLEPT"): _ONCE,
    }
)
# Ladders of their own for what is more urgent than its code.
_PRESSING = frozenset({"RHYTHMIC HIGH", "LINK_DOWN MEDIUM"})
# Key of the LINK_DOWN that is about the sensor's own buzz.
BUZZER = "buzzer"
_FROM_MEDIUM = frozenset({"BATTERY"})
_WHEN_REPEATED = frozenset({"CLOCK_FAULT", "HOST_SLEPT"})


def due_steps(occurrence: Occurrence, policy: Policy, at: Moment, done: Collection[str]) -> list[Step]:
    """Return whom to tell now, in order.

    Args:
        occurrence: What stands.
        policy: What the household has chosen.
        at: Now.
        done: Keys of the steps of this occurrence that have been taken.
    """
    if not policy.caregivers or occurrence.acked_by is not None:
        return []
    age_s = age_of(occurrence, policy, at)
    # Whoever was not told in time is told once now, and not once for each step that was missed.
    newest = {
        (step.caregiver, step.second_channel): step
        for rung in ladder_of(occurrence, policy).rungs
        for step in _steps_of(rung, occurrence, policy, age_s, done, at)
    }
    steps = [*newest.values(), *_next_after_refusal(occurrence, policy, done, at)]
    return [step for step in steps if step.key not in done]


def is_cancel_beep(occurrence: Occurrence, policy: Policy, at: Moment) -> bool:
    """Tell whether the beep sounds that says: a caregiver is told next; answer, and nobody is."""
    rungs = ladder_of(occurrence, policy).rungs
    if not policy.caregivers or not rungs or occurrence.stage != "active":
        return False
    return CONDITIONS[occurrence.code].region == "physio" and (
        0 < rungs[0].after_s - age_of(occurrence, policy, at) <= min(CANCEL_BEEP_S, rungs[0].after_s)
    )


def ladder_of(occurrence: Occurrence, policy: Policy) -> Ladder:
    """Return the ladder that an occurrence climbs as it stands; one without rungs where nobody is told."""
    ladder = LADDERS.get((policy.mode, _name(occurrence)), _NOBODY)
    reasons_not = (
        occurrence.stage not in UNANSWERED or occurrence.stale,
        occurrence.code == "RHYTHMIC" and not policy.rhythmic_to_caregivers,
        occurrence.code in _FROM_MEDIUM and RANK[occurrence.priority] < RANK["medium"],
        occurrence.code in _WHEN_REPEATED and occurrence.ordinal < REPEATED_FAULTS,
        # The sensor's buzz is no path to anybody elsewhere; pages say that it is silent.
        occurrence.code == "LINK_DOWN" and occurrence.key == BUZZER,
        ladder.only_while_it_holds and occurrence.stage == "latched",
    )
    return _NOBODY if any(reasons_not) else ladder


def age_of(occurrence: Occurrence, policy: Policy, at: Moment) -> float:
    """Return how far the ladder's time has come, s."""
    ladder = LADDERS.get((policy.mode, _name(occurrence)), _NOBODY)
    start = (occurrence.called or occurrence.since) if ladder.from_call else occurrence.began
    return at.mono_s - start.mono_s


def _name(occurrence: Occurrence) -> str:
    pressing = f"{occurrence.code} {occurrence.priority.upper()}"
    return pressing if pressing in _PRESSING else occurrence.code


def _steps_of(
    rung: Rung, occurrence: Occurrence, policy: Policy, age_s: float, done: Collection[str], at: Moment
) -> Iterator[Step]:
    if age_s < rung.after_s:
        return
    turn = 0 if rung.every_s is None else int((age_s - rung.after_s) // rung.every_s)
    if rung.every_s is not None and rung.until_s is not None:
        turn = min(turn, int((rung.until_s - rung.after_s) // rung.every_s))
    due_s = at.mono_s - age_s + rung.after_s + turn * (rung.every_s or 0.0)
    second = rung.to in _BY_SECOND
    for caregiver in _people(rung.to, occurrence, policy, done):
        key = f"{occurrence.call}/{rung.name}/{turn}/{caregiver}"
        yield Step(key, occurrence.id, rung.name, caregiver, second, due_s)


def _people(target: Target, occurrence: Occurrence, policy: Policy, done: Collection[str]) -> Iterable[str]:
    """Return who is meant. Where all have said that they cannot come, they are all that there is."""
    able = [name for name in policy.caregivers if name not in occurrence.declined] or list(policy.caregivers)
    match target:
        case "first" | "first_by_second":
            return [name for name in able if name == policy.caregivers[0]]
        case "second":
            return [name for name in able if name in policy.caregivers[1:2]]
        case "told":
            return [name for name in able if _was_told(name, occurrence, done)] or able
        case _:
            return able


def _next_after_refusal(
    occurrence: Occurrence, policy: Policy, done: Collection[str], at: Moment
) -> Iterator[Step]:
    """Tell the next at once when somebody who was told cannot come."""
    if not occurrence.declined or not ladder_of(occurrence, policy).rungs:
        return
    call = f"{occurrence.call}/next/"
    asked = sum(key.startswith(call) for key in done)
    untold = [
        name
        for name in policy.caregivers
        if name not in occurrence.declined and not _was_told(name, occurrence, done)
    ]
    if untold and asked < len(occurrence.declined):
        yield Step(
            f"{call}{asked}/{untold[0]}",
            occurrence.id,
            "next",
            untold[0],
            second_channel=False,
            due_s=at.mono_s,
        )


def _was_told(name: str, occurrence: Occurrence, done: Collection[str]) -> bool:
    return any(key.startswith(f"{occurrence.call}/") and key.endswith(f"/{name}") for key in done)
