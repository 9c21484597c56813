"""An event that a killed monitor left open is ended by the next one, once, and said to be unconfirmed."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.open_events import end_abandoned, note
from detector.outbox import Outbox

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TOPIC = "crampwatch/1/left-calf/event"


def event(name: str, revision: int, phase: str) -> dict[str, Any]:
    return {
        "id": name,
        "revision": revision,
        "phase": phase,
        "reason": "calf tight 9 s",
        "quality": "good",
        "duration_s": 9.0,
    }


def tell(outbox: Outbox, message: dict[str, Any]) -> None:
    with outbox.transaction() as transaction:
        transaction.append(TOPIC, message)
        note(transaction, TOPIC, message)


def test_what_was_open_is_ended_once(tmp_path: Path) -> None:
    with Outbox(tmp_path / "outbox.sqlite") as outbox:
        tell(outbox, event("a", 0, "started"))
        tell(outbox, event("a", 1, "updated"))
        tell(outbox, event("b", 0, "started"))
        tell(outbox, event("b", 1, "ended"))
    with Outbox(tmp_path / "outbox.sqlite") as outbox:
        assert end_abandoned(outbox, NOW) == 1
        assert end_abandoned(outbox, NOW) == 0
        last = json.loads(outbox.pending()[-1].payload)
    assert (last["id"], last["revision"], last["phase"], last["quality"]) == ("a", 2, "ended", "unconfirmed")
    assert last["reason"] == "calf tight 9 s; the monitor was interrupted during it"
    assert last["duration_s"] == 9.0


@given(
    phases=st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(["started", "updated", "ended"])), max_size=20
    )
)
def test_what_has_ended_last_stays_ended(
    tmp_path_factory: pytest.TempPathFactory, phases: list[tuple[str, str]]
) -> None:
    with Outbox(tmp_path_factory.mktemp("outbox") / "outbox.sqlite") as outbox:
        for revision, (name, phase) in enumerate(phases):
            tell(outbox, event(name, revision, phase))
        newest = dict(phases)
        assert end_abandoned(outbox, NOW) == sum(phase != "ended" for phase in newest.values())


@pytest.mark.parametrize("damaged", [b"", b"{", b"[]", b"{}", b"\xff", b'{"revision": null, "reason": ""}'])
def test_a_damaged_row_does_not_keep_the_others_open(tmp_path: Path, damaged: bytes) -> None:
    with Outbox(tmp_path / "outbox.sqlite") as outbox:
        tell(outbox, event("a", 0, "started"))
        tell(outbox, event("b", 0, "started"))
        with outbox.transaction() as transaction:
            transaction.execute("UPDATE open_event SET message = ? WHERE id = 'a'", (damaged,))
        end_abandoned(outbox, NOW)
        assert json.loads(outbox.pending()[-1].payload)["id"] == "b"
        assert end_abandoned(outbox, NOW) == 0
