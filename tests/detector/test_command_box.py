"""What people ask of a monitor: each once, no flood, and what is refused is counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from detector.command_box import MOST_WAITING, CommandBox
from detector.commands import Command, command_message
from detector.messages import encode

AT = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)


def asked(number: int, **changes: object) -> Command:
    values = {
        "id": f"c{number}",
        "role": "caregiver",
        "name": "ack",
        "sensor": "test",
        "who": "Kim",
        "at": AT,
    }
    return Command(**values | {"occurrence_id": "test.1"} | changes)  # type: ignore[arg-type]


def hear(box: CommandBox, command: Command, *, retained: bool = False, now: datetime = AT) -> None:
    box.heard(command.topic, encode(command_message(command)), retained=retained, now=now)


def test_commands_are_given_once_in_their_order() -> None:
    box = CommandBox()
    for number in range(3):
        hear(box, asked(number))
    assert [command.id for command in box.taken()] == ["c0", "c1", "c2"]
    assert box.taken() == []


def test_one_that_comes_twice_is_done_once() -> None:
    box = CommandBox()
    hear(box, asked(1))
    assert len(box.taken()) == 1
    hear(box, asked(1))
    assert box.taken() == []
    assert box.counters["commands_repeated"] == 1


def test_a_flood_is_bounded_and_counted() -> None:
    box = CommandBox()
    for number in range(MOST_WAITING + 7):
        hear(box, asked(number))
    assert len(box.taken()) == MOST_WAITING
    assert box.counters["commands_flood"] == 7


def test_what_may_not_be_honoured_is_counted_by_its_reason() -> None:
    box = CommandBox()
    hear(box, asked(1), retained=True)
    hear(box, asked(2), now=AT + timedelta(seconds=31))
    hear(box, asked(3), now=AT - timedelta(seconds=6))
    hear(box, asked(4, name="arm"))
    box.heard(asked(5).topic, b"\xff", retained=False, now=AT)
    assert box.taken() == []
    assert {name: count for name, count in box.counters.items() if count} == {
        "commands_retained": 1,
        "commands_late": 1,
        "commands_future": 1,
        "commands_role": 1,
        "commands_malformed": 1,
    }


def test_whoever_asked_in_vain_is_told_why_and_whoever_did_not_that_it_was_done() -> None:
    box = CommandBox()
    hear(box, asked(1), now=AT + timedelta(seconds=31))
    hear(box, asked(2))
    hear(box, asked(3))
    done, vain = box.taken()
    box.answer(done, "", now=AT)
    box.answer(vain, "Cramp: is over.", now=AT)
    told = [(receipt.id.rpartition("/")[2], receipt.outcome, receipt.text) for receipt in box.receipts()]
    assert told == [
        ("c1", "refused", "ack of Kim is 31 s old"),
        ("c2", "answered", "ack"),
        ("c3", "refused", "Cramp: is over."),
    ]
    assert box.receipts() == []


def test_nobody_is_told_of_what_the_broker_had_kept() -> None:
    box = CommandBox()
    hear(box, asked(1), retained=True)
    assert box.receipts() == []


def test_a_flood_that_is_refused_is_not_answered_by_one() -> None:
    box = CommandBox()
    for number in range(1000):
        hear(box, asked(number), now=AT + timedelta(seconds=31))
    assert 0 < len(box.receipts()) <= MOST_WAITING
    assert box.counters["replies_dropped"] > 900
