"""Every value of the alarm engine: what is observed, what stands, what people do, and what they perceive.

Words after IEC 60601-1-8: a *condition* is a predicate, an *occurrence* one interval in which it holds, a *signal*
what a person perceives. Pausing, acknowledging and snoozing act on signals, never on conditions.

    AlarmError
    ├── RefusedActError    what a person asked for is not possible now; the text is for that person
    └── SnapshotError      a stored state that cannot be believed
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from detector.noon import evening_of

Priority = Literal["advisory", "low", "medium", "high"]
Stage = Literal["inactive", "pending", "active", "paused", "acked", "snoozed", "latched", "closed"]
Mode = Literal["observe", "self-managed", "guarded", "awake"]
System = Literal["self_test", "armed", "standby"]
ActName = Literal["ack", "going", "cannot", "snooze", "pause", "reset", "arm", "standby", "mode"]
AlarmCode = Literal[
    "CRAMP_SUSPECT",
    "CRAMP",
    "RHYTHMIC",
    "TENSION_RISE",
    "HELP",
    "NO_DATA",
    "BAD_SIGNAL",
    "CLOCK_FAULT",
    "HOST_SLEPT",
    "DETECTOR_DOWN",
    "LINK_DOWN",
    "STORAGE",
    "BATTERY",
    "ID_CLASH",
    "CONFIG",
    "MODEL",
]

RANK: dict[Priority, int] = {"advisory": 0, "low": 1, "medium": 2, "high": 3}
# Stages in which people have been or are being told; `pending` is known to the engine alone.
RAISED: frozenset[Stage] = frozenset({"active", "paused", "acked", "snoozed", "latched"})
# Raised, and nobody has answered.
UNANSWERED: frozenset[Stage] = frozenset({"active", "paused", "latched"})


class AlarmError(ValueError):
    """Something that the alarm engine cannot take."""


class RefusedActError(AlarmError):
    """What a person asked for is not possible now; the text is for that person."""


class SnapshotError(AlarmError):
    """A stored state that cannot be believed."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment on both clocks: timers run on the first, people read the second.

    Attributes:
        mono_s: Monotonic seconds; only differences mean anything, and only on one boot of the computer.
        wall: Wall time, with its zone.
    """

    mono_s: float
    wall: datetime

    def after(self, seconds: float) -> "Moment":
        """Return the moment ``seconds`` from here."""
        # By way of UTC: a day of a zone with daylight saving need not have 24 hours.
        wall = (self.wall.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(self.wall.tzinfo)
        return Moment(self.mono_s + seconds, wall)


def night_of(at: Moment) -> str:
    """Return the date on whose noon the night of this moment began."""
    return evening_of(at.wall).isoformat()


@dataclass(frozen=True, slots=True)
class Observation:
    """A condition that holds now, as its observer sees it. A condition that nobody mentions does not hold.

    Attributes:
        text: One plain sentence for a page, without advice.
        since_s: Monotonic time since which it has held; None: since it was first mentioned. Delays count from here.
        priority: Higher than the condition's own table says, where the observer knows (a sequence, the lower
            battery limit, the only path to a caregiver).
        event_id: The contraction event it comes from.
        site: Where on the body.
        told_s: Monotonic time of the verdict; None: now. One older than ten minutes is reported, not sounded.
    """

    text: str = ""
    since_s: float | None = None
    priority: Priority | None = None
    event_id: str | None = None
    site: str | None = None
    told_s: float | None = None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One interval in which a condition held, and how people answered it.

    Attributes:
        id: For ever, and of nothing else.
        code: Which condition.
        key: Which one of several of that code (a site, ``host``, a channel's name); empty where there is one.
        sensor: Whose.
        priority: The highest it has had.
        stage: Where it stands; see `detector.alarms.transitions`.
        revision: 0, 1, 2, … with each `AlarmChange`; receivers key on (id, revision).
        began: Since when the condition has held.
        since: Since when it has been in this stage.
        raised: When it first became active; None before.
        called: When the present call to people began: a second call begins a second ladder.
        call: 1, then 2 after a snooze or a rise of priority.
        until: When this stage ends by itself; None where it does not.
        ended: When the condition ended, past its delay; None while it holds or nobody can tell.
        event_id: The newest contraction event in it.
        site: Where on the body.
        text: One plain sentence for a page.
        unconfirmed: The signal was lost while it stood: nobody can tell whether it went on.
        lost: When that was.
        stale: Older than ten minutes when it became known: reported, not sounded.
        acked_by: Who answered the present call; None while nobody has.
        acked_priority: What it was when somebody answered.
        answer: ``ack``, ``going`` or a button; None while nobody has answered.
        declined: Who said that they cannot come, in order.
        ordinal: The how many-th of its kind tonight.
    """

    id: str
    code: AlarmCode
    key: str
    sensor: str
    priority: Priority
    stage: Stage
    revision: int
    began: Moment
    since: Moment
    raised: Moment | None = None
    called: Moment | None = None
    call: int = 1
    until: Moment | None = None
    ended: Moment | None = None
    event_id: str | None = None
    site: str | None = None
    text: str = ""
    unconfirmed: bool = False
    lost: Moment | None = None
    stale: bool = False
    acked_by: str | None = None
    acked_priority: Priority | None = None
    answer: str | None = None
    declined: tuple[str, ...] = ()
    ordinal: int = 1


@dataclass(frozen=True, slots=True)
class AlarmChange:
    """One logged change of an occurrence; ``was`` equals ``now`` where only its content changed."""

    occurrence: Occurrence
    was: Stage
    now: Stage
    why: str
    who: str
    at: Moment

    @property
    def public(self) -> bool:
        """Whether anybody but the log needs to know: the occurrence has been raised."""
        return self.occurrence.raised is not None or self.occurrence.stale


@dataclass(frozen=True, slots=True)
class SystemChange:
    """One logged change of the system region or of the mode."""

    region: Literal["system", "mode"]
    was: str
    now: str
    why: str
    who: str
    at: Moment


Change = AlarmChange | SystemChange


@dataclass(frozen=True, slots=True)
class Act:
    """What a person did.

    Attributes:
        name: What.
        who: By name, or ``sleeper``.
        occurrence_id: What it answers; needed for everything but `arm`, `standby` and `mode`.
        role: As which they were let in: the role of the command's topic, or ``sensor`` for the button.
        place: Where they did it: a page, a channel, the button.
        minutes: For `snooze` (5, 10 or 30) and `pause` (up to 2); for `standby`, how long.
        until: For `standby`: when it ends, instead of minutes.
        mode: For `mode`.
        override: For `arm`: although the self-test has not passed, knowingly.
    """

    name: ActName
    who: str
    occurrence_id: str | None = None
    role: str = ""
    place: str = ""
    minutes: float | None = None
    until: datetime | None = None
    mode: Mode | None = None
    override: bool = False
