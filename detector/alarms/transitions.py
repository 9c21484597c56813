"""The state chart of ALARMS section 2 as a table; `detector.alarms.chart` draws it, the machines obey it.

``inactive`` is a machine without an occurrence, ``closed`` an occurrence that is over: the machine is inactive again.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from detector.alarms.values import Stage

Trigger = Literal[
    "begins",
    "delay_over",
    "holds_again",
    "another_begins",
    "worse",
    "gone",
    "passes",
    "too_old",
    "ack",
    "pause",
    "snooze",
    "reset",
    "standby",
    "pause_over",
    "snooze_over",
    "snooze_over_unknown",
    "recall",
    "auto_close",
]

# What a trigger means to a reader of the chart.
MEANING: Mapping[Trigger, str] = MappingProxyType(
    {
        "begins": "condition true (delay running)",
        "delay_over": "delay over",
        "holds_again": "condition true again within 60 s",
        "another_begins": "another contraction",
        "worse": "priority rises",
        "gone": "condition false",
        "passes": "condition false (kinds that are not kept)",
        "too_old": "known only after 10 min: reported, not sounded",
        "ack": "ACK",
        "pause": "AUDIO PAUSE up to 120 s",
        "snooze": "SNOOZE 5, 10 or 30 min",
        "reset": "RESET",
        "standby": "STANDBY",
        "pause_over": "pause over",
        "snooze_over": "still true at the end (2nd call)",
        "snooze_over_unknown": "end, signal lost",
        "recall": "nobody has watched for 30 min since (2nd call)",
        "auto_close": "10 min (physio), 60 s (tech)",
    }
)

TRANSITIONS: Mapping[tuple[Stage, Trigger], Stage] = MappingProxyType(
    {
        ("inactive", "begins"): "pending",
        ("pending", "gone"): "closed",
        ("pending", "delay_over"): "active",
        ("pending", "too_old"): "latched",
        ("pending", "standby"): "closed",
        ("active", "ack"): "acked",
        ("active", "pause"): "paused",
        ("active", "gone"): "latched",
        ("active", "passes"): "closed",
        ("active", "too_old"): "latched",
        ("active", "reset"): "closed",
        ("active", "standby"): "closed",
        ("paused", "pause_over"): "active",
        ("paused", "worse"): "active",
        ("paused", "another_begins"): "active",
        ("paused", "ack"): "acked",
        ("paused", "gone"): "latched",
        ("paused", "passes"): "closed",
        ("paused", "too_old"): "latched",
        ("paused", "reset"): "closed",
        ("paused", "standby"): "closed",
        ("acked", "snooze"): "snoozed",
        ("acked", "recall"): "active",
        ("acked", "worse"): "active",
        ("acked", "another_begins"): "closed",
        ("acked", "gone"): "closed",
        ("acked", "passes"): "closed",
        ("acked", "reset"): "closed",
        ("acked", "standby"): "closed",
        ("snoozed", "snooze_over"): "active",
        ("snoozed", "snooze_over_unknown"): "latched",
        ("snoozed", "worse"): "active",
        ("snoozed", "another_begins"): "closed",
        ("snoozed", "gone"): "closed",
        ("snoozed", "passes"): "closed",
        ("snoozed", "reset"): "closed",
        ("snoozed", "standby"): "closed",
        ("latched", "holds_again"): "active",
        ("latched", "another_begins"): "closed",
        ("latched", "ack"): "closed",
        ("latched", "passes"): "closed",
        ("latched", "reset"): "closed",
        ("latched", "auto_close"): "closed",
        ("latched", "standby"): "closed",
    }
)


def next_stage(stage: Stage, trigger: Trigger) -> Stage:
    """Return where a trigger leads.

    Raises:
        KeyError: the chart has no such arrow; the caller asked for it without looking.
    """
    return TRANSITIONS[stage, trigger]
