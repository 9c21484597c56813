from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.topics import (
    DELIVERY,
    TopicError,
    Topics,
    command_topic,
    every_command,
    every_sensor,
    parse_command_topic,
    parse_topic,
)

SENSOR_IDS = st.from_regex(r"\A[a-z0-9-]{1,32}\Z")


@given(st.text() | st.from_regex(r"[a-z0-9-]+[/+#$\x00\n]"))
def test_no_id_leaves_the_branch(text: str) -> None:
    try:
        topic = Topics(text).event
    except TopicError:
        assert re.fullmatch(r"[a-z0-9-]{1,32}", text, re.ASCII) is None
    else:
        assert re.fullmatch(r"crampwatch/1/[a-z0-9-]{1,32}/event", topic, re.ASCII)


@given(SENSOR_IDS, st.sampled_from(sorted(DELIVERY)))
def test_a_topic_is_read_back_as_it_was_made(sensor_id: str, name: str) -> None:
    topics = Topics(sensor_id)
    topic = getattr(topics, name)
    assert parse_topic(topic) == (topics, name)


@given(st.text(st.sampled_from("crampwatch/1x-+#event ")))
def test_foreign_topics_are_never_taken_for_ours(topic: str) -> None:
    try:
        topics, name = parse_topic(topic)
    except TopicError:
        return
    assert topics.of(name) == topic


@pytest.mark.parametrize("bad", ["", "A", "left calf", "a" * 33, "é", "²", "a/b", "+", "#", "$SYS"])
def test_a_bad_id_is_told_with_what_is_expected(bad: str) -> None:
    with pytest.raises(TopicError, match=r"expected 1 to 32 of the characters a-z, 0-9 and '-', got"):
        Topics(bad)


def test_an_unknown_name_is_told_with_the_names_there_are() -> None:
    with pytest.raises(TopicError, match=r"expected one of availability, state, .* got 'raw'"):
        Topics("a").of("raw")  # type: ignore[arg-type]


def test_events_are_never_retained_and_what_is_retained_is_little() -> None:
    assert {name for name, delivery in DELIVERY.items() if delivery.retained} == {
        "availability",
        "state",
        "logged",
    }
    assert {name for name, delivery in DELIVERY.items() if delivery.qos == 0} == {
        "heartbeat",
        "levels",
        "wave",
    }


def test_one_filter_takes_a_topic_of_all_sensors() -> None:
    assert every_sensor("event") == "crampwatch/1/+/event"


@given(SENSOR_IDS, SENSOR_IDS, SENSOR_IDS)
def test_a_commands_topic_is_read_back_as_it_was_made(sensor_id: str, role: str, name: str) -> None:
    assert parse_command_topic(command_topic(sensor_id, role, name)) == (sensor_id, role, name)


@given(st.text(st.sampled_from("crampwatch/1command-+#ack ")))
def test_no_other_topic_is_taken_for_a_command(topic: str) -> None:
    try:
        parts = parse_command_topic(topic)
    except TopicError:
        return
    assert command_topic(*parts) == topic


@pytest.mark.parametrize("bad", ["", "a/b", "+", "#", "A", "x" * 33])
def test_no_role_or_name_leaves_its_place(bad: str) -> None:
    with pytest.raises(TopicError):
        command_topic("left-calf", bad, "ack")
    with pytest.raises(TopicError):
        command_topic("left-calf", "caregiver", bad)


def test_commands_are_subscribed_to_in_every_role() -> None:
    assert every_command("left-calf") == "crampwatch/1/left-calf/command/+/+"
