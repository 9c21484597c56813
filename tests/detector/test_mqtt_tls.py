"""An encrypted connection to a real mosquitto with certificates of our own making."""

from __future__ import annotations

import gc
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from detector import mqtt_link
from detector.broker_address import parse_broker_url
from detector.mqtt_link import MqttLink
from tests.detector.mqtt_world import until

pytestmark = [
    pytest.mark.broker,
    # paho leaves the socket of a handshake that failed to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make certificates"),
]


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=30)


def authority(folder: Path, name: str) -> Path:
    """Make a certificate authority of its own; return its certificate."""
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key"]
    openssl(folder, "req", "-x509", *key, "-out", f"{name}.pem", "-days", "2", "-subj", f"/CN={name}")
    return folder / f"{name}.pem"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with two authorities, and a certificate for 127.0.0.1 that the first has signed."""
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("ours", "another"):
        authority(folder, name)
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "broker.key"]
    openssl(folder, "req", *key, "-out", "broker.csr", "-subj", "/CN=broker")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    signing = ["-CA", "ours.pem", "-CAkey", "ours.key", "-CAcreateserial", "-extfile", "names", "-days", "2"]
    openssl(folder, "x509", "-req", "-in", "broker.csr", *signing, "-out", "broker.pem")
    return folder


@pytest.fixture
def port(certificates: Path, tmp_path: Path, mosquitto_path: str) -> Iterator[int]:
    """Start a mosquitto that takes encrypted connections alone; return where."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = int(probe.getsockname()[1])
    configuration = tmp_path / "mosquitto.conf"
    configuration.write_text(
        f"listener {free} 127.0.0.1\nallow_anonymous true\nuser root\n"
        f"certfile {certificates}/broker.pem\nkeyfile {certificates}/broker.key\n"
    )
    with subprocess.Popen([mosquitto_path, "-c", configuration], stderr=subprocess.DEVNULL) as process:
        assert until(lambda: is_open(free))
        yield free
        process.terminate()


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def connects(url: str, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr(mqtt_link, "_RECONNECT_S", (0.1, 0.1))
    link = MqttLink(parse_broker_url(url), "tls")
    link.start()
    until(lambda: link.connected or "no broker answers" in link.trouble or "closes" in link.trouble)
    connected = link.connected
    link.close()
    gc.collect()
    return connected


def test_a_broker_whose_certificate_our_authority_signed_is_taken(
    port: int, certificates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert connects(f"mqtts://127.0.0.1:{port}?ca={certificates}/ours.pem", monkeypatch)


@pytest.mark.parametrize(
    "url",
    [
        "mqtts://127.0.0.1:{port}?ca={folder}/another.pem",
        "mqtts://127.0.0.1:{port}",
        "mqtts://localhost:{port}?ca={folder}/ours.pem",
        "mqtt://127.0.0.1:{port}",
    ],
    ids=["another authority", "the system's authorities", "another name", "unencrypted"],
)
def test_any_other_is_refused(
    url: str, port: int, certificates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not connects(url.format(port=port, folder=certificates), monkeypatch)
