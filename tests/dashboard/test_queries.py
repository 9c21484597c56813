"""What pages ask of the log is answered alike by SQLite and by PostgreSQL."""

import pytest

from dashboard.database import Database
from dashboard.labels import Label, Labels, label_id
from dashboard.night_log import NightLog
from dashboard.night_queries import NightQueries
from dashboard.trend_queries import TrendQueries
from tests.dashboard.events import alarm, event, receipt


@pytest.fixture
def filled(database: Database) -> Database:
    quiet = event(2, "rec.2", alert="none")
    artefact = event(3, "rec.3", alert="none", kind="artefact")
    NightLog(database).add(
        [event(1), quiet, artefact],
        [alarm(revision=1, stage="acked"), alarm(), alarm("other.1", event_id="rec.9")],
        [receipt(), receipt("told.2", occurrence_id="other.1")],
    )
    Labels(database).put(Label(label_id("rec.1", "Ann"), "night", "Ann", "cramp", "2026", event_id="rec.1"))
    return database


def test_the_pages_of_the_nights(filled: Database) -> None:
    queries = NightQueries(filled)
    assert [(one.id, one.alert, one.duration_s) for one in queries.findings(["rec", "another"])] == [
        ("rec.1", "cramp", 42.0)
    ]
    assert queries.labelled(["rec.1", "rec.2"]) == {"rec.1"}
    found = queries.event("rec.1")
    assert found is not None
    assert found["id"] == "rec.1"
    assert queries.event("rec.9") is None
    assert [message["stage"] for message in queries.alarms_of("rec.1")] == ["active", "acked"]
    assert [message["id"] for message in queries.receipts_of(["left-calf.1"])] == ["told.1"]


def test_the_trends(filled: Database) -> None:
    queries = TrendQueries(filled)
    assert {message["id"] for message in queries.telling(["rec"])} == {"rec.1", "rec.3"}
    assert {message["id"] for message in queries.alarms_of(["rec.1", "rec.9"])} == {"left-calf.1", "other.1"}
