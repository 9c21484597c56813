"""The description of the interface: valid, complete by the table of doors, and true of real answers."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard.app import all_doors
from dashboard.doors import Door
from dashboard.live import Live
from dashboard.night_log import NightLog
from dashboard.nights import Nights
from dashboard.openapi import OPERATIONS, describe, is_for_programs, ways
from tests.dashboard.addresses import OURS
from tests.dashboard.events import alarm, event
from tests.dashboard.recorded import NIGHT, START


@pytest.fixture
def document(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/openapi.json").json()
    return found


@pytest.fixture
def doors(live: Live, log: NightLog, app: Starlette, tmp_path: Path) -> list[Door]:
    return all_doors(live, log, Nights(tmp_path / "none", tmp_path / "none", log))


@pytest.fixture
def busy(client: TestClient, live: Live, log: NightLog) -> TestClient:
    """The pages of a house where something has happened."""
    log.add([event(1, onset_at=START.isoformat())], [alarm(), alarm("old.1", 1, "closed")])
    live.tell_alarm(alarm())
    return client


def schema(document: dict[str, Any], method: str, path: str, status: str) -> dict[str, Any]:
    answer = document["paths"][path][method]["responses"]
    found = answer.get(status, answer["default"])["content"]["application/json"]["schema"]
    return {**found, "components": document["components"]}


def test_it_is_valid(document: dict[str, Any]) -> None:
    validate(document)
    assert json.loads(json.dumps(document)) == document


def test_every_door_for_programs_is_in_it_with_its_own_words(
    doors: list[Door], document: dict[str, Any]
) -> None:
    used = [door for door in doors if is_for_programs(door)]
    assert len(used) >= 10
    for door in used:
        for method, path in ways(door):
            described = document["paths"][path][method.lower()]
            assert described["summary"] == (door.handler.__doc__ or "").strip()
            assert described["x-roles"] == sorted(door.roles)
            assert door.is_socket or (method, path) in OPERATIONS, f"{method} {path} has no types"


def test_nothing_is_in_it_that_is_no_door(doors: list[Door]) -> None:
    there = {way for door in doors for way in ways(door)}
    ours = {
        ("POST", "/api/login"),
        ("POST", "/api/welcome"),
        ("POST", "/api/logout"),
        ("GET", "/api/visitor"),
    }
    assert set(OPERATIONS) - there == ours


def test_a_door_that_nobody_described_is_there_all_the_same() -> None:
    async def answer() -> None:
        """Say nothing."""

    document = describe([Door("/api/new/{place:path}", answer, frozenset())])
    validate(document)
    assert document["paths"]["/api/new/{place}"]["get"]["summary"] == "Say nothing."
    assert document["paths"]["/api/new/{place}"]["get"]["security"] == []


LABEL = {"event_id": "rec.1", "verdict": "cramp", "note": "it hurt", "by": "Ann"}
ACK = {"id": "press-1", "occurrence_id": "left-calf.1", "answer": "ack"}


@pytest.mark.parametrize(
    ("method", "path", "query", "said"),
    [
        ("get", "/api/nights/{name}", "", None),
        ("get", "/api/nights/{name}/labels", "", None),
        ("post", "/api/nights/{name}/labels", "", LABEL),
        ("post", "/api/nights/{name}/labels", "", {}),
        ("get", "/api/nights/{name}/event", "?id=rec.1", None),
        ("get", "/api/earlier", "", None),
        ("post", "/api/answers", "", ACK),
        ("post", "/api/answers", "", {"id": 1}),
        ("post", "/api/denials", "", {"occurrence_id": "left-calf.1"}),
        ("post", "/api/acts", "", {}),
        ("get", "/api/openapi.json", "", None),
    ],
)
def test_real_answers_are_what_it_says(
    busy: TestClient, document: dict[str, Any], method: str, path: str, query: str, said: Any
) -> None:
    if said is not None and said in (LABEL, ACK):
        given = document["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]
        Draft202012Validator({**given, "components": document["components"]}).validate(said)
    answer = busy.request(method, path.replace("{name}", NIGHT) + query, json=said, headers=OURS)
    assert answer.headers["content-type"] == "application/json"
    Draft202012Validator(schema(document, method, path, str(answer.status_code))).validate(answer.json())
