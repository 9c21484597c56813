"""What `setup --mosquitto` writes, on a real mosquitto: each role says and hears what its table says, no more."""

import queue
import secrets
import shutil
import socket
import stat
import subprocess
import threading
import time
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Self

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from typer.testing import CliRunner

from crampwatch.access_list import ROLES, access_list
from crampwatch.broker_login import Login
from crampwatch.commands import app
from crampwatch.mosquitto_setup import (
    ACCESS_LIST,
    CONFIGURATION,
    PASSWORDS,
    MosquittoSetupError,
    set_up,
)
from detector.broker_address import BrokerAddress, parse_broker_url
from detector.mqtt_link import MqttLink
from detector.roles import Role
from tests.crampwatch.role_topics import TOPICS, may_hear, may_say

PATIENCE_S = 20.0
# The last thing said: whoever hears it has heard all before it.
LAST = b"last"
# A login that may do everything, for the tests' eyes alone.
WATCHER = Login("watcher", "w" * 32)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def prepared(folder: Path, *, tls: bool) -> Path:
    set_up(folder, host="127.0.0.1", port=free_port(), tls=tls, force=False, say=lambda _text: None)
    return folder


def address(folder: Path, role: str) -> BrokerAddress:
    return parse_broker_url(tomllib.loads((folder / "credentials" / f"{role}.toml").read_text())["url"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = prepared(tmp_path_factory.mktemp("mosquitto") / "it", tls=False)
    with (folder / PASSWORDS).open("a") as file:
        file.write(WATCHER.mosquitto_line())
    with (folder / ACCESS_LIST).open("a") as file:
        file.write("\nuser watcher\ntopic readwrite #\n")
    return folder


@pytest.fixture(scope="module")
def broker(folder: Path, mosquitto_path: str) -> Iterator[Path]:
    with subprocess.Popen([mosquitto_path, "-c", str(folder / CONFIGURATION)]) as process:
        wait_for(address(folder, "monitor"))
        yield folder
        process.terminate()


def wait_for(where: BrokerAddress) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while True:
        try:
            socket.create_connection((where.host, where.port), 1.0).close()
        except OSError:
            assert time.monotonic() < deadline_s, "mosquitto does not listen"
            time.sleep(0.05)
        else:
            return


class Voice:
    """A client that says one thing everywhere, and remembers where it heard what."""

    def __init__(self, where: BrokerAddress, login: Login, *, listens: bool) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self._last = threading.Event()
        subscribed = threading.Event()
        self.client = Client(CallbackAPIVersion.VERSION2, client_id=secrets.token_hex(8))
        self.client.username_pw_set(login.username, login.password)
        self.client.on_connect = lambda *_: self._begin(subscribed, listens=listens)
        self.client.on_subscribe = lambda *_: subscribed.set()
        self.client.on_message = self._hear
        self.client.connect(where.host, where.port)
        self.client.loop_start()
        assert subscribed.wait(PATIENCE_S)

    def _begin(self, subscribed: threading.Event, *, listens: bool) -> None:
        if listens:
            self.client.subscribe("#", 1)
        else:
            subscribed.set()

    def _hear(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        if message.payload == LAST:
            self._last.set()
        else:
            self.heard.append((message.topic, bytes(message.payload)))

    def say(self, topics: Iterable[str], payload: bytes) -> None:
        for told in [self.client.publish(topic, payload, qos=1) for topic in topics]:
            told.wait_for_publish(PATIENCE_S)

    def heard_until_the_last(self) -> set[str]:
        assert self._last.wait(PATIENCE_S)
        return {topic for topic, _ in self.heard}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.client.disconnect()
        self.client.loop_stop()


def login_of(folder: Path, role: str) -> Login:
    where = address(folder, role)
    return Login(where.username, where.password)


@pytest.mark.broker
@pytest.mark.parametrize("role", ROLES)
def test_a_role_says_and_hears_what_its_table_says_and_nothing_else(broker: Path, role: Role) -> None:
    where = address(broker, role)
    with (
        Voice(where, WATCHER, listens=True) as watcher,
        Voice(where, login_of(broker, role), listens=True) as one,
    ):
        one.say(TOPICS, b"one")
        watcher.say(["crampwatch/1/left-calf/state"], LAST)
        assert watcher.heard_until_the_last() == {topic for topic in TOPICS if may_say(role, topic)}
        one.heard_until_the_last()
        one.heard.clear()
        watcher.say([*TOPICS, "crampwatch/1/left-calf/state"], b"watcher")
        one._last.clear()
        watcher.say(["crampwatch/1/left-calf/state"], LAST)
        assert one.heard_until_the_last() == {topic for topic in TOPICS if may_hear(role, topic)}


@pytest.mark.broker
def test_no_other_password_is_let_in(broker: Path) -> None:
    where = address(broker, "monitor")
    wrong = [None, "", "wrong", "crampwatch", login_of(broker, "caregiver").password]
    thieves = [
        (role, password)
        for role in ROLES
        for password in wrong
        if role != "caregiver" or password != wrong[-1]
    ]
    answers = queue.Queue[bool]()
    clients = []
    for role, password in thieves:
        client = Client(
            CallbackAPIVersion.VERSION2, client_id=secrets.token_hex(8), reconnect_on_failure=False
        )
        if password is not None:
            client.username_pw_set(role, password)
        client.on_connect = lambda _client, _userdata, _flags, code, _properties: answers.put(code.is_failure)
        client.connect(where.host, where.port)
        client.loop_start()
        clients.append(client)
    try:
        assert all(answers.get(timeout=PATIENCE_S) for _ in clients)
    finally:
        for client in clients:
            client.loop_stop()


@pytest.mark.broker
@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make certificates")
def test_with_tls_a_role_connects_and_nobody_without_it(tmp_path: Path, mosquitto_path: str) -> None:
    folder = prepared(tmp_path / "it", tls=True)
    where = address(folder, "monitor")
    assert where.tls
    with subprocess.Popen([mosquitto_path, "-c", str(folder / CONFIGURATION)]) as process:
        wait_for(where)
        link = MqttLink(where, "monitor")
        link.start()
        deadline_s = time.monotonic() + PATIENCE_S
        while not link.connected and time.monotonic() < deadline_s:
            link.check()
            time.sleep(0.05)
        plain = MqttLink(BrokerAddress(where.host, where.port, where.username, where.password), "plain")
        plain.start()
        time.sleep(0.5)
        try:
            assert (link.connected, plain.connected) == (True, False)
        finally:
            plain.close()
            link.close()
            process.terminate()


def test_every_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = prepared(tmp_path / "it", tls=shutil.which("openssl") is not None)
    for path in folder.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    passwords = {tomllib.loads(file.read_text())["url"] for file in (folder / "credentials").iterdir()}
    assert len(passwords) == len(ROLES)


def test_nothing_is_replaced_unless_asked_for(tmp_path: Path) -> None:
    folder = prepared(tmp_path / "it", tls=False)
    before = address(folder, "monitor")
    with pytest.raises(MosquittoSetupError, match="--force"):
        prepared(folder, tls=False)
    assert address(folder, "monitor") == before


@pytest.mark.parametrize("host", ["192.168.1.5", "0.0.0.0", "pi.local", "::"])
def test_nothing_unencrypted_leaves_the_computer(tmp_path: Path, host: str) -> None:
    with pytest.raises(MosquittoSetupError, match="TLS"):
        set_up(tmp_path / "it", host=host, port=1883, tls=False, force=False, say=lambda _text: None)
    assert not (tmp_path / "it").exists()


@pytest.mark.parametrize("host", ["", "a b", "x,IP:1.2.3.4", "-", "a/b", "a\nb", "x" * 300])
def test_what_is_no_host_is_refused(tmp_path: Path, host: str) -> None:
    with pytest.raises(MosquittoSetupError, match="host"):
        set_up(tmp_path / "it", host=host, port=8883, tls=True, force=False, say=lambda _text: None)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MosquittoSetupError, match="cannot be written"):
        prepared(tmp_path / "file" / "it", tls=False)


def test_the_command_says_what_it_wrote_and_shows_no_password(tmp_path: Path) -> None:
    folder = tmp_path / "it"
    arguments = ["setup", "--mosquitto", "--no-tls", "--out", str(folder), "--port", str(free_port())]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0
    assert f"mosquitto -c {folder / CONFIGURATION}" in result.output
    assert address(folder, "monitor").password not in result.output
    # Nobody has told of a watchdog elsewhere: that a power cut is silent for a phone is said before it happens.
    assert "in a power cut" in result.output


def test_the_access_list_names_every_role() -> None:
    assert [line.split()[1] for line in access_list().splitlines() if line.startswith("user")] == list(ROLES)


def test_without_a_wish_the_command_says_what_there_is() -> None:
    assert CliRunner().invoke(app, ["setup"]).exit_code == 2
