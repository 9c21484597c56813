"""Commands: what may be honoured is, nothing else is, and nothing that comes can do more than be refused."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from detector.alarms.values import ActName
from detector.commands import (
    LONGEST,
    Asked,
    Command,
    RefusedCommandError,
    command_message,
    command_schema,
    read_command,
)
from detector.messages import encode
from detector.roles import COMMANDS, CommandName, Role

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ACK = Command("c1", "caregiver", "ack", "left-calf", "Ann", NOW, occurrence_id="left-calf.7")
TOPIC = "crampwatch/1/left-calf/command/caregiver/ack"
MESSAGE = command_message(ACK)
ALLOWED = sorted((role, name) for role, names in COMMANDS.items() for name in names)


def read(payload: bytes, *, topic: str = TOPIC, retained: bool = False, now: datetime = NOW) -> Command:
    return read_command(topic, payload, retained=retained, now=now)


def refusal(message: dict[str, Any] | bytes, **how: Any) -> str:
    payload = message if isinstance(message, bytes) else json.dumps(message).encode()
    with pytest.raises(RefusedCommandError) as refused:
        read(payload, **how)
    return refused.value.refusal


def test_an_answer_is_read_as_it_was_made() -> None:
    assert read(encode(MESSAGE)) == ACK
    assert ACK.topic == TOPIC


@pytest.mark.parametrize(("role", "name"), ALLOWED)
def test_every_role_may_ask_for_what_its_table_says(role: Role, name: CommandName) -> None:
    command = Command(
        "c2",
        role,
        name,
        "left-calf",
        "Ann",
        NOW,
        occurrence_id="left-calf.7",
        place="bedside page",
        minutes=10.0,
        until=NOW + timedelta(hours=1),
        mode="guarded",
        override=True,
        event_id="left-calf-20260301.1000",
        verdict="movement",
        note="I turned over",
    )
    message = command_message(command)
    Draft202012Validator(command_schema()).validate(message)
    assert read(encode(message), topic=command.topic) == command
    act = command.act
    assert (act is None) == (name not in get_args(ActName))
    assert act is None or (act.name, act.occurrence_id, act.role) == (name, "left-calf.7", role)


@pytest.mark.parametrize(
    ("role", "name"),
    [
        ("caregiver", "standby"),
        ("caregiver", "arm"),
        ("monitor", "ack"),
        ("stranger", "ack"),
        ("dashboard", "rm"),
    ],
)
def test_nobody_may_ask_for_more(role: str, name: str) -> None:
    assert refusal(MESSAGE, topic=f"crampwatch/1/left-calf/command/{role}/{name}") == "role"


def test_what_the_broker_kept_is_not_wanted_now() -> None:
    assert refusal(MESSAGE, retained=True) == "retained"


@pytest.mark.parametrize(
    ("age_s", "expected"), [(31, "late"), (3600, "late"), (-6, "future"), (-3600, "future")]
)
def test_old_commands_and_future_ones_are_refused(age_s: float, expected: str) -> None:
    assert refusal(MESSAGE, now=NOW + timedelta(seconds=age_s)) == expected


@pytest.mark.parametrize("age_s", [30, 0, -5])
def test_a_command_of_now_is_taken(age_s: float) -> None:
    assert read(encode(MESSAGE), now=NOW + timedelta(seconds=age_s)) == ACK


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("version", 2, "version"),
        ("version", True, "version"),
        ("version", None, "version"),
        ("id", "", "malformed"),
        ("id", 7, "malformed"),
        ("who", " ", "malformed"),
        ("who", "x" * 201, "malformed"),
        ("who", "bell \a", "malformed"),
        ("who", "<script>\n", "malformed"),
        ("at", None, "malformed"),
        ("at", "now", "malformed"),
        ("at", "2026-11-22T03:00:00", "malformed"),
        ("at", "0001-01-01T00:00:00+23:59", "malformed"),
        ("at", 0, "malformed"),
        ("occurrence_id", None, "unbound"),
        ("event_id", 7, "malformed"),
        ("verdict", "seizure", "malformed"),
        ("note", "two\nlines", "malformed"),
        ("occurrence_id", ["left-calf.7"], "malformed"),
        ("minutes", 0, "malformed"),
        ("minutes", -5, "malformed"),
        ("minutes", 1e9, "malformed"),
        ("minutes", "5", "malformed"),
        ("minutes", True, "malformed"),
        ("mode", "off", "malformed"),
        ("mode", [], "malformed"),
        ("override", 1, "malformed"),
        ("until", "soon", "malformed"),
    ],
)
def test_what_is_not_as_the_contract_says_is_refused(key: str, value: object, expected: str) -> None:
    assert refusal(MESSAGE | {key: value}) == expected


@pytest.mark.parametrize("payload", [b"", b"[]", b"null", b"\xff", b"{", b"[" * 2000, b'{"version": NaN}'])
def test_bytes_that_are_no_command_are_refused(payload: bytes) -> None:
    assert refusal(payload) == "malformed"


def test_a_long_message_is_not_even_parsed() -> None:
    assert refusal(b" " * (LONGEST + 1)) == "oversized"


def test_a_mode_is_named_where_one_is_asked_for() -> None:
    assert refusal(MESSAGE, topic="crampwatch/1/left-calf/command/dashboard/mode") == "malformed"


@pytest.mark.parametrize("key", ["event_id", "verdict"])
def test_a_label_says_of_what_it_is_and_what_it_was(key: str) -> None:
    label = MESSAGE | {"event_id": "left-calf-20260301.1000", "verdict": "cramp"}
    topic = "crampwatch/1/left-calf/command/dashboard/label"
    assert read(json.dumps(label).encode(), topic=topic).verdict == "cramp"
    del label[key]
    assert refusal(label, topic=topic) == "malformed"


def test_who_asked_is_read_from_what_is_refused_as_far_as_it_can_be() -> None:
    def asked(message: dict[str, Any] | bytes, **how: Any) -> Asked | None:
        payload = message if isinstance(message, bytes) else json.dumps(message).encode()
        with pytest.raises(RefusedCommandError) as refused:
            read(payload, **how)
        return refused.value.asked

    whole = Asked("left-calf", "caregiver", "ack", "c1", "Ann", "left-calf.7")
    assert asked(MESSAGE, now=NOW + timedelta(minutes=1)) == whole
    assert asked(MESSAGE | {"who": "bell \a"}) == replace(whole, who="")
    assert asked(b"{") == Asked("left-calf", "caregiver", "ack")
    assert asked(b" " * (LONGEST + 1)) == Asked("left-calf", "caregiver", "ack")
    # Nobody asks now for what the broker kept, and a topic that is none names nobody.
    assert asked(MESSAGE, retained=True) is None
    assert asked(MESSAGE, topic="#") is None


@pytest.mark.parametrize(
    "topic", ["", "crampwatch/1/left-calf/ack", "crampwatch/2/a/command/caregiver/ack", "#"]
)
def test_other_topics_are_no_commands(topic: str) -> None:
    assert refusal(MESSAGE, topic=topic) == "topic"


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(key=st.sampled_from(sorted(MESSAGE)) | st.text(), value=anything, role=st.sampled_from(ALLOWED))
def test_whatever_comes_is_a_command_within_bounds_or_refused(
    key: str, value: object, role: tuple[Role, CommandName]
) -> None:
    topic = f"crampwatch/1/left-calf/command/{role[0]}/{role[1]}"
    try:
        command = read(json.dumps(MESSAGE | {key: value}).encode(), topic=topic)
    except RefusedCommandError:
        return
    assert command.who.isprintable()
    assert abs(command.at - NOW) <= timedelta(seconds=30)
    Draft202012Validator(command_schema()).validate(command_message(command))


@given(payload=st.binary(max_size=300), topic=st.text(max_size=60))
def test_noise_is_refused(payload: bytes, topic: str) -> None:
    with pytest.raises(RefusedCommandError):
        read(payload, topic=topic)
