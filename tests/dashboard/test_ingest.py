"""From a real broker into the night log: committed before it is answered, and nothing foreign gets in."""

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampwatch.broker import PrivateBroker
from dashboard.ingest import Ingest, check_event
from dashboard.live import Live
from dashboard.night_log import NightLog
from detector.messages import encode, parse_logged
from detector.mqtt_link import MqttLink, Publication, Received
from detector.topics import Topics
from tests.dashboard.events import event

PATIENCE_S = 20.0
TOPICS = Topics("left-calf")


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "did not happen"
        time.sleep(0.02)


@pytest.fixture
def log(tmp_path: Path) -> NightLog:
    return NightLog(tmp_path / "log.sqlite")


@pytest.fixture
def ingest(log: NightLog, tmp_path: Path) -> Ingest:
    from detector.broker_address import BrokerAddress

    return Ingest(BrokerAddress("127.0.0.1", 1), log, Live())


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[PrivateBroker]:
    with PrivateBroker(tmp_path / "broker") as broker:
        yield broker


def feed(ingest: Ingest, topic: str, payload: bytes) -> None:
    ingest._link._received.append(Received(topic, payload, False))
    ingest.turn()


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"{}",
        b"[" * 5000,
        encode({**event(1), "sensor": "another"}),
        encode({"sensor": "left-calf"}),
    ],
)
@pytest.mark.parametrize("name", ["event", "state", "heartbeat", "levels"])
def test_malformed_messages_are_counted_and_ignored(
    ingest: Ingest, log: NightLog, name: str, payload: bytes
) -> None:
    feed(ingest, f"crampwatch/1/left-calf/{name}", payload)
    assert ingest.counters.malformed == 1
    assert log.recent() == []


@given(
    key=st.sampled_from(sorted(event(1))),
    value=st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers())),
)
def test_an_event_is_checked_before_it_is_kept(key: str, value: object) -> None:
    message: dict[str, Any] = {**event(1), key: value}
    # Nothing but a ValueError may come of it, and what passes can be stored.
    with contextlib.suppress(ValueError):
        check_event(message)
        assert isinstance(message["id"], str)
        assert message["seq"] >= 0


def test_a_store_that_fails_keeps_the_events_and_says_nothing(
    ingest: Ingest, log: NightLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dashboard.night_log import NightLogError

    def full(_messages: object) -> None:
        raise NightLogError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(log, "add", full)
        feed(ingest, TOPICS.event, encode(event(1)))
    assert ingest.counters.store_failures == 1
    assert log.recent() == []
    ingest._again_s = 0.0
    ingest.turn()
    assert len(log.recent()) == 1


@pytest.mark.broker
def test_events_are_answered_once_committed(broker: PrivateBroker, log: NightLog) -> None:
    heard: list[bytes] = []
    monitor = MqttLink(broker.address, "monitor", [(TOPICS.logged, 1)])
    ingest = Ingest(broker.address, log, Live())
    ingest.start()
    monitor.start()
    try:
        wait_until(lambda: monitor.connected and ingest.connected)
        time.sleep(0.3)
        for seq in (2, 1, 2, 3):
            monitor.publish(Publication(TOPICS.event, encode(event(seq, f"rec.{seq}")), 1, False))

        def answered() -> bool:
            heard.extend(received.payload for received in monitor.take_received())
            return any(parse_logged(payload).seq == 3 for payload in heard)

        wait_until(answered)
        assert {message["id"] for message in log.recent()} == {"rec.1", "rec.2", "rec.3"}
    finally:
        ingest.close()
        monitor.close()


@pytest.mark.broker
def test_the_mark_is_retained_for_a_monitor_that_comes_later(broker: PrivateBroker, log: NightLog) -> None:
    log.add([event(1)])
    ingest = Ingest(broker.address, log, Live())
    ingest.start()
    wait_until(lambda: ingest.connected)
    time.sleep(0.3)
    ingest.close()
    late = MqttLink(broker.address, "late", [(TOPICS.logged, 1)])
    late.start()
    heard: list[Received] = []

    def has_heard() -> bool:
        heard.extend(late.take_received())
        return bool(heard)

    wait_until(has_heard)
    late.close()
    assert json.loads(heard[0].payload)["seq"] == 1
