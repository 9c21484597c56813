"""One connection over real brokers, with paho's traps sprung."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crampwatch.broker import PrivateBroker
from detector import mqtt_link
from detector.broker_address import BrokerAddress
from detector.mqtt_link import MqttLink, Publication
from tests.detector.mqtt_world import Ear, until
from tests.faults.wire_tap import PUBLISH, packets

# The broker takes the login (MQTT 3.1.1, section 3.2).
CONNACK = b"\x20\x02\x00\x00"
PATIENCE_S = 20.0
KINDS = [pytest.param("mosquitto", marks=pytest.mark.broker), "embedded"]


pytestmark = pytest.mark.usefixtures("eager")


@pytest.fixture(params=KINDS)
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PrivateBroker]:
    with PrivateBroker(tmp_path / "broker", prefer=request.param) as running:
        yield running


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[PrivateBroker]:
    with PrivateBroker(tmp_path / "broker", prefer="embedded") as running:
        yield running


@pytest.fixture
def link(broker: PrivateBroker) -> Iterator[MqttLink]:
    yield from connected(broker.address)


@pytest.fixture
def embedded_link(embedded: PrivateBroker) -> Iterator[MqttLink]:
    yield from connected(embedded.address)


def connected(address: BrokerAddress) -> Iterator[MqttLink]:
    made = MqttLink(address, "link", [("in/#", 1)], Publication("will", b"gone", 1, retained=True))
    made.start()
    assert until(lambda: made.connected)
    yield made
    made.close()


def send_signal(broker: PrivateBroker, number: signal.Signals) -> None:
    assert broker.pid is not None
    os.kill(broker.pid, number)


def say(link: MqttLink, text: str) -> bool:
    return link.publish(Publication("out", text.encode(), 1, retained=False))


def client_of(link: MqttLink) -> Any:
    return link._client


def test_what_is_published_arrives_and_what_arrives_is_handed_over(
    broker: PrivateBroker, link: MqttLink
) -> None:
    with Ear(broker.address) as ear:
        assert say(link, "hello")
        assert until(lambda: ear.payloads("out") == [b"hello"])
        ear.client.publish("in/a", b"answer", 1)
        received: list[mqtt_link.Received] = []
        assert until(lambda: received, turn=lambda: received.extend(link.take_received()))
        assert [(item.topic, item.payload, item.retained) for item in received] == [
            ("in/a", b"answer", False)
        ]
    assert link.take_received() == []
    assert (link.trouble, link.counters.connections, link.generation) == ("", 1, 1)


def test_leaving_says_the_last_word_and_not_the_will(broker: PrivateBroker, link: MqttLink) -> None:
    with Ear(broker.address) as ear:
        link.close(last=Publication("will", b"bye", 1, retained=True))
        assert until(lambda: ear.payloads("will") == [b"bye"])
        assert not link.connected
        assert not say(link, "too late")
        link.close()
        assert ear.payloads("will") == [b"bye"]


def test_no_thread_stays_behind(embedded: PrivateBroker) -> None:
    before = set(threading.enumerate())
    for link in [MqttLink(embedded.address, "a"), MqttLink(BrokerAddress("127.0.0.1", free_port()), "b")]:
        link.start()
        until(lambda link=link: link.connected or "no broker answers" in link.trouble)  # type: ignore[misc]
        link.close()
    assert until(lambda: set(threading.enumerate()) <= before)


def test_an_exception_in_a_callback_is_counted_and_the_next_message_handled(
    embedded: PrivateBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = MqttLink(embedded.address, "link", [("in", 1)])
    handle = link._on_message
    monkeypatch.setattr(link, "_on_message", lambda client, message: handle(client, _not_bad(message)))
    with Ear(embedded.address) as ear:
        link.start()
        assert until(lambda: link.connected)
        for text in (b"bad", b"good"):
            ear.client.publish("in", text, 1)
        received: list[mqtt_link.Received] = []
        assert until(lambda: received, turn=lambda: received.extend(link.take_received()))
        assert [item.payload for item in received] == [b"good"]
    assert (link.counters.callback_errors, link.connected, link.generation) == (1, True, 1)
    link.close()


def _not_bad(message: Any) -> Any:
    if message.payload == b"bad":
        raise LookupError("a fault of ours")
    return message


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_dead_network_thread_is_noticed_and_replaced(
    embedded: PrivateBroker, embedded_link: MqttLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt_link, "_CHECK_EVERY_S", 0.0)
    link, old = embedded_link, client_of(embedded_link)

    def fault(*_arguments: object) -> None:
        raise LookupError("a fault of paho's")

    old.on_publish = fault
    assert say(link, "kills the thread")
    assert until(lambda: not link.connected)
    # This is why the thread is looked at: paho itself has seen nothing.
    assert old.is_connected()
    assert not say(link, "would be lost")
    assert until(lambda: link.connected, turn=link.check)
    assert (link.counters.dead_threads, link.generation) == (1, 2)
    with Ear(embedded.address) as ear:
        assert say(link, "alive")
        assert until(lambda: b"alive" in ear.payloads("out"))


def test_it_connects_when_the_broker_comes_and_again_when_it_comes_back(tmp_path: Path) -> None:
    port = free_port()
    broker = PrivateBroker(tmp_path / "broker", prefer="embedded", port=port)
    broker.start()
    link = MqttLink(broker.address, "link")
    broker.stop()
    link.start()
    assert until(lambda: link.trouble == f"no broker answers at mqtt://127.0.0.1:{port}")
    assert not say(link, "nobody there")
    broker.start()
    assert until(lambda: link.connected)
    broker.stop()
    assert until(lambda: not link.connected)
    assert not say(link, "nobody there")
    broker.start()
    assert until(lambda: link.connected)
    assert link.counters.connections == 2
    with Ear(broker.address) as ear:
        assert say(link, "third")
        assert until(lambda: ear.payloads("out") == [b"third"])
    link.close()
    broker.stop()


@pytest.mark.parametrize("password", ["hunter2", ""])
def test_a_wrong_login_is_told_without_showing_it(broker: PrivateBroker, password: str) -> None:
    address = BrokerAddress(broker.address.host, broker.address.port, "crampwatch", password)
    link = MqttLink(address, "stranger")
    link.start()
    assert until(lambda: "login" in link.trouble)
    assert str(address) in link.trouble
    assert "hunter2" not in link.trouble
    assert not link.connected
    link.close()


def test_what_a_lost_connection_left_behind_is_not_repeated(
    embedded: PrivateBroker, embedded_link: MqttLink
) -> None:
    send_signal(embedded, signal.SIGSTOP)
    assert say(embedded_link, "old")
    send_signal(embedded, signal.SIGKILL)
    assert until(lambda: not embedded_link.connected)
    embedded.start()
    with Ear(embedded.address) as ear:
        assert until(lambda: embedded_link.connected)
        assert say(embedded_link, "new")
        assert until(lambda: ear.payloads("out") == [b"new"])


def test_too_many_unanswered_messages_are_refused_and_counted(
    embedded: PrivateBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt_link, "_UNANSWERED", 3)
    for link in connected(embedded.address):
        send_signal(embedded, signal.SIGSTOP)
        assert [say(link, str(number)) for number in range(5)] == [True, True, True, False, False]
        assert link.counters.unsent == 2
        send_signal(embedded, signal.SIGKILL)


def test_no_message_waits_for_the_brokers_answer_to_those_before() -> None:
    said, sent, buffer = 50, 0, bytearray()
    with socket.create_server(("127.0.0.1", 0)) as server:
        link = MqttLink(BrokerAddress(*server.getsockname()), "link")
        link.start()
        mute, _ = server.accept()
        with mute:
            mute.settimeout(PATIENCE_S)
            assert mute.recv(1024)
            mute.sendall(CONNACK)
            assert until(lambda: link.connected)
            assert all(say(link, str(number)) for number in range(said))
            while sent < said and (part := mute.recv(65_536)):
                buffer += part
                sent += sum(packet[0] >> 4 == PUBLISH for packet in packets(buffer))
        link.close()
    assert sent == said


def test_a_flood_is_held_in_bounded_memory(embedded: PrivateBroker, embedded_link: MqttLink) -> None:
    with Ear(embedded.address, topic="unheard") as ear:
        for number in range(mqtt_link._RECEIVED + 50):
            ear.client.publish("in/a", str(number), 1)
        assert until(lambda: embedded_link.counters.received_dropped == 50)
    assert len(embedded_link.take_received()) == mqtt_link._RECEIVED


def test_an_over_long_message_is_dropped(
    embedded: PrivateBroker, embedded_link: MqttLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt_link, "_LONGEST_RECEIVED", 10)
    with Ear(embedded.address) as ear:
        ear.client.publish("in/a", b"x" * 11, 1)
        assert until(lambda: embedded_link.counters.received_dropped == 1)
    assert embedded_link.take_received() == []


def test_a_half_open_connection_is_noticed(embedded: PrivateBroker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt_link, "KEEPALIVE_S", 1)
    for link in connected(embedded.address):
        send_signal(embedded, signal.SIGSTOP)
        assert until(lambda link=link: not link.connected)  # type: ignore[misc]
        send_signal(embedded, signal.SIGCONT)
        assert until(lambda link=link: link.connected)  # type: ignore[misc]


@pytest.mark.broker
def test_a_patient_link_leaves_its_rival_in_peace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt_link, "_CHECK_EVERY_S", 0.0)
    with PrivateBroker(tmp_path / "broker", prefer="mosquitto") as broker:
        for link in connected(broker.address):
            link.patient = True
            link.check()
            for rival in connected(broker.address):
                assert until(lambda link=link: not link.connected, turn=link.check)  # type: ignore[misc]
                # Unasked, it would be back after a second.
                until(lambda: False, turn=link.check, patience_s=3)
                assert (rival.connected, link.counters.connections) == (True, 1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
