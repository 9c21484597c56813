"""What somebody answers at a page: passed on as one command that a monitor obeys, or refused in words."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboard.live import Live
from dashboard.texts import texts_in
from detector.commands import Command, read_command
from tests.dashboard.addresses import ANSWERS, OURS
from tests.dashboard.conftest import Told
from tests.dashboard.events import alarm

T = texts_in()
EVIL = "<img src=x onerror=alert(1)>"


def give(client: TestClient, answer: object = "ack", **changes: Any) -> tuple[int, str]:
    asked = {"id": "press-1", "occurrence_id": "left-calf.1", "answer": answer} | changes
    said = client.post(ANSWERS, json=asked, headers=OURS)
    return said.status_code, said.json().get("why", "")


def commands(told: Told, live: Live) -> list[Command]:
    """Return what a monitor of the same night would read."""
    now = live.clock.wall()
    return [
        read_command(topic, payload, retained=kept, now=now) for topic, payload, _, kept in told.publications
    ]


def test_an_answer_is_a_command_that_the_monitor_reads(client: TestClient, live: Live, told: Told) -> None:
    live.tell_alarm(alarm())
    assert give(client) == (202, "")
    (command,) = commands(told, live)
    assert command.topic == "crampwatch/1/left-calf/command/dashboard/ack"
    assert (command.id, command.occurrence_id) == ("press-1", "left-calf.1")
    assert (command.who, command.place) == (T("at_the_page"), T("place"))
    assert told.publications[0].qos == 1


def test_a_snooze_says_how_long(client: TestClient, live: Live, told: Told) -> None:
    live.tell_alarm(alarm())
    for minutes in (5, 10, 30):
        assert give(client, "snooze", minutes=minutes)[0] == 202
    assert [command.minutes for command in commands(told, live)] == [5, 10, 30]
    refused: tuple[object, ...] = (None, 0, 7, 1e9, "5", True, [5])
    for wrong in refused:
        assert give(client, "snooze", minutes=wrong) == (400, T("not_understood")), wrong
    assert len(told.publications) == 3


def test_an_answer_to_an_alarm_that_is_over_is_refused_in_words(
    client: TestClient, live: Live, told: Told
) -> None:
    assert give(client) == (409, T("alarm_over"))
    live.tell_alarm(alarm())
    live.tell_alarm(alarm(revision=2, stage="closed"))
    # What was under way comes late, and raises nothing.
    live.tell_alarm(alarm(revision=1, stage="acked"))
    assert give(client) == (409, T("alarm_over"))
    assert told.publications == []


def test_an_answer_that_is_not_possible_now_is_refused_in_words(
    client: TestClient, live: Live, told: Told
) -> None:
    live.tell_alarm(alarm(stage="acked", acked_by="Ann", answer="going"))
    for answer in ("ack", "going", "cannot"):
        assert give(client, answer) == (409, T("not_now", title="Cramp"))
    live.tell_alarm(alarm("help", code="HELP"))
    assert give(client, "snooze", minutes=5, occurrence_id="help")[0] == 409
    assert told.publications == []


def test_without_a_broker_the_person_is_told(client: TestClient, live: Live, told: Told) -> None:
    live.tell_alarm(alarm())
    told.is_there, live.trouble = False, lambda: "no broker answers at 127.0.0.1"
    status, why = give(client)
    assert status == 503
    assert why == "The answer could not be sent: no broker answers at 127.0.0.1. The alarm goes on."


@pytest.mark.parametrize(
    "changes",
    [
        {"id": ""},
        {"id": "x" * 300},
        {"id": 7},
        {"id": "a\nb"},
        {"occurrence_id": None},
        {"occurrence_id": ["left-calf.1"]},
        {"answer": "standby"},
        {"answer": "mode"},
        {"answer": None},
        {"answer": ["ack"]},
        {"who": "x" * 300},
        {"who": "a\0b"},
        {"who": 7},
        {"place": {}},
    ],
)
def test_what_is_no_answer_is_not_passed_on(
    client: TestClient, live: Live, told: Told, changes: dict[str, Any]
) -> None:
    live.tell_alarm(alarm())
    assert give(client, **changes) == (400, T("not_understood"))
    assert told.publications == []


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"{", b"[" * 4000, b'"' + b"x" * 5000 + b'"', b"\xff"])
def test_what_is_no_object_is_not_passed_on(client: TestClient, told: Told, body: bytes) -> None:
    assert client.post(ANSWERS, content=body, headers=OURS).status_code == 400
    assert told.publications == []


def test_a_name_is_passed_on_as_it_is(client: TestClient, live: Live, told: Told) -> None:
    live.tell_alarm(alarm())
    assert give(client, "going", who=EVIL)[0] == 202
    assert commands(told, live)[0].who == EVIL
