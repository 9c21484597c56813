"""From a real broker into the night log: committed before it is answered, and nothing foreign gets in."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crampwatch.broker import PrivateBroker
from dashboard import ingest as ingest_module
from dashboard.ingest import HEARD, Ingest
from dashboard.live import Live
from dashboard.night_log import NightLog, NightLogError
from detector.broker_address import BrokerAddress
from detector.messages import encode, parse_logged
from detector.mqtt_link import MqttLink, Publication, Received
from detector.topics import Topics
from firmware_bridge.clock import Clock
from tests.dashboard.events import alarm, event, heartbeat, levels, receipt, state

PATIENCE_S = 20.0
TOPICS = Topics("left-calf")
NOWHERE = BrokerAddress("127.0.0.1", 1)


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "did not happen"
        time.sleep(0.02)


@pytest.fixture
def log(tmp_path: Path) -> NightLog:
    return NightLog(tmp_path / "log.sqlite")


@pytest.fixture
def live() -> Live:
    return Live(Clock())


@pytest.fixture
def ingest(log: NightLog, live: Live) -> Ingest:
    return Ingest(NOWHERE, log, live)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[PrivateBroker]:
    with PrivateBroker(tmp_path / "broker") as broker:
        yield broker


def feed(ingest: Ingest, topic: str, payload: bytes, *, retained: bool = False) -> None:
    ingest._link._received.append(Received(topic, payload, retained))
    ingest.turn()


@pytest.mark.parametrize("name", [name for name in HEARD if name != "availability"])
@pytest.mark.parametrize("payload", [b"", b"{}", b"[" * 60_000, b'{"version": 1, "sensor": "another"}'])
def test_malformed_messages_are_counted_and_ignored(
    ingest: Ingest, log: NightLog, live: Live, name: str, payload: bytes
) -> None:
    feed(ingest, f"crampwatch/1/left-calf/{name}", payload)
    assert ingest.counters.malformed == 1
    assert log.recent() == []
    assert live.standing()["sensors"] == []


@pytest.mark.parametrize(
    "topic",
    ["", "crampwatch/1/left-calf", "crampwatch/2/left-calf/event", "crampwatch/1/LEFT/event", "x/\0/y"],
)
def test_other_topics_are_counted_and_ignored(ingest: Ingest, log: NightLog, topic: str) -> None:
    feed(ingest, topic, encode(event(1)))
    assert ingest.counters.malformed == 1
    assert log.recent() == []


@pytest.mark.parametrize(
    ("name", "payload"), [("event", event(1)), ("heartbeat", heartbeat()), ("levels", levels())]
)
def test_what_is_never_retained_was_planted(
    ingest: Ingest, log: NightLog, live: Live, name: str, payload: dict[str, object]
) -> None:
    feed(ingest, f"crampwatch/1/left-calf/{name}", encode(payload), retained=True)
    assert ingest.counters.malformed == 1
    assert log.recent() == []
    assert live.standing()["sensors"] == []


def test_sensors_without_end_are_refused(ingest: Ingest, live: Live) -> None:
    for number in range(100):
        feed(ingest, f"crampwatch/1/s{number}/availability", b"online")
    assert len(live.standing()["sensors"]) == 16
    assert ingest.counters.malformed == 84


def test_the_newest_of_everything_is_shown(ingest: Ingest, live: Live) -> None:
    now = Clock().wall()
    feed(ingest, TOPICS.availability, b"online")
    feed(ingest, TOPICS.state, encode(state(now, cramps_tonight=2)), retained=True)
    feed(ingest, TOPICS.heartbeat, encode(heartbeat(at=now)))
    feed(ingest, TOPICS.levels, encode(levels()))
    (sensor,) = live.standing()["sensors"]
    # No broker is there in truth, and that is what a person must know first.
    assert sensor["light"]["shape"] == "calm"
    assert sensor["facts"]["tonight"] == "2 cramps"
    assert sensor["good_age_s"] < 5
    assert len(live.levels()) == 1


def test_a_store_that_fails_keeps_the_events_and_says_nothing(
    ingest: Ingest, log: NightLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered: list[object] = []
    monkeypatch.setattr(ingest, "_answer", answered.extend)

    def full(*_messages: object) -> None:
        raise NightLogError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(log, "add", full)
        for seq in (1, 1, 2):
            feed(ingest, TOPICS.event, encode(event(seq, f"rec.{seq}")))
    assert ingest.counters.store_failures == 1
    assert not ingest.is_logging
    assert (log.recent(), answered) == ([], [])
    ingest._again_s = 0.0
    ingest.turn()
    assert len(log.recent()) == 2
    assert len(answered) == 1
    assert ingest.is_logging


def test_events_wait_for_a_disk_within_bounds(
    ingest: Ingest, log: NightLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest_module, "MOST_WAITING", 5)
    ingest._again_s = time.monotonic() + 1000
    for seq in range(1, 11):
        feed(ingest, TOPICS.event, encode(event(seq, f"rec.{seq}")))
    assert ingest.counters.put_off == 5
    ingest._again_s = 0.0
    ingest.turn()
    # What was put off was not answered: the outbox sends it again.
    assert log.marks()[0].mark.seq == 5


def test_a_turn_that_fails_does_not_end_the_night_log(
    ingest: Ingest, log: NightLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(_received: Received) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(ingest, "_receive", stumble)
    ingest.start()
    ingest._link._received.append(Received(TOPICS.event, b"", False))
    wait_until(lambda: ingest.counters.turn_failures == 1)
    monkeypatch.undo()
    ingest._link._received.append(Received(TOPICS.event, encode(event(1)), False))
    wait_until(log.recent)
    ingest.close()


@pytest.mark.broker
def test_events_are_answered_once_committed(broker: PrivateBroker, log: NightLog, live: Live) -> None:
    heard: list[bytes] = []
    monitor = MqttLink(broker.address, "monitor", [(TOPICS.logged, 1)])
    ingest = Ingest(broker.address, log, live)
    ingest.start()
    monitor.start()
    try:
        wait_until(lambda: monitor.connected and ingest.connected)

        def told() -> bool:
            # Said until it is heard: a subscription may come a moment after its connection.
            for seq in (2, 1, 2, 3):
                monitor.publish(Publication(TOPICS.event, encode(event(seq, f"rec.{seq}")), 1, False))
            heard.extend(received.payload for received in monitor.take_received())
            return any(parse_logged(payload).seq == 3 for payload in heard)

        wait_until(told)
        assert {message["id"] for message in log.recent()} == {"rec.1", "rec.2", "rec.3"}
        assert ingest.trouble == ""
    finally:
        ingest.close()
        monitor.close()


@pytest.mark.broker
def test_the_mark_is_retained_for_a_monitor_that_comes_later(
    broker: PrivateBroker, log: NightLog, live: Live
) -> None:
    log.add([event(1)])
    ingest = Ingest(broker.address, log, live)
    ingest.start()
    late = MqttLink(broker.address, "late", [(TOPICS.logged, 1)])
    heard: list[Received] = []
    try:
        wait_until(lambda: ingest.connected)
        late.start()

        def has_heard() -> bool:
            heard.extend(late.take_received())
            return bool(heard)

        wait_until(has_heard)
    finally:
        ingest.close()
        late.close()
    assert parse_logged(heard[0].payload).seq == 1


@pytest.mark.broker
def test_without_a_broker_the_pages_say_why(log: NightLog, live: Live) -> None:
    ingest = Ingest(NOWHERE, log, live)
    live.trouble = lambda: ingest.trouble
    ingest.start()
    try:
        wait_until(lambda: "no broker answers" in live.standing()["none"]["reason"])
    finally:
        ingest.close()


def test_alarms_and_receipts_are_logged_as_well(ingest: Ingest, log: NightLog) -> None:
    feed(ingest, TOPICS.alarm, encode(alarm()))
    feed(ingest, TOPICS.alarm, encode(alarm()))
    feed(ingest, TOPICS.receipt, encode(receipt()))
    assert log.alarms() == [alarm()]
    assert log.receipts() == [receipt()]


def test_a_planted_alarm_is_not_believed(ingest: Ingest, log: NightLog) -> None:
    feed(ingest, TOPICS.alarm, encode(alarm()), retained=True)
    assert (log.alarms(), ingest.counters.malformed) == ([], 1)
