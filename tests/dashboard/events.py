"""Messages as a monitor sends them, made by the detector's own builders."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from detector.alarm_messages import Receipt, alarm_message, receipt_message
from detector.alarms.values import AlarmChange, Moment, Occurrence, Stage
from detector.messages import Stream, event_message, heartbeat_message, levels_message
from detector.monitor_state import MonitorState
from detector.types import Contraction, Levels, SignalQuality
from firmware_bridge.samples import Scale, SensorInfo

BEGAN = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
INFO = SensorInfo(
    sensor_id="left-calf",
    emg_rate_hz=1000.0,
    acc_rate_hz=100.0,
    sites=("left-calf",),
    emg_scales=(Scale(-2048, 2047, -1000.0, 1000.0, "uV"),),
    acc_scale=None,
)
STREAM = Stream(INFO, "rec", lambda index: BEGAN + timedelta(seconds=index / INFO.emg_rate_hz))
_OF_A_CONTRACTION = {field.name for field in fields(Contraction)}


def contraction(**changes: Any) -> Contraction:
    """Return a cramp of 42 s at the recording's start."""
    values: dict[str, Any] = {
        "id": "rec.1",
        "revision": 0,
        "phase": "ended",
        "kind": "tonic",
        "alert": "cramp",
        "channel": 0,
        "site": "left-calf",
        "onset_index": 0,
        "decided_index": 9000,
        "duration_s": 42.0,
        "reason": "calf tight 42 s, 6 x resting level, leg still",
        "model": "rules-1",
        "confidence": 0.97,
        "peak_uv": 120.5,
    }
    return Contraction(**values | changes)


def event(seq: int, name: str = "rec.1", revision: int = 0, **values: Any) -> dict[str, Any]:
    """Return an event message; ``after`` is the number before unless given."""
    own = {key: value for key, value in values.items() if key in _OF_A_CONTRACTION}
    message = event_message(contraction(id=name, revision=revision, **own), STREAM, issued_at=BEGAN)
    return message | {"outbox": "box", "seq": seq, "after": seq - 1} | values


def state(at: datetime = BEGAN, **changes: Any) -> dict[str, Any]:
    """Return a state message of a night that wakes its sleeper, and whose paths to people are proven."""
    watched: dict[str, Any] = {"system": "armed", "mode": "self-managed"} | changes
    said = MonitorState("left-calf", "b00t", BEGAN, **watched).to_message(at)
    return said | {"proven": True}


def heartbeat(good_age_ms: int | None = 200, at: datetime = BEGAN) -> dict[str, Any]:
    """Return a sign of life."""
    return heartbeat_message("left-calf", boot_id="b00t", sequence=1, last_good_age_ms=good_age_ms, at=at)


def levels(first_index: int = 0, rows: int = 10, uv: float = 5.0) -> dict[str, Any]:
    """Return the levels of a hop."""
    envelope = np.full((rows, 1), uv, np.float32)
    found = Levels(first_index, 50, envelope, np.full(1, 2.0, np.float32), 12.0)
    return levels_message(found, [SignalQuality(first_index, 1000, 0, (), 2.0, 0.0)], STREAM)


def alarm(
    name: str = "left-calf.1", revision: int = 0, stage: Stage = "active", **values: Any
) -> dict[str, Any]:
    """Return a change of a cramp's alarm, as the alerter says it; an outbox's three keys may be added."""
    began = Moment(100.0, BEGAN)
    occurrence = Occurrence(
        id=name,
        code="CRAMP",
        key="left-calf",
        sensor="left-calf",
        priority="medium",
        stage=stage,
        revision=revision,
        began=began,
        since=began,
        raised=began,
        event_id="rec.1",
        site="left-calf",
        text="Left calf tight for 0:09, leg still.",
    )
    change = AlarmChange(occurrence, "pending", stage, "delay over", "engine", began.after(revision))
    return alarm_message(change, issued_at=BEGAN) | values


def receipt(name: str = "told.1", revision: int = 0, **changes: Any) -> dict[str, Any]:
    """Return word of a push that went out."""
    values: dict[str, Any] = {
        "occurrence_id": "left-calf.1",
        "alarm_revision": 0,
        "sensor": "left-calf",
        "channel": "push",
        "outcome": "sent",
        "at": BEGAN + timedelta(seconds=30),
        "person": "Ann",
        "latency_s": 0.4,
    }
    return receipt_message(Receipt(id=name, revision=revision, **values | changes))
