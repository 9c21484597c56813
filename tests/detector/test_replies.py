"""Who asks is told what became of it, in the words of the contract, and nobody can make it talk without end."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from dashboard.received import read as read_message
from detector.alarm_messages import Receipt, alarm_schema, receipt_message
from detector.commands import Asked, Command, RefusedCommandError, read_command
from detector.messages import encode
from detector.replies import BURST, Replies

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ACK = Command("c1", "caregiver", "ack", "left-calf", "Ann", NOW, occurrence_id="left-calf.7", place="phone")


def message(receipt: Receipt) -> dict[str, object]:
    """Give the receipt as the night log takes it."""
    payload = encode(receipt_message(receipt))
    Draft202012Validator(alarm_schema("receipt")).validate(json.loads(payload))
    return dict(read_message("receipt", "left-calf", payload))


def test_what_was_done_is_told_by_whom_and_where() -> None:
    (receipt,) = Replies().done(ACK, at=NOW + timedelta(seconds=1), now_s=0.0)
    said = message(receipt)
    assert (said["outcome"], said["person"], said["text"]) == ("answered", "Ann", "ack, phone")
    assert (said["occurrence_id"], said["channel"]) == ("left-calf.7", "page")


def test_what_is_not_possible_is_told_with_the_reason() -> None:
    (receipt,) = Replies().turned_down(ACK, "Cramp: is over.", at=NOW, now_s=0.0)
    said = message(receipt)
    assert (said["outcome"], said["person"], said["text"]) == ("refused", "Ann", "Cramp: is over.")
    # By its end whoever asked knows their own.
    assert str(said["id"]).endswith("/c1")


def test_a_flood_is_not_answered_by_a_flood() -> None:
    replies = Replies()
    asked = Asked("left-calf", "caregiver", "ack", "c1", "Ann")
    said = [replies.refused(asked, "late", at=NOW, now_s=second / 100) for second in range(1000)]
    assert BURST <= len([one for one in said if one]) <= BURST + 10
    assert replies.dropped == 1000 - len([one for one in said if one])
    assert replies.refused(asked, "late", at=NOW, now_s=100.0)


@given(
    payload=st.binary(max_size=200)
    | st.fixed_dictionaries(
        {},
        optional={key: st.text(max_size=250) for key in ("id", "who", "occurrence_id", "at")}
        | {"version": st.just(1)},
    ).map(lambda keys: json.dumps(keys).encode()),
    role=st.sampled_from(["caregiver", "home-assistant", "stranger"]),
)
def test_whatever_is_refused_the_reply_is_a_receipt(payload: bytes, role: str) -> None:
    topic = f"crampwatch/1/left-calf/command/{role}/ack"
    with pytest.raises(RefusedCommandError) as refused:
        read_command(topic, payload, retained=False, now=NOW)
    asked = refused.value.asked
    assert asked is not None
    (receipt,) = Replies().refused(asked, refused.value.why, at=NOW, now_s=0.0)
    assert message(receipt)["outcome"] == "refused"
