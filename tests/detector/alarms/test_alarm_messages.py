from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import jsonschema
import pytest

from detector.alarm_messages import Receipt, alarm_message, alarm_schema, receipt_message
from detector.alarms.conditions import CONDITIONS
from detector.alarms.values import Act, AlarmChange
from detector.messages import encode
from tests.detector.alarms.alarm_world import STAGES, Night, in_stage, raised

NOW = Night().now.wall
TOLD = Receipt(
    "r.1", 0, "left-calf.1", 3, "left-calf", "push", "delivered", NOW, person="Ada", latency_s=0.25
)
TEST = Receipt("r.2", 1, None, None, "left-calf", "sound", "failed", NOW, text="no player", test=True)


def valid(name: Any, message: dict[str, Any]) -> dict[str, Any]:
    """The message as it travels, checked against its schema; every key is there and none else."""
    travelled: dict[str, Any] = json.loads(encode(message))
    jsonschema.Draft202012Validator(alarm_schema(name)).validate(travelled)
    assert set(travelled) == set(alarm_schema(name)["properties"])
    return travelled


@pytest.mark.parametrize("stage", STAGES)
def test_every_change_is_a_valid_message(stage: str) -> None:
    night = in_stage(stage)
    for code in CONDITIONS:
        if code != "HELP":
            raised(night, code)
    night.press(long=True)
    night.act(Act("cannot", "Ben", night.of("HELP").id))
    changes = [change for change in night.log if isinstance(change, AlarmChange)]
    assert len(changes) > len(CONDITIONS)
    for change in changes:
        message = valid("alarm", alarm_message(change, issued_at=night.now.wall))
        assert (message["id"], message["revision"]) == (change.occurrence.id, change.occurrence.revision)


def test_an_alarm_is_valid_for_ten_minutes() -> None:
    night = in_stage("active")
    change = night.log[-1]
    assert isinstance(change, AlarmChange)
    message = alarm_message(change, issued_at=night.now.wall)
    said = [night.now.wall.fromisoformat(message[name]) for name in ("at", "valid_until")]
    assert said[1] - said[0] == timedelta(minutes=10)


@pytest.mark.parametrize("stage", STAGES)
def test_what_was_never_raised_is_the_logs_alone(stage: str) -> None:
    changes = [change for change in in_stage(stage).log if isinstance(change, AlarmChange)]
    assert [change.public for change in changes] == [change.now != "pending" for change in changes]


@pytest.mark.parametrize("receipt", [TOLD, TEST], ids=["told", "test"])
def test_a_receipt_is_a_valid_message(receipt: Receipt) -> None:
    assert valid("receipt", receipt_message(receipt))["outcome"] == receipt.outcome


def test_codes_and_stages_of_the_schema_are_those_of_the_engine() -> None:
    assert alarm_schema("alarm")["properties"]["code"]["enum"] == list(CONDITIONS)
