"""Addresses of sources, and what a person is told when one is wrong or nothing is there."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path
from typing import Self

import pytest
import serial

from firmware_bridge.frames import encode, seal
from firmware_bridge.ports import port_error
from firmware_bridge.samples import SensorInfo, StreamItem
from firmware_bridge.source_contract import NotASensorError, PortError, SourceError, SourceUrl, SourceUrlError
from firmware_bridge.sources import Source, open_source
from firmware_bridge.strangers import describe
from tests.firmware_bridge.assembled import HELLO
from tests.firmware_bridge.live_reading import open_files, talker

WRONG = [
    ("/dev/ttyUSB0", "expected scheme:address"),
    ("usb:/dev/ttyUSB0", "begins with one of serial:, socket:, lsl:, replay:"),
    ("serial:", "expected a device, such as serial:/dev/ttyUSB0"),
    ("serial:/dev/x?baud=fast", "baud to be a number from 1200 to 4e\\+06, got 'fast'"),
    ("serial:/dev/x?baud=300", "baud to be a number .* got '300'"),
    ("serial:/dev/x?bauds=9600", "expected keys from \\['baud', .*'id', .*\\] after the \\?, got 'bauds'"),
    ("serial:/dev/x?baud=9600&baud=9600", "every key once"),
    ("serial:/dev/x?baud", r"expected \?key=value"),
    ("serial:/dev/x?id=Left%20Calf", "got 'Left Calf'"),
    ("serial:/dev/x?hardware=left", "16 of 0-9 and a-f, got 'left'"),
    ("serial:/dev/x?hardware=00112233445566ff&dialect=text", "no dialect beside hardware="),
    ("socket://host", "expected socket://HOST:PORT"),
    ("socket:host:80", "expected socket://HOST:PORT"),
    ("socket://host:99999", "expected socket://HOST:PORT"),
    ("socket://host:80?baud=9600", "got 'baud'"),
    ("replay:", "expected a recording"),
    ("replay:x.edf?speed=warp", "speed to be a number from 0.01 to 100000, got 'warp', or max"),
    ("replay:x.edf?speed=nan", "got 'nan'"),
    ("replay:x.edf?speed=0", "got '0'"),
]


@pytest.mark.parametrize(("url", "words"), WRONG, ids=[url for url, _ in WRONG])
def test_a_wrong_address_is_refused_with_what_was_expected(url: str, words: str) -> None:
    with pytest.raises(SourceUrlError, match=words):
        open_source(url)


def test_the_target_is_taken_as_it_stands() -> None:
    url = SourceUrl.parse("replay:/nights/50%/what?.edf?speed=2", {"speed"})
    assert (url.target, url.options) == ("/nights/50%/what?.edf", {"speed": "2"})


class Synthetic:
    def __init__(self, url: str) -> None:
        self.url = url

    finished = True
    counters: dict[str, int] = {}  # noqa: RUF012 - a stand-in

    def open(self) -> SensorInfo:
        raise NotASensorError("stand-in")

    def read(self, timeout_s: float) -> list[StreamItem]:
        return []

    def send(self, frame: object) -> None: ...

    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...


def test_other_schemes_come_from_the_caller() -> None:
    source: Source = open_source("simulate:?seed=1", factories={"simulate": Synthetic})
    assert source.url == "simulate:?seed=1"
    with pytest.raises(SourceUrlError, match=r"replay:, simulate:$"):
        open_source("stimulate:", factories={"simulate": Synthetic})


def test_nothing_is_opened_before_it_is_asked_for() -> None:
    before = open_files()
    with open_source("serial:/dev/nowhere") as source:
        assert source.url == "serial:/dev/nowhere"
        assert not source.finished
    assert open_files() == before


def refused(url: str) -> str:
    before = open_files()
    with pytest.raises(SourceError) as caught, open_source(url) as source:
        source.open()
    assert open_files() == before
    return f"{type(caught.value).__name__}: {caught.value}"


def test_a_port_that_is_absent(tmp_path: Path) -> None:
    told = refused(f"serial:{tmp_path}/ttyUSB0")
    assert told.startswith(f"PortError: serial port {tmp_path}/ttyUSB0: there is no such port")


def test_a_port_that_another_program_has_open() -> None:
    with talker(lambda _: b"x") as port, serial.Serial(port, exclusive=True):
        assert "another program has it open" in refused(f"serial:{port}")


def test_a_file_that_is_no_port(tmp_path: Path) -> None:
    file = tmp_path / "night.edf"
    file.touch()
    assert "not a serial port" in refused(f"serial:{file}")
    assert "folder" in refused(f"serial:{tmp_path}")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, "dialout"),
        (errno.EBUSY, "another program"),
        (errno.EIO, "gone"),
        (errno.EMFILE, "Too many open"),
    ],
)
def test_what_cannot_be_tried_here_is_told_as_well(number: int, words: str) -> None:
    url = SourceUrl.parse("serial:/dev/ttyUSB0")
    error = port_error(url, serial.SerialException(number, os.strerror(number)))
    assert isinstance(error, PortError)
    assert words in str(error)


def test_a_host_where_nothing_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert "nothing listens there" in refused(f"socket://127.0.0.1:{port}")


def test_a_host_that_does_not_exist() -> None:
    error = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    assert "no host of that name" in str(port_error(SourceUrl.parse("socket://sensor:80"), error))
    assert "does not answer" in str(
        port_error(SourceUrl.parse("socket://sensor:80"), TimeoutError("timed out"))
    )


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less long for a HELLO that will never come."""
    monkeypatch.setattr("firmware_bridge.board_source.HELLO_S", 0.3)
    monkeypatch.setattr("firmware_bridge.board_source.ASK_EVERY_S", 0.1)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"", "nothing comes from it and it does not answer"),
        (b"512,0.01\r\n", "lines of text, so another sketch"),
        (b"\xc7\x7c\x01\x02\x00\x01", "Chords packets"),
        (b"\x9e\x00\xff\x83\x00\xe1", "usually a wrong speed"),
    ],
)
def test_a_device_that_is_no_sensor_of_ours(said: bytes, words: str) -> None:
    with talker(lambda _: said) as port:
        told = refused(f"serial:{port}")
    assert told.startswith("NotASensorError")
    assert words in told


def test_noise_from_a_network_address_is_no_matter_of_speed() -> None:
    assert "wrong speed" not in describe(b"\x9e\x00", [], "socket://10.0.0.7:3333")


@pytest.mark.usefixtures("hasty")
def test_a_sensor_of_another_age() -> None:
    newer = bytearray(HELLO.to_payload())
    newer[0] = 2
    with talker(lambda _: seal(b"\x01" + bytes(newer))) as port:
        assert "expected version 1 of the wire format, got 2" in refused(f"serial:{port}")


def test_a_sensor_may_be_called_something_else() -> None:
    with talker(lambda _: encode(HELLO)) as port, open_source(f"serial:{port}?id=right-calf") as source:
        assert source.open().sensor_id == "right-calf"
