"""The private mosquitto as a session starts it, asked by Debian's own clients as each role: exactly the table."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from paho.mqtt.client import Client, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

from crampwatch.access_list import ROLES
from crampwatch.broker import PrivateBroker
from detector.broker_address import BrokerAddress
from detector.roles import Role
from tests.crampwatch.role_topics import TOPICS, may_hear, may_say
from tests.detector.mqtt_world import Ear, until

pytestmark = pytest.mark.broker
# Heard by every role, and by the owner; the word by which a listener knows that it has heard all before it.
EVERYBODYS = "crampwatch/1/left-calf/state"
READY, LAST = "ready", "last"


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateBroker]:
    with PrivateBroker(tmp_path_factory.mktemp("matrix") / "broker", prefer="mosquitto") as running:
        yield running


def asked(program: str, address: BrokerAddress, *more: str) -> list[str]:
    login = ("-V", "mqttv311", "-u", address.username, "-P", address.password)
    return [program, "-h", address.host, "-p", str(address.port), *login, "-q", "1", *more]


def say(address: BrokerAddress, topic: str, text: str, *more: str) -> None:
    command = asked("mosquitto_pub", address, "-t", topic, "-m", text, *more)
    subprocess.run(command, check=True, capture_output=True, timeout=20)


class Listener:
    """A mosquitto_sub on everything."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def until(self, word: str) -> set[str]:
        """Return the topics of what came before the word."""
        assert self._process.stdout is not None
        heard: set[str] = set()
        for line in self._process.stdout:
            topic, _, text = line.rstrip("\n").partition(" ")
            if text == word:
                return heard
            heard.add(topic)
        raise AssertionError("mosquitto_sub has ended")


@contextmanager
def listening(address: BrokerAddress) -> Iterator[Listener]:
    command = asked("mosquitto_sub", address, "-t", "#", "-F", "%t %p")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Listener(process)
        finally:
            process.terminate()


def forget(owner: BrokerAddress) -> None:
    """Clear what the broker keeps on the topics of the table."""
    for topic in TOPICS:
        say(owner, topic, "", "-r")


@pytest.mark.parametrize("role", ROLES)
def test_a_role_says_on_its_own_topics_and_is_not_heard_on_any_other(
    broker: PrivateBroker, role: Role
) -> None:
    say(broker.address, EVERYBODYS, READY, "-r")
    with listening(broker.address) as owner:
        owner.until(READY)
        for topic in TOPICS:
            say(broker.address_of(role), topic, "word")
            say(broker.address_of(role), topic, "kept", "-r")
        say(broker.address, EVERYBODYS, LAST)
        assert owner.until(LAST) == {topic for topic in TOPICS if may_say(role, topic)}
    forget(broker.address)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_hears_what_is_for_it_said_now_or_kept(broker: PrivateBroker, role: Role) -> None:
    expected = {topic for topic in TOPICS if may_hear(role, topic)}
    for topic in TOPICS:
        if topic != EVERYBODYS:
            say(broker.address, topic, "kept", "-r")
    say(broker.address, EVERYBODYS, READY, "-r")
    with listening(broker.address_of(role)) as one:
        kept = one.until(READY)
        for topic in TOPICS:
            say(broker.address, topic, "now")
        say(broker.address, EVERYBODYS, LAST)
        # What is kept comes in no order: some of it perhaps behind the word.
        assert kept <= expected
        assert one.until(LAST) == expected
    forget(broker.address)


@pytest.mark.parametrize("role", ROLES)
def test_nobodys_last_will_goes_where_they_may_not_speak(broker: PrivateBroker, role: Role) -> None:
    own = [topic for topic in TOPICS if may_say(role, topic)][:1]
    foreign = [topic for topic in TOPICS if not may_say(role, topic)][:3]
    address = broker.address_of(role)
    with Ear(broker.address) as ear:
        for topic in (*foreign, *own):
            client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv311)
            client.username_pw_set(address.username, address.password)
            client.will_set(topic, "will", 1)
            client.connect(address.host, address.port)
            assert until(client.is_connected, turn=lambda: client.loop(0.05))  # noqa: B023 - used at once
            connection = client.socket()
            assert connection is not None
            # Gone without a goodbye, as a killed process is.
            connection.close()
        ear.client.publish(EVERYBODYS, LAST, 1)
        if own:
            assert until(lambda: (own[0], b"will", False) in ear.heard)
        assert until(lambda: (EVERYBODYS, LAST.encode(), False) in ear.heard)
        assert {topic for topic, payload, _ in ear.heard if payload == b"will"} == set(own)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_let_in_by_its_own_password_alone(broker: PrivateBroker, role: Role) -> None:
    address = broker.address_of(role)
    other = broker.address_of("monitor" if role != "monitor" else "caregiver").password
    for wrong in ("", "wrong", role, other):
        stranger = BrokerAddress(address.host, address.port, role, wrong)
        refused = subprocess.run(
            asked("mosquitto_pub", stranger, "-t", EVERYBODYS, "-m", "forged"),
            capture_output=True,
            check=False,
            timeout=20,
        )
        assert refused.returncode != 0
