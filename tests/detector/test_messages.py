from __future__ import annotations

import json
import math
from dataclasses import fields
from datetime import datetime, timedelta, timezone
from typing import Any, get_args

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.messages import (
    MAX_PAYLOAD_BYTES,
    Described,
    LoggedMark,
    MessageError,
    Stream,
    availability_payload,
    encode,
    event_message,
    heartbeat_message,
    iso,
    levels_message,
    logged_message,
    parse_logged,
    schema,
)
from detector.types import (
    QUALITY_FLAGS,
    Alert,
    Before,
    Certainty,
    Contraction,
    Kind,
    Levels,
    Phase,
    SignalQuality,
)
from tests.detector.mqtt_world import BEGAN, INFO, STREAM, contraction

JSON_TOPICS = ("event", "heartbeat", "levels", "logged", "state")
MEASURED = st.none() | st.floats(0, 1e6, width=32) | st.just(math.nan)
SHARE = st.floats(0, 1)
BEFORES = st.builds(
    Before,
    seen_s=st.floats(0, 600),
    earlier_s=st.floats(0, 1e6),
    still_s=st.none() | st.floats(0, 600),
    turns=st.none() | st.integers(0, 100),
    turns_earlier_per_h=st.none() | st.floats(0, 1e4),
    turned_deg=st.none() | st.floats(0, 180),
    moved_share=st.none() | SHARE,
    moved_share_earlier=st.none() | SHARE,
    tense_share=SHARE,
    tense_share_earlier=st.none() | SHARE,
    tense_share_last_minute=st.none() | SHARE,
)
CONTRACTIONS = st.builds(
    Contraction,
    id=st.text(min_size=1, max_size=50),
    revision=st.integers(0, 99),
    phase=st.sampled_from(get_args(Phase)),
    kind=st.sampled_from(get_args(Kind)),
    alert=st.sampled_from(get_args(Alert)),
    channel=st.integers(0, 7),
    site=st.text(max_size=30),
    onset_index=st.integers(0, 10**9),
    decided_index=st.integers(0, 10**9),
    duration_s=st.floats(0, 1e5),
    reason=st.text(max_size=300),
    model=st.text(max_size=50),
    confidence=st.floats(0, 1),
    offset_index=st.none() | st.integers(0, 10**9),
    sequence=st.none() | st.text(max_size=30),
    confirmed=st.booleans(),
    peak_uv=MEASURED,
    mean_uv=MEASURED,
    times_baseline=MEASURED,
    median_frequency_hz=MEASURED,
    burst_rate_hz=MEASURED,
    burst_count=st.none() | st.integers(0, 1000),
    modulation_depth=st.none() | st.floats(0, 1),
    movement_mg=MEASURED,
    quality=st.sampled_from(get_args(Certainty)),
    before=st.none() | BEFORES,
)


def check(name: Described, message: dict[str, Any]) -> dict[str, Any]:
    """Send a message through JSON and hold it against its schema; every key, and no other, is described."""
    received: dict[str, Any] = json.loads(encode(message))
    jsonschema.Draft202012Validator(schema(name)).validate(received)
    assert set(received) == set(schema(name)["properties"])
    return received


@pytest.mark.parametrize("name", [*JSON_TOPICS, "availability"])
def test_schemas_are_schemas_and_describe_every_key(name: Described) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(name))
    if name in JSON_TOPICS:
        assert schema(name)["required"] == list(schema(name)["properties"])
        assert schema(name)["properties"]["version"] == {
            "const": 1,
            "description": "Version of this contract.",
        }


@given(CONTRACTIONS)
def test_every_event_is_what_its_schema_says(event: Contraction) -> None:
    message = event_message(event, STREAM, issued_at=BEGAN) | {"outbox": "a1", "seq": 1, "after": 0}
    received = check("event", message)
    assert (received["id"], received["revision"]) == (event.id, event.revision)
    named = {field.name for field in fields(Before)}
    assert set(schema("event")["properties"]["before"]["properties"]) == named
    assert received["before"] is None or set(received["before"]) == named


def test_an_event_says_when_by_index_and_by_the_wall() -> None:
    event = contraction(3, offset_index=20_000)
    message = event_message(event, STREAM, issued_at=BEGAN + timedelta(seconds=11, milliseconds=250))
    assert message["onset_index"] == 3000
    assert message["onset_at"] == "2026-03-01T22:00:03.000+00:00"
    assert message["offset_at"] == "2026-03-01T22:00:20.000+00:00"
    assert message["decided_at"] == "2026-03-01T22:00:11.000+00:00"
    assert message["issued_at"] == "2026-03-01T22:00:11.250+00:00"
    assert event_message(contraction(), STREAM, issued_at=BEGAN)["offset_at"] is None


def test_a_wall_time_without_a_zone_is_refused() -> None:
    unaware = Stream(INFO, "r", lambda _: datetime(2026, 3, 1))  # noqa: DTZ001 - the mistake itself
    with pytest.raises(ValueError, match="expected one with a time zone"):
        event_message(contraction(), unaware, issued_at=BEGAN)


@given(st.datetimes(timezones=st.just(timezone(timedelta(hours=10, minutes=30)))))
def test_times_name_the_same_moment_in_utc(moment: datetime) -> None:
    written = datetime.fromisoformat(iso(moment))
    assert written.utcoffset() == timedelta(0)
    assert abs(written - moment) < timedelta(milliseconds=1)


@pytest.mark.parametrize("age_ms", [None, 0, 12_345])
def test_a_heartbeat_says_until_when_to_believe_it(age_ms: int | None) -> None:
    message = heartbeat_message("a", boot_id="b", sequence=7, last_good_age_ms=age_ms, at=BEGAN)
    received = check("heartbeat", message)
    assert received["valid_until"] == "2026-03-01T22:00:10.000+00:00"
    assert received["last_good_age_ms"] == age_ms


@given(
    rows=st.integers(0, 60),
    step=st.integers(1, 300),
    channels=st.integers(1, 3),
    gap=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_levels_keep_their_peaks_and_their_span(
    rows: int, step: int, channels: int, gap: bool, seed: int
) -> None:
    envelope = np.random.default_rng(seed).uniform(0, 500, (rows, channels)).astype(np.float32)
    if gap and rows:
        envelope[0] = np.nan
    sites = tuple(f"site-{channel}" for channel in range(channels))
    info = INFO.__class__(**{name: getattr(INFO, name) for name in INFO.__slots__} | {"sites": sites})
    levels = Levels(4000, step, envelope, np.full(channels, 9, np.float32), movement_mg=None)
    verdict = SignalQuality(4000, 1000, 0, ("mains", "noise"), 3.0, 0.4)
    received = check("levels", levels_message(levels, [verdict], Stream(info, "r", STREAM.wall_at)))
    drawn = np.array(received["envelope_uv"], float).reshape(-1, channels)
    assert received["quality"] == [["mains", "noise"], *[None] * (channels - 1)]
    if rows:
        assert len(drawn) * received["step"] == rows * step
        assert received["rate_hz"] <= 20.0 or rows == 1 or len(drawn) == 1
        assert drawn.shape == (len(drawn), channels)
    if rows and not gap:
        np.testing.assert_allclose(drawn.max(axis=0), envelope.max(axis=0), atol=1e-3)


def test_a_forty_hertz_envelope_is_drawn_at_twenty() -> None:
    levels = Levels(
        0, 25, np.arange(10, dtype=np.float32)[:, None], np.ones(1, np.float32), movement_mg=12.34567
    )
    message = levels_message(levels, [], STREAM)
    assert (message["rate_hz"], message["step"]) == (20.0, 50)
    assert message["envelope_uv"] == [[1.0], [3.0], [5.0], [7.0], [9.0]]
    assert message["movement_mg"] == 12.346


def test_the_schema_knows_every_quality_flag() -> None:
    assert schema("levels")["properties"]["quality"]["items"]["items"]["enum"] == list(QUALITY_FLAGS)


@given(st.text(st.characters(codec="ascii"), min_size=1, max_size=16), st.integers(0, 2**53))
def test_a_logged_mark_is_read_back_as_it_was_said(outbox: str, seq: int) -> None:
    message = logged_message("left-calf", LoggedMark(outbox, seq), at=BEGAN)
    assert parse_logged(encode(check("logged", message))) == LoggedMark(outbox, seq)


@given(
    st.binary()
    | st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists)
    .map(json.dumps)
    .map(str.encode)
)
def test_what_is_no_mark_is_refused_in_one_way(payload: bytes) -> None:
    with pytest.raises(MessageError, match="logged mark: expected"):
        parse_logged(payload)


@pytest.mark.parametrize(
    "payload",
    [
        b'{"version":2,"outbox":"a","seq":1}',
        b'{"version":1,"outbox":"a","seq":-1}',
        b'{"version":1,"outbox":"a","seq":true}',
        b'{"version":1,"outbox":"a","seq":1.5}',
        b'{"version":1,"outbox":7,"seq":1}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_nearly_a_mark_is_no_mark(payload: bytes) -> None:
    with pytest.raises(MessageError):
        parse_logged(payload)


def test_a_message_that_a_broker_would_choke_on_is_refused_before_it_is_sent() -> None:
    encode({"text": "x" * (MAX_PAYLOAD_BYTES - 20)})
    with pytest.raises(ValueError, match=rf"expected at most {MAX_PAYLOAD_BYTES} bytes"):
        encode({"text": "x" * MAX_PAYLOAD_BYTES})


def test_a_number_that_json_cannot_say_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode({"value": math.inf})


def test_availability_is_a_bare_word() -> None:
    assert [availability_payload(online).decode() for online in (True, False)] == schema("availability")[
        "enum"
    ]
