"""How a monitor stands: everything the retained `state` message says, as one frozen value.

The message is flat and always has every key, so that a home-automation template never meets a missing one,
and it carries ``valid_until``: a retained message outlives whoever sent it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Literal

from detector.alarms.observing import NIGHTS, Observed
from detector.alarms.self_test import SelfTest
from detector.alarms.values import AlarmCode, Mode, Priority, System
from detector.messages import STATE_VALID_S, Message, iso
from detector.topics import VERSION
from detector.types import RHYTHMIC, Alert, Certainty, Kind

__all__ = [
    "AlarmNow",
    "Contact",
    "ContractionNow",
    "Mode",
    "MonitorState",
    "Priority",
    "Stage",
    "TechnicalCondition",
]

Stage = Literal["idle", "bedside", "caregiver", "escalated", "acknowledged"]
Contact = Literal["good", "poor", "off", "unknown"]


@dataclass(frozen=True, slots=True)
class TechnicalCondition:
    """What keeps the monitor from doing its work in full: a code of ALARMS and a sentence for a person."""

    code: AlarmCode
    priority: Priority
    since: datetime
    text: str


@dataclass(frozen=True, slots=True)
class ContractionNow:
    """The contraction under way, as the newest revision of its event tells it.

    ``certainty`` is the event's quality: ``unconfirmed`` where the signal was lost during it.
    """

    event_id: str
    kind: Kind
    alert: Alert
    since: datetime
    site: str
    certainty: Certainty
    confirmed: bool
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True)
class AlarmNow:
    """The alarm that an answer without a choice is for: unanswered first, then the body's, then the most pressing."""

    id: str
    code: AlarmCode
    title: str
    priority: Priority
    answered: bool


@dataclass(frozen=True, slots=True)
class MonitorState:
    """Everything that a page or a home automation shows of one monitor.

    Attributes:
        sensor_id: the sensor's name.
        boot_id: another one at each start of the monitor.
        system: what the monitor is doing.
        standby_until: when standby ends; it always ends.
        proven: whether tonight's self-test has passed; no page is green without (ALARMS I11).
        self_test: the newest self-test, part by part; None before the first.
        mode: who is woken (ALARMS section 5).
        observing: what observing has shown so far; None in other modes.
        now: the contraction under way, if any.
        stage: how far an alarm has come.
        alarm: the alarm to answer first, if any stands.
        conditions: standing technical conditions; any makes the state ``degraded``.
        contact: the electrodes' contact.
        battery_percent: of the sensor; None where it is not measured.
        monitored_s: how long the monitor has been on tonight.
        usable_s: how much of that had a usable signal.
        cramps_tonight: how many cramps have begun tonight.
        last_cramp: when the newest began.
        last_duration_s: how long the newest that has ended took.
        recording: path of the file being written, None while nothing is recorded.
        recording_id: what event ids and sample indices refer to.
        started_at: when the monitor was started.
        sites: one placement per EMG channel; empty until the sensor has said who it is.
        emg_rate_hz: None until then.
        firmware: the board's version, or the format of a recording.
        synthetic: True where a simulated wearer plays the sensor; pages say so.
        counters: losses and faults since the start, by name.
    """

    sensor_id: str
    boot_id: str
    started_at: datetime
    system: System = "self_test"
    standby_until: datetime | None = None
    proven: bool = False
    self_test: SelfTest | None = None
    mode: Mode = "observe"
    observing: Observed | None = None
    now: ContractionNow | None = None
    stage: Stage = "idle"
    alarm: AlarmNow | None = None
    conditions: tuple[TechnicalCondition, ...] = ()
    contact: Contact = "unknown"
    battery_percent: int | None = None
    monitored_s: float = 0.0
    usable_s: float = 0.0
    cramps_tonight: int = 0
    last_cramp: datetime | None = None
    last_duration_s: float | None = None
    recording: str | None = None
    recording_id: str | None = None
    sites: tuple[str, ...] = ()
    emg_rate_hz: float | None = None
    firmware: str = ""
    synthetic: bool = False
    counters: Mapping[str, int] = field(default_factory=dict)

    @property
    def degraded(self) -> bool:
        """Whether something keeps the monitor from doing its work in full."""
        return bool(self.conditions)

    @property
    def coverage(self) -> float | None:
        """Share of the monitored time that had a usable signal, 0…1; None before the first second."""
        return round(min(1.0, self.usable_s / self.monitored_s), 4) if self.monitored_s > 0 else None

    def to_message(self, at: datetime, *, valid_s: float = STATE_VALID_S) -> Message:
        """Return the `state` message, said at ``at`` and true for ``valid_s``."""
        return {
            "version": VERSION,
            "sensor": self.sensor_id,
            "boot_id": self.boot_id,
            "at": iso(at),
            "valid_until": iso(at + timedelta(seconds=valid_s)),
            "started_at": iso(self.started_at),
            "system": self.system,
            "standby_until": _moment(self.standby_until),
            "proven": self.proven,
            "self_test": _self_test(self.self_test),
            "degraded": self.degraded,
            "mode": self.mode,
            "observing": _observing(self.observing),
            **_contraction(self.now),
            "stage": self.stage,
            **_alarm(self.alarm),
            "conditions": [_condition(condition) for condition in self.conditions],
            "contact": self.contact,
            "battery": self.battery_percent,
            "coverage": self.coverage,
            "monitored_s": round(self.monitored_s, 1),
            "usable_s": round(self.usable_s, 1),
            "cramps_tonight": self.cramps_tonight,
            "last_cramp": _moment(self.last_cramp),
            "last_duration_s": self.last_duration_s,
            "recording": self.recording,
            "recording_id": self.recording_id,
            "sites": list(self.sites),
            "emg_rate_hz": self.emg_rate_hz,
            "firmware": self.firmware,
            "synthetic": self.synthetic,
            "counters": dict(self.counters),
        }


def _contraction(now: ContractionNow | None) -> Message:
    """Return the keys about the contraction under way; they are the same where there is none."""
    alert = now.alert if now else "none"
    named = {name.name: getattr(now, name.name, None) for name in fields(ContractionNow)}
    return named | {
        "cramp": "ON" if alert == "cramp" else "OFF",
        "rhythmic": "ON" if alert in RHYTHMIC else "OFF",
        "alert": alert,
        "confirmed": now is not None and now.confirmed,
        "since": _moment(now.since if now else None),
    }


def _alarm(alarm: AlarmNow | None) -> Message:
    return {f"alarm_{name.name}": getattr(alarm, name.name, None) for name in fields(AlarmNow)}


def _self_test(test: SelfTest | None) -> list[Message]:
    parts = () if test is None else test.parts
    return [{"name": part.name, "passed": part.passed, "text": part.text} for part in parts]


def _observing(seen: Observed | None) -> Message | None:
    if seen is None:
        return None
    would_have = dict(seen.would_have)
    return {"nights": seen.nights, "of": NIGHTS, "would_have": would_have, "offer": seen.is_enough}


def _condition(condition: TechnicalCondition) -> Message:
    return {
        "code": condition.code,
        "priority": condition.priority,
        "since": iso(condition.since),
        "text": condition.text,
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)
