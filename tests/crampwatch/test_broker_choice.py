"""Which broker a session takes: nothing beyond this computer without encryption and a login, on either side."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from crampwatch.access_list import ROLES
from crampwatch.broker import BrokerError, PrivateBroker
from crampwatch.broker_choice import (
    BrokerExposedError,
    own_addresses,
    private_broker,
    refuse_open_way,
)
from crampwatch.errors import is_mendable
from crampwatch.mosquitto_setup import MosquittoSetupError, set_up
from crampwatch.plan import SessionPlan
from crampwatch.sensors import SensorPlan
from crampwatch.settings import BrokerSettings, SettingsError
from detector.broker_address import parse_broker_url
from tests.crampwatch.running import PATIENCE_S, command, free_port

UNSAFE_URLS = [
    "mqtt://192.168.1.5",
    "mqtt://night:word@192.168.1.5",
    "mqtt://night:word@broker.example:1883",
    "mqtt://0.0.0.0",
    "mqtt://[::]",
    "mqtt://[fe80::1]",
    "mqtts://broker.example",
    "mqtts://night@broker.example",
    "mqtts://192.168.1.5",
    "mqtt://night:word@localhost.example",
    "mqtt://127.0.0.1.example",
    "mqtt://night:word@10.0.0.1",
]
UNSAFE_HOSTS = ["0.0.0.0", "::", "192.168.1.5", "pi.local", "", "fe80::1"]


@pytest.mark.parametrize("url", UNSAFE_URLS)
def test_a_way_that_others_could_read_is_refused_with_what_it_lacks(url: str) -> None:
    with pytest.raises(BrokerExposedError, match="not on this computer") as refused:
        own_addresses(BrokerSettings(url=url))
    assert ("TLS (mqtts" in str(refused.value)) == (not url.startswith("mqtts"))
    assert "word" not in str(refused.value)
    assert is_mendable(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "mqtt://127.0.0.1",
        "mqtt://localhost:1884",
        "mqtt://[::1]",
        "mqtt://127.8.8.8",
        "mqtts://night:word@broker.example",
    ],
)
def test_this_computer_and_an_encrypted_login_are_taken(url: str) -> None:
    addresses = own_addresses(BrokerSettings(url=url))
    assert addresses == dict.fromkeys(ROLES, parse_broker_url(url))


@pytest.mark.parametrize("prefer", ["embedded", "mosquitto", "auto"])
@pytest.mark.parametrize("host", UNSAFE_HOSTS)
def test_the_private_broker_listens_to_nobody_else(tmp_path: Path, host: str, prefer: str) -> None:
    settings = BrokerSettings(host=host, prefer=prefer)  # type: ignore[arg-type]
    with pytest.raises(BrokerExposedError, match="this computer alone"):
        private_broker(settings, tmp_path / "broker")
    assert not (tmp_path / "broker").exists()


def test_a_session_says_why_it_refuses_and_starts_nothing(tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text('[broker]\nurl = "mqtt://night:hunter2@192.168.1.5"\n')
    settings.chmod(0o600)
    done = subprocess.run(
        command(
            *("run", "--no-browser", "--source", "simulate:?seed=1", "--settings", settings),
            *("--folder", tmp_path / "data", "--port", free_port()),
        ),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 1
    assert "expected TLS (mqtts://), since it is not on this computer" in done.stderr
    assert "hunter2" not in done.stderr
    assert not list((tmp_path / "data").rglob("*.sqlite"))


def test_each_role_gets_its_own_login_from_the_folder_that_setup_wrote(tmp_path: Path) -> None:
    set_up(tmp_path / "it", host="127.0.0.1", port=1884, tls=False, force=False, say=lambda _text: None)
    addresses = own_addresses(BrokerSettings(credentials=str(tmp_path / "it" / "credentials")))
    assert {role: address.username for role, address in addresses.items()} == {role: role for role in ROLES}
    assert len({address.password for address in addresses.values()}) == len(ROLES)


@pytest.mark.parametrize("content", [None, "", "url = 1", "[url]", "not [toml", "\0"])
def test_a_folder_without_logins_is_told(tmp_path: Path, content: str | None) -> None:
    for role in ROLES:
        if content is not None:
            (tmp_path / f"{role}.toml").write_text(content)
    with pytest.raises((SettingsError, BrokerError), match=r"broker.credentials: .*monitor.toml"):
        own_addresses(BrokerSettings(credentials=str(tmp_path)))


def test_a_folder_of_unsafe_logins_is_refused(tmp_path: Path) -> None:
    for role in ROLES:
        (tmp_path / f"{role}.toml").write_text(f'url = "mqtt://{role}:word@192.168.1.5"\n')
    with pytest.raises(BrokerExposedError, match="TLS"):
        own_addresses(BrokerSettings(credentials=str(tmp_path)))


@pytest.mark.parametrize("host", ["192.168.1.5", "pi.local", "0.0.0.0"])
def test_what_setup_writes_is_never_open_either(tmp_path: Path, host: str) -> None:
    with pytest.raises(MosquittoSetupError, match="TLS"):
        set_up(tmp_path / "it", host=host, port=1884, tls=False, force=False, say=lambda _text: None)


def test_every_process_of_a_session_has_a_login_of_its_own(tmp_path: Path) -> None:
    with PrivateBroker(tmp_path / "broker", prefer="embedded") as broker:
        logins: dict[str, str] = {role: broker.address_of(role).url() for role in ROLES}
        plan = SessionPlan((SensorPlan("simulate:"),), "/d", broker.address.url(), 1, "", logins=logins)
        for role in ROLES:
            assert plan.broker_of(role) == broker.address_of(role)
            refuse_open_way(plan.broker_of(role))
    bare = SessionPlan((SensorPlan("simulate:"),), "/d", "mqtt://a:b@localhost", 1, "")
    assert {bare.broker_of(role) for role in ROLES} == {parse_broker_url("mqtt://a:b@localhost")}
