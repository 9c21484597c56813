"""The conditions of ALARMS section 1 as a table: nothing else says how long, how urgent, or whom.

Delays beside others in the field: OpenSeizureDetector 30 s and 120 s, NightWatch 120 s, Nightscout 15 and 30 min.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from detector.alarms.values import RANK, AlarmCode, Priority

Region = Literal["physio", "tech"]

# A latched occurrence closes by itself: a person who slept through a cramp reads of it in the morning; a technical
# fault that has mended itself is soon no news.
PHYSIO_CLOSES_S = 600.0
TECH_CLOSES_S = 60.0
# A condition that comes back sooner than this after it had gone is the same occurrence.
SAME_OCCURRENCE_S = 60.0
# What became known later than this is reported, not sounded (I8).
STALE_S = 600.0
# No silence on request is longer (I5).
MAX_PAUSE_S = 120.0
SNOOZE_MINUTES = (5, 10, 30)
MAX_SNOOZE_S = 1800.0
# Whoever has answered that nobody watches may fall asleep again: it calls anew after as long as the longest snooze.
RECALL_S = MAX_SNOOZE_S
# Where no arm time is set, standby ends after at most a day.
MAX_STANDBY_S = 86_400.0


def highest(priorities: Iterable[Priority]) -> Priority | None:
    """Return the most urgent of some priorities; None where there are none."""
    return max(priorities, key=RANK.__getitem__, default=None)


@dataclass(frozen=True, slots=True)
class Condition:
    """What a code means to the engine.

    Attributes:
        code: Its name.
        region: Physiological or technical; neither region ever touches the other (I1).
        rungs: (seconds since it began to hold, priority), rising; the first is the delay before it is raised.
        at_once: Priorities which, observed, need no delay.
        off_after_s: How long it must be gone; None: until RESET.
        closes_s: How long it stays latched; None: until RESET.
        latches: Whether it is kept when it ends unanswered.
        needs_signal: Whether it is seen in the samples, so that without samples nobody can tell.
        snoozable: Whether it may be snoozed at all.
        snoozes_once: It says that nobody watches: it may be snoozed once, then not again until it has been over (I6),
            and an answer holds for half an hour.
        expires: Whether its signals end after half an hour (I6: not those that say that nobody watches).
        in_standby: Whether it is raised in standby too.
        title: What a page calls it.
    """

    code: AlarmCode
    region: Region
    rungs: tuple[tuple[float, Priority], ...]
    off_after_s: float | None
    title: str
    at_once: frozenset[Priority] = frozenset()
    closes_s: float | None = TECH_CLOSES_S
    latches: bool = True
    needs_signal: bool = False
    snoozable: bool = True
    snoozes_once: bool = False
    expires: bool = True
    in_standby: bool = False

    def priority_after(self, held_s: float, observed: Priority | None) -> Priority | None:
        """Return its priority once it has held for ``held_s``; None while its delay runs."""
        reached = [priority for after_s, priority in self.rungs if held_s >= after_s]
        if observed is not None and (reached or observed in self.at_once):
            reached.append(observed)
        return highest(reached)

    def next_rung_s(self, held_s: float) -> float | None:
        """Return after how many seconds of holding its priority changes next."""
        return next((after_s for after_s, _ in self.rungs if after_s > held_s), None)


_HIGH: frozenset[Priority] = frozenset({"high"})

_AT_ONCE: tuple[tuple[float, Priority], ...] = ((0.0, "low"),)

_TABLE = (
    Condition("CRAMP_SUSPECT", "physio", _AT_ONCE, 0.0, "Muscle tight", latches=False, needs_signal=True),
    Condition(
        "CRAMP", "physio", ((0.0, "medium"),), 10.0, "Cramp", closes_s=PHYSIO_CLOSES_S, needs_signal=True
    ),
    # A run counts from its onset and must last; a sequence (tonic, then clonic) is observed as high, at once.
    Condition(
        *("RHYTHMIC", "physio", ((10.0, "medium"),), 10.0, "Rhythmic contractions"),
        at_once=_HIGH,
        closes_s=PHYSIO_CLOSES_S,
        needs_signal=True,
    ),
    # Experimental; its observer waits for the ten seconds at twice the resting level.
    Condition(
        *("TENSION_RISE", "physio", ((0.0, "advisory"),), 0.0, "Tension rises (experimental)"),
        latches=False,
        needs_signal=True,
    ),
    Condition(
        *("HELP", "physio", ((0.0, "high"),), None, "Help is called"),
        closes_s=None,
        snoozable=False,
        expires=False,
        in_standby=True,
    ),
    Condition(
        *("NO_DATA", "tech", ((5.0, "low"), (30.0, "medium")), 5.0, "No signal from the sensor"),
        snoozes_once=True,
        expires=False,
    ),
    Condition(
        "BAD_SIGNAL", "tech", ((10.0, "low"), (60.0, "medium")), 10.0, "Signal not usable", expires=False
    ),
    Condition("CLOCK_FAULT", "tech", _AT_ONCE, 60.0, "The clock is wrong"),
    Condition("HOST_SLEPT", "tech", _AT_ONCE, 60.0, "The computer slept"),
    Condition(
        *("DETECTOR_DOWN", "tech", ((10.0, "medium"),), 5.0, "The monitor is down"),
        snoozes_once=True,
        expires=False,
    ),
    Condition("LINK_DOWN", "tech", ((15.0, "low"),), 10.0, "A path to people is down"),
    # Told within a minute of the first loss, the way to people included. Its observer sees enough room only above
    # twice the reserve.
    Condition("STORAGE", "tech", ((55.0, "low"),), 0.0, "Nothing is recorded"),
    # Its observer sees it over only 3 % above the limit.
    Condition("BATTERY", "tech", ((60.0, "low"),), 0.0, "Battery low"),
    Condition("ID_CLASH", "tech", _AT_ONCE, None, "Two programs use one name", closes_s=None),
    Condition("CONFIG", "tech", _AT_ONCE, None, "A setting is wrong", closes_s=None),
    Condition("MODEL", "tech", _AT_ONCE, None, "The model cannot be used", closes_s=None),
)

CONDITIONS: Mapping[AlarmCode, Condition] = MappingProxyType({row.code: row for row in _TABLE})
