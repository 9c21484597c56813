"""What comes from outside is what the contract says, or it is refused; nothing that passes can hurt later."""

import json
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import views
from dashboard.live import pack_levels
from dashboard.night_log import NightLog
from dashboard.received import _ALARM, _EVENT, _NUMBERED, _RECEIPT, MalformedError, read
from dashboard.texts import texts_in
from detector.messages import encode, schema
from detector.topics import Name
from detector.types import Before
from tests.dashboard.events import alarm, event, heartbeat, levels, receipt, state

SENSOR = "left-calf"
EXAMPLES: dict[Name, dict[str, Any]] = {
    "event": event(1),
    "alarm": alarm(outbox="box", seq=1, after=0),
    "receipt": receipt(),
    "state": state(),
    "heartbeat": heartbeat(),
    "levels": levels(),
}
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def parsed(name: Name, message: dict[str, Any]) -> dict[str, Any]:
    return dict(read(name, SENSOR, json.dumps(message).encode()))


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_the_monitor_says_is_taken(name: Name) -> None:
    message = EXAMPLES[name]
    got = read(name, SENSOR, encode(message))
    assert got == {key: message[key] for key in got}


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_lacks_a_key_is_refused_even_where_it_may_be_null(name: Name) -> None:
    for key in read(name, SENSOR, encode(EXAMPLES[name])):
        with pytest.raises(MalformedError):
            parsed(name, {other: value for other, value in EXAMPLES[name].items() if other != key})


def test_all_of_an_event_is_kept() -> None:
    assert {*_EVENT, *_NUMBERED, "version", "sensor"} == set(schema("event")["required"])
    assert parsed("event", event(1)) == event(1)


BEFORE = Before(600.0, 7200.0, 300.0, 1, 2.0, 5.0, 0.02, 0.01, 0.05, 0.01, None)


def test_what_went_before_a_cramp_is_kept() -> None:
    message = event(1, before=BEFORE) | {"before": asdict(BEFORE)}
    assert parsed("event", message)["before"] == asdict(BEFORE)


@pytest.mark.parametrize(
    "wrong", [{}, [], "still", {"seen_s": None}, {"turns": 0.5}, {"moved_share": "<b>"}, {"new": ["list"]}]
)
def test_what_went_before_is_numbers_or_the_message_is_refused(wrong: Any) -> None:
    before = asdict(BEFORE) | wrong if isinstance(wrong, dict) and wrong else wrong
    with pytest.raises(MalformedError, match="before"):
        parsed("event", event(1) | {"before": before})


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"{}",
        b"1e999",
        b"[" * 50_000,
        b'{"version": 1, "sensor": "another"}',
        b'{"version": 2, "sensor": "left-calf"}',
        b'{"version": true, "sensor": "left-calf"}',
        b'{"version": 1, "sensor": ["left-calf"]}',
    ],
)
@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_no_message_is_refused(name: Name, payload: bytes) -> None:
    with pytest.raises(MalformedError):
        read(name, SENSOR, payload)


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_key_may_be_missing(name: Name) -> None:
    taken = read(name, SENSOR, encode(EXAMPLES[name]))
    # What may be null may be absent: it says the same.
    nullable = {key for key in taken if parses(name, EXAMPLES[name] | {key: None})}
    for key in set(taken) - nullable:
        with pytest.raises(MalformedError):
            parsed(name, {k: v for k, v in EXAMPLES[name].items() if k != key})


def parses(name: Name, message: dict[str, Any]) -> bool:
    try:
        parsed(name, message)
    except MalformedError:
        return False
    return True


def test_all_of_an_alarm_and_of_a_receipt_is_kept() -> None:
    assert {*_ALARM, "version", "sensor"} == set(alarm())
    assert {*_RECEIPT, "version", "sensor"} == set(receipt())
    assert parsed("alarm", alarm()) == alarm()
    assert parsed("alarm", EXAMPLES["alarm"]) == EXAMPLES["alarm"]
    assert parsed("receipt", receipt()) == receipt()


@pytest.mark.parametrize("missing", ["outbox", "seq", "after"])
def test_an_outboxs_number_is_whole_or_absent(missing: str) -> None:
    numbered = EXAMPLES["alarm"]
    with pytest.raises(MalformedError):
        parsed("alarm", {key: value for key, value in numbered.items() if key != missing})


BAD: list[tuple[Name, str, object]] = [
    ("event", "seq", True),
    ("event", "seq", -1),
    ("event", "seq", 2**63),
    ("event", "seq", 1.5),
    ("event", "revision", 10**400),
    ("event", "id", ""),
    ("event", "id", "x" * 129),
    ("event", "recording_id", "x" * 129),
    ("event", "outbox", "a\0b"),
    ("event", "reason", "nul \0"),
    ("event", "reason", "half a pair \ud800"),
    ("event", "reason", "bell \a"),
    ("event", "reason", "x" * 5000),
    ("event", "kind", "seizure"),
    ("event", "alert", ["cramp"]),
    ("event", "onset_at", "2026-11-22T01:00:00"),
    ("event", "onset_at", "0001-01-01T00:00:00+00:00"),
    ("event", "onset_at", "9999-12-31T23:59:59+00:00"),
    ("event", "onset_at", "yesterday"),
    ("event", "duration_s", float("nan")),
    ("event", "duration_s", float("inf")),
    ("event", "duration_s", -1),
    ("event", "duration_s", 1e300),
    ("event", "peak_uv", "high"),
    ("event", "emg_rate_hz", 0),
    ("alarm", "code", "SEIZURE"),
    ("alarm", "code", ["CRAMP"]),
    ("alarm", "kind", []),
    ("alarm", "stage", "asleep"),
    ("alarm", "seq", -1),
    ("alarm", "text", "nul \0"),
    ("receipt", "outcome", "perhaps"),
    ("receipt", "latency_s", float("inf")),
    ("receipt", "id", ""),
    ("state", "valid_until", "2026-11-22"),
    ("state", "cramp", True),
    ("state", "conditions", [{"priority": "grave", "text": "x"}]),
    ("state", "conditions", [{"priority": "low"}]),
    ("state", "conditions", ["low"]),
    ("state", "sites", [1]),
    ("state", "cramps_tonight", -1),
    ("heartbeat", "last_good_age_ms", -1),
    ("heartbeat", "last_good_age_ms", 1.5),
    ("levels", "envelope_uv", [1, 2]),
    ("levels", "envelope_uv", [[1]] * 1001),
    ("levels", "envelope_uv", [["1"]]),
    ("levels", "rate_hz", 0),
    ("levels", "at", None),
]


@pytest.mark.parametrize(("name", "key", "value"), BAD)
def test_what_is_out_of_range_is_refused(name: Name, key: str, value: object) -> None:
    with pytest.raises(MalformedError):
        parsed(name, EXAMPLES[name] | {key: value})


@given(data=st.data(), name=st.sampled_from(sorted(EXAMPLES)), value=anything)
def test_whatever_passes_can_be_kept_and_shown(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, name: Name, value: object
) -> None:
    key = data.draw(st.sampled_from(sorted(EXAMPLES[name])))
    try:
        message = parsed(name, EXAMPLES[name] | {key: value})
    except MalformedError:
        return
    match name:
        case "event":
            log = NightLog(tmp_path_factory.mktemp("log") / "log.sqlite")
            log.add([message])
            assert log.recent() == [message]
            log.close()
            # Strict JSON: a browser refuses NaN.
            json.dumps(
                [views.event_row(texts_in(), message), views.night_row(texts_in(), message, 0.0)],
                allow_nan=False,
            ).encode()
        case "alarm":
            log = NightLog(tmp_path_factory.mktemp("log") / "log.sqlite")
            log.add(alarms=[message])
            assert log.alarms() == [message]
            log.close()
        case "receipt":
            log = NightLog(tmp_path_factory.mktemp("log") / "log.sqlite")
            log.add(receipts=[message])
            assert log.receipts() == [message]
            log.close()
        case "state":
            json.dumps(views.facts(texts_in(), message), allow_nan=False).encode()
        case "levels":
            pack_levels(0, message)


@given(payload=st.binary(max_size=200), name=st.sampled_from(sorted(EXAMPLES)))
def test_bytes_are_refused_and_nothing_else_happens(payload: bytes, name: Name) -> None:
    with pytest.raises(MalformedError):
        read(name, SENSOR, payload)
