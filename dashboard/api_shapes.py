"""What is sent to the pages' server and what it answers, as types: the documents of the HTTP interface.

Only the interface's description is made of them (`dashboard.openapi`); tests hold real answers against it. Times
are seconds since 1970. Answers may hold more than is said here.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from dashboard.alarms import Answer
from dashboard.answers import WatchAct
from dashboard.doors import Role
from dashboard.labels import Verdict

Kind = Literal["tonic", "clonic", "leg_movement", "tension_rise", "artefact"]
Alert = Literal["cramp", "clonic", "tonic_clonic", "none"]


@dataclass(frozen=True, slots=True)
class Done:
    """It was done; there is nothing to say."""


@dataclass(frozen=True, slots=True)
class Why:
    """Why it was not done, in words for the person."""

    why: str


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What somebody answers to an alarm; the id is new for each press, so that one sent twice is done once."""

    id: str
    occurrence_id: str
    answer: Answer
    minutes: float | None = None
    who: str = "somebody at the base station"
    place: str = "page"


@dataclass(frozen=True, slots=True)
class GivenAct:
    """What somebody asks of a night's watch."""

    id: str
    sensor: str
    name: WatchAct
    minutes: float | None = None
    override: bool = False
    who: str = "somebody at the base station"
    place: str = "page"


@dataclass(frozen=True, slots=True)
class GivenDenial:
    """That what alarmed was no cramp."""

    occurrence_id: str


@dataclass(frozen=True, slots=True)
class EarlierAlarm:
    """An alarm of this night that is over."""

    id: str
    kind: Literal["physio", "tech"]
    at: float
    title: str
    length: str
    answered: str


@dataclass(frozen=True, slots=True)
class EarlierAlarms:
    """The alarms of this night that are over, newest first."""

    alarms: list[EarlierAlarm]


@dataclass(frozen=True, slots=True)
class Event:
    """A contraction, or a trouble of the signal, in its newest revision."""

    id: str
    revision: int
    sensor: str
    phase: Literal["started", "updated", "ended"]
    site: str
    kind: Kind
    alert: Alert
    reason: str
    quality: Literal["good", "doubtful", "unconfirmed"]
    lane: str
    start: float
    end: float
    length: str
    what: str
    doubt: str
    peak_uv: float | None
    burst_rate_hz: float | None
    confidence: float | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """One recording of a night."""

    start: float
    end: float
    sites: list[str]
    rate_hz: float
    unit: str
    has_acc: bool
    postures: list[tuple[float, float, int]]
    gaps: list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Night:
    """A night's facts, lanes and events."""

    name: str
    date: str
    sensor: str
    headline: str
    start: float
    end: float
    parts: list[Recorded]
    pauses: list[tuple[float, float]]
    lanes: dict[str, str]
    events: list[Event]
    troubles: list[str]
    is_growing: bool


@dataclass(frozen=True, slots=True)
class SaidLabel:
    """What one person says of one episode."""

    id: str
    event_id: str | None
    by: str
    verdict: Verdict
    word: str
    note: str
    at: float
    start: float | None
    end: float | None


@dataclass(frozen=True, slots=True)
class SaidLabels:
    """What people said of a night, the newest last."""

    labels: list[SaidLabel]


@dataclass(frozen=True, slots=True)
class GivenLabel:
    """What somebody says of an event, or of a span (``start``, ``end``) that no event tells of."""

    verdict: Verdict
    event_id: str | None = None
    start: float | None = None
    end: float | None = None
    id: str = ""
    note: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class GivenUndo:
    """Which label to take back."""

    id: str


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that was measured."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that an alarm did, or that somebody was told."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class EventInFull:
    """All that is known of one event."""

    measured: list[Measure]
    alarms: list[Told]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Answers of an evening, or of what lasts; what was not answered is not there."""

    answers: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GivenLogin:
    """Name and password of an account."""

    name: str
    password: str


@dataclass(frozen=True, slots=True)
class GivenToken:
    """What an invitation's link holds."""

    token: str


@dataclass(frozen=True, slots=True)
class Home:
    """Where whoever came in, or left, goes on."""

    home: str


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever asks."""

    name: str
    role: Role
    home: str
