"""Both private brokers, as real processes, asked by Debian's own MQTT clients."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crampwatch import broker as broker_module
from crampwatch import broker_kinds
from crampwatch.broker import (
    BrokerMissingError,
    BrokerPortError,
    BrokerStartError,
    PrivateBroker,
    answers,
)
from detector.broker_address import BrokerAddress
from tests.detector.mqtt_world import until

KINDS = ["mosquitto", "embedded"]
# The clients are Debian's, so even the embedded broker's tests need them.
pytestmark = pytest.mark.broker


@pytest.fixture(params=KINDS)
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PrivateBroker]:
    with PrivateBroker(tmp_path / "broker", prefer=request.param) as running:
        yield running


Done = subprocess.CompletedProcess[str]


def client(program: str, address: BrokerAddress, *arguments: str, text: str = "") -> Done:
    """Run mosquitto_sub or mosquitto_pub (MQTT 3.1.1) against a broker."""
    place = ["-V", "mqttv311", "-h", address.host, "-p", str(address.port)]
    login = ["-u", address.username] if address.username else []
    login += ["-P", address.password] if address.password else []
    command = [program, *place, *login, *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=30)


def listening_addresses(pid: int) -> set[str]:
    """Return the IPv4 and IPv6 addresses that a process listens on, in the kernel's own hexadecimal."""
    inodes = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
    rows = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]
    ]
    return {row[1].rpartition(":")[0] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in inodes}


def test_debians_client_sees_topics_with_the_login(broker: PrivateBroker) -> None:
    topic, text = "crampwatch/1/left-calf/state", '{"version":1}'
    sent = client("mosquitto_pub", broker.address, "-t", topic, "-m", text, "-r", "-q", "1")
    seen = client("mosquitto_sub", broker.address, "-t", "crampwatch/#", "-v", "-C", "1", "-W", "5")
    assert (sent.returncode, seen.stdout) == (0, f"{topic} {text}\n")


@pytest.mark.parametrize(
    "login",
    [("", ""), ("crampwatch", ""), ("crampwatch", "wrong"), ("other", "right")],
    ids=["nothing", "user name alone", "wrong password", "wrong user name"],
)
def test_debians_client_gets_nothing_without_the_login(broker: PrivateBroker, login: tuple[str, str]) -> None:
    client("mosquitto_pub", broker.address, "-t", "crampwatch/1/a/state", "-m", "secret", "-r", "-q", "1")
    password = broker.address.password if login[1] == "right" else login[1]
    stranger = BrokerAddress(broker.address.host, broker.address.port, login[0], password)
    seen = client("mosquitto_sub", stranger, "-t", "#", "-v", "-C", "1", "-W", "1")
    assert seen.returncode != 0
    assert "secret" not in seen.stdout
    client("mosquitto_pub", stranger, "-t", "crampwatch/1/a/state", "-m", "forged", "-r", "-q", "1")
    kept = client("mosquitto_sub", broker.address, "-t", "crampwatch/1/a/state", "-C", "1", "-W", "5")
    assert kept.stdout == "secret\n"


def test_the_embedded_broker_speaks_mqtt_3_1_1_alone(tmp_path: Path) -> None:
    # One MQTT 5 message with an expiry would bring it down for everybody.
    with PrivateBroker(tmp_path / "broker", prefer="embedded") as running:
        sent = client("mosquitto_pub", running.address, "-V", "mqttv5", "-t", "a", "-m", "b")
        assert sent.returncode != 0
        assert running.alive()


def test_it_listens_on_loopback_alone(broker: PrivateBroker) -> None:
    assert broker.pid is not None
    assert listening_addresses(broker.pid) == {"0100007F"}


def test_everything_of_it_is_for_its_owner_alone(broker: PrivateBroker, tmp_path: Path) -> None:
    client("mosquitto_pub", broker.address, "-t", "a", "-m", "b", "-r", "-q", "1")
    folder = tmp_path / "broker"
    assert folder.stat().st_mode & 0o777 == 0o700
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert broker.login_file in files
    assert {path.name: oct(path.stat().st_mode & 0o777) for path in files} == {
        path.name: "0o600" for path in files
    }


def test_the_password_is_on_no_command_line(broker: PrivateBroker) -> None:
    command = Path(f"/proc/{broker.pid}/cmdline").read_bytes()
    assert broker.address.password.encode() not in command


def test_a_message_that_is_too_long_is_cut_off(broker: PrivateBroker) -> None:
    text = "x" * (broker_kinds.LARGEST_PAYLOAD * 2)
    sent = client("mosquitto_pub", broker.address, "-t", "a", "-s", "-q", "1", text=text)
    assert sent.returncode != 0
    assert broker.alive()


@pytest.mark.parametrize("kind", KINDS)
def test_login_and_port_stay_over_a_restart(kind: str, tmp_path: Path) -> None:
    running = PrivateBroker(tmp_path / "broker", prefer=kind)
    running.start()
    before, first_pid = running.address, running.pid
    running.start()
    assert running.pid == first_pid
    running.stop()
    assert not running.alive()
    running.start()
    assert (running.address, running.kind) == (before, kind)
    assert answers(before, 2)
    running.stop()
    running.stop()
    with PrivateBroker(tmp_path / "broker", prefer=kind) as another:
        assert (another.address.username, another.address.password) == (before.username, before.password)


def test_mosquitto_keeps_what_it_had_over_a_restart(tmp_path: Path) -> None:
    # What a kill -9 takes of its memory its clients say again: tests/detector/test_publisher_faults.py.
    with PrivateBroker(tmp_path / "broker", prefer="mosquitto") as running:
        client("mosquitto_pub", running.address, "-t", "a", "-m", "kept", "-r", "-q", "1")
        running.stop()
        running.start()
        seen = client("mosquitto_sub", running.address, "-t", "a", "-C", "1", "-W", "5")
        assert seen.stdout == "kept\n"


def kill(running: PrivateBroker) -> None:
    assert running.pid is not None
    os.kill(running.pid, signal.SIGKILL)
    assert until(lambda: not running.alive())


@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_broker_is_noticed_and_can_be_started_again(kind: str, tmp_path: Path) -> None:
    with PrivateBroker(tmp_path / "broker", prefer=kind) as running:
        kill(running)
        running.start()
        assert running.alive()
        assert answers(running.address, 2)


@pytest.mark.parametrize("kind", KINDS)
def test_a_hung_broker_is_not_taken_for_a_living_one(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker_module, "_PROBE_EVERY_S", 0.0)
    monkeypatch.setattr(broker_module, "_PROBE_S", 0.2)
    monkeypatch.setattr(broker_module, "STOP_S", 0.2)
    with PrivateBroker(tmp_path / "broker", prefer=kind) as running:
        assert running.alive()
        assert running.pid is not None
        os.kill(running.pid, signal.SIGSTOP)
        assert until(lambda: not running.alive())
        running.stop()
        running.start()
        assert running.alive()


@pytest.mark.parametrize("kind", KINDS)
def test_a_port_that_is_taken_is_told(kind: str, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(BrokerPortError, match=rf"port {port} on 127.0.0.1: expected it free"):
            PrivateBroker(tmp_path / "broker", port=port, prefer=kind).start()


def test_a_store_that_mosquitto_chokes_on_is_put_aside(tmp_path: Path) -> None:
    store = tmp_path / "broker" / "store" / "mosquitto.db"
    store.parent.mkdir(parents=True)
    store.write_bytes(b"\xff" * 4096)
    with PrivateBroker(tmp_path / "broker", prefer="mosquitto") as running:
        assert running.alive()
        (aside,) = store.parent.glob("mosquitto.db.bad-*")
        assert aside.read_bytes() == b"\xff" * 4096


def test_a_broker_that_does_not_come_up_is_told_with_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = (sys.executable, "-c", "import sys; sys.exit('no more memory')")
    broken = broker_kinds.BrokerKind("mosquitto", lambda: True, lambda *_: list(words))
    monkeypatch.setattr(broker_module, "KINDS", {"mosquitto": broken})
    running = PrivateBroker(tmp_path / "broker", prefer="mosquitto")
    with pytest.raises(BrokerStartError, match=r"\(mosquitto\) .*: does not start: no more memory; see "):
        running.start()
    assert not running.alive()


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(BrokerStartError, match=r"folder .*file/broker cannot be used"):
        PrivateBroker(tmp_path / "file" / "broker").start()


def test_the_address_before_the_start_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(BrokerStartError, match="before its address is asked for"):
        _ = PrivateBroker(tmp_path).address


def test_mosquitto_is_preferred_where_it_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert PrivateBroker(tmp_path).kind == "mosquitto"
    monkeypatch.setattr(broker_kinds, "find_mosquitto", lambda: None)
    assert PrivateBroker(tmp_path).kind == "embedded"
    with pytest.raises(BrokerMissingError, match="expected mosquitto to be installed"):
        PrivateBroker(tmp_path, prefer="mosquitto")


def test_mosquitto_is_found_where_a_user_does_not_look(monkeypatch: pytest.MonkeyPatch) -> None:
    found = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip("mosquitto is installed elsewhere here")
    monkeypatch.setenv("PATH", "/nowhere")
    assert broker_kinds.find_mosquitto() == found


OWNER = """
import sys, time
from pathlib import Path
from crampwatch.broker import PrivateBroker
broker = PrivateBroker(Path(sys.argv[1]), prefer=sys.argv[2])
broker.start()
print(broker.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("kind", KINDS)
def test_a_broker_never_outlives_whoever_started_it(kind: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", OWNER, str(tmp_path / "broker"), kind]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        assert Path(f"/proc/{pid}").exists()
        owner.kill()
    assert until(lambda: not is_running(pid))


def is_running(pid: int) -> bool:
    """Tell whether a process runs; one that waits to be buried does not."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def test_the_probe_gives_up_on_a_mute_listener() -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        assert not answers(BrokerAddress("127.0.0.1", mute.getsockname()[1], "u", "p"), 0.1)


def test_the_probe_carries_long_logins(broker: PrivateBroker) -> None:
    # Over 127 bytes, the length of the packet takes two or three bytes.
    assert not answers(BrokerAddress("127.0.0.1", broker.address.port, "u" * 150, "p" * 20_000), 2)
    assert answers(broker.address, 2)


@pytest.mark.skipif(os.name != "posix", reason="users without a name are POSIX's")
def test_mosquitto_runs_as_whom_the_system_names_and_one_without_a_name_has_a_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # What sudo or a login left there is not who this process is.
    monkeypatch.setenv("LOGNAME", "somebody-else")
    assert broker_kinds.own_name() == pwd.getpwuid(os.geteuid()).pw_name
    monkeypatch.setattr(os, "geteuid", lambda: 4_242_424)
    assert broker_kinds.own_name() == "4242424"
