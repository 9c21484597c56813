"""Labels over HTTP: once for each person and event, undone, of this night alone, and never anything else."""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboard.night_log import NightLog
from tests.dashboard.addresses import HERE
from tests.dashboard.events import alarm, event, receipt
from tests.dashboard.recorded import NIGHT, START

ADDRESS = f"/api/nights/{NIGHT}/labels"
BEGAN = START.timestamp()
OURS = {"origin": HERE}


@pytest.fixture(autouse=True)
def _logged(log: NightLog) -> None:
    log.add(
        [event(1, "rec.1", onset_index=20_000, duration_s=20.0), event(2, "other.1", recording_id="other")]
    )


def say(client: TestClient, status: int = 200, path: str = ADDRESS, **said: Any) -> list[dict[str, Any]]:
    answer = client.post(path, json=said, headers=OURS)
    assert answer.status_code == status, answer.text
    return answer.json().get("labels", []) if status == 200 else []


def test_a_label_is_kept_and_a_second_one_takes_its_place(client: TestClient) -> None:
    say(client, event_id="rec.1", verdict="spasm", by="Ann", note="half asleep")
    say(client, event_id="rec.1", verdict="cramp", by=" Ann ")
    (row,) = client.get(ADDRESS).json()["labels"]
    assert {key: row[key] for key in ("event_id", "by", "verdict", "word", "note")} == {
        "event_id": "rec.1",
        "by": "Ann",
        "verdict": "cramp",
        "word": "Cramp",
        "note": "",
    }


def test_two_people_who_disagree_both_stand(client: TestClient) -> None:
    say(client, event_id="rec.1", verdict="cramp", by="Ann")
    labels = say(client, event_id="rec.1", verdict="nothing", by="Ben")
    assert [(row["by"], row["verdict"]) for row in labels] == [("Ann", "cramp"), ("Ben", "nothing")]


def test_undo_brings_back_what_was_said_before_and_undone_twice_it_is_undone(client: TestClient) -> None:
    say(client, event_id="rec.1", verdict="cramp", by="Ann")
    (row,) = say(client, event_id="rec.1", verdict="nothing", by="Ann")
    undo = f"{ADDRESS}/undo"
    assert [one["verdict"] for one in say(client, path=undo, id=row["id"])] == ["cramp"]
    assert [one["verdict"] for one in say(client, path=undo, id=row["id"])] == ["nothing"]


def test_the_first_label_undone_is_gone(client: TestClient) -> None:
    (row,) = say(client, event_id="rec.1", verdict="cramp")
    assert say(client, path=f"{ADDRESS}/undo", id=row["id"]) == []


def test_a_span_that_nobody_found_is_marked_and_changed(client: TestClient) -> None:
    (row,) = say(client, start=BEGAN + 5, end=BEGAN + 9.5, verdict="cramp", by="Ann")
    assert (row["event_id"], row["start"], row["end"]) == (None, BEGAN + 5, BEGAN + 9.5)
    (again,) = say(client, start=BEGAN + 5, end=BEGAN + 9, verdict="spasm", by="Ann", id=row["id"])
    assert (again["id"], again["end"], again["verdict"]) == (row["id"], BEGAN + 9, "spasm")


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"verdict": "cramp"},
        {"event_id": "rec.1"},
        {"event_id": "rec.1", "verdict": "seizure"},
        {"event_id": "rec.1", "verdict": ["cramp"]},
        {"event_id": 7, "verdict": "cramp"},
        {"event_id": None, "verdict": "cramp"},
        {"event_id": "rec.1", "verdict": "cramp", "note": "x" * 1001},
        {"event_id": "rec.1", "verdict": "cramp", "by": "x" * 65},
        {"event_id": "rec.1", "verdict": "cramp", "note": "\0"},
        {"event_id": "rec.1", "verdict": "cramp", "note": 5},
        {"start": BEGAN, "end": BEGAN, "verdict": "cramp"},
        {"start": BEGAN, "end": BEGAN + 1e6, "verdict": "cramp"},
        {"start": True, "end": BEGAN, "verdict": "cramp"},
        {"start": 1e300, "end": 2e300, "verdict": "cramp"},
        {"start": "1", "end": "2", "verdict": "cramp"},
        {"event_id": "rec.1", "verdict": "cramp", "note": "y" * 20_000},
    ],
)
def test_what_is_no_label_is_refused_in_words(client: TestClient, said: dict[str, Any]) -> None:
    answer = client.post(ADDRESS, json=said, headers=OURS)
    assert answer.status_code == 400
    assert "not understood" in answer.json()["why"]
    assert client.get(ADDRESS).json()["labels"] == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"null", b"[" * 5000, b"\xff"])
def test_what_is_no_object_is_refused(client: TestClient, body: bytes) -> None:
    assert client.post(ADDRESS, content=body, headers=OURS).status_code == 400


def test_what_is_not_of_this_night_cannot_be_labelled_or_undone(client: TestClient) -> None:
    say(client, 404, event_id="other.1", verdict="cramp")
    say(client, 404, event_id="rec.9", verdict="cramp")
    say(client, 404, start=BEGAN, end=BEGAN + 1, verdict="cramp", id="no such span")
    say(client, 404, path=f"{ADDRESS}/undo", id="no such label")
    elsewhere = ADDRESS.replace("2026-11-21", "2026-11-19")
    say(client, 404, path=elsewhere, event_id="rec.1", verdict="cramp")
    assert client.get(elsewhere).status_code == 404


def test_nobody_from_elsewhere_labels(client: TestClient) -> None:
    body = json.dumps({"event_id": "rec.1", "verdict": "cramp"})
    assert client.post(ADDRESS, content=body, headers={"origin": "http://evil.example"}).status_code == 403
    assert client.post(ADDRESS, content=body).status_code == 403


def test_an_event_tells_what_was_measured_and_what_its_alarm_did(client: TestClient, log: NightLog) -> None:
    log.add(
        alarms=[
            alarm(),
            alarm(revision=1, stage="acked", was="active", why="answered", who="Ann", acked_by="Ann"),
        ],
        receipts=[receipt(), receipt("told.2", occurrence_id="another")],
    )
    told = client.get(f"/api/nights/{NIGHT}/event", params={"id": "rec.1"}).json()
    assert {"name": "Strongest second", "value": "120 µV"} in told["measured"]
    assert [row["text"] for row in told["alarms"]] == [
        "Cramp: calling, delay over (engine)",
        "Cramp: answered, answered (Ann)",
        "Ann, message: sent",
    ]
    assert told["alarms"] == sorted(told["alarms"], key=lambda row: row["at"])


@pytest.mark.parametrize("name", ["other.1", "rec.9", ""])
def test_an_event_of_another_night_is_not_told(client: TestClient, name: str) -> None:
    assert client.get(f"/api/nights/{NIGHT}/event", params={"id": name}).status_code == 404
