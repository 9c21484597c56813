"""`crampwatch ports`: who speaks where, on real pseudo-terminals."""

from __future__ import annotations

import errno
import io
import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
import serial
from serial.tools import list_ports

from crampwatch.ports import FoundPort, PortReport, _state, found_ports, listened, report_ports
from firmware_bridge.simulated_board import SimulatedBoard
from firmware_bridge.source_contract import SourceUrlError
from tests.firmware_bridge.foreign_board import foreign_board
from tests.firmware_bridge.live_reading import open_files, talker
from tests.firmware_bridge.wire_streams import block, sensor


@pytest.fixture(autouse=True)
def no_ports_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_ports, "comports", list)


def reported(*urls: str) -> list[PortReport]:
    out = io.StringIO()
    assert report_ports(urls, as_json=True, out=out) == 0
    return [PortReport(**entry) for entry in json.loads(out.getvalue())]


def test_everybody_is_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firmware_bridge.speakers.SILENT_S", 2.0)
    info = sensor()
    before = open_files()
    with (
        SimulatedBoard([block(info, 0, 1000)], info) as board,
        foreign_board("text", 250, tmp_path / "text") as text,
        talker(lambda _: b"") as silent,
        talker(lambda _: b"x") as held,
        serial.Serial(held, exclusive=True),
    ):
        ours, lines, quiet, busy, absent = reported(
            *(f"serial:{port}" for port in (board.port, text, silent, held, tmp_path / "none"))
        )
    assert (ours.state, ours.sensor_id, ours.firmware) == ("crampwatch", "left-calf", "test 1")
    assert (ours.source, ours.hardware_id) == (ours.url, info.hardware_id)
    assert (lines.state, lines.source) == ("text", f"serial:{text}?dialect=text")
    assert (quiet.state, quiet.source) == ("silent", None)
    assert (busy.state, absent.state) == ("busy", "absent")
    assert "another program has it open" in busy.says
    assert open_files() <= before


def test_a_chords_board_is_asked_to_speak_and_stopped_again(tmp_path: Path) -> None:
    with foreign_board("chords", 250, tmp_path / "chords") as port:
        [found] = reported(f"serial:{port}?baud=230400")
    assert (found.state, found.source) == ("chords", f"serial:{port}?baud=230400&dialect=chords")


def test_noise_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firmware_bridge.speakers.TALKING_S", 0.3)
    with talker(lambda _: b"\x9e\x01\xff") as port:
        found = listened(FoundPort(f"serial:{port}"))
    assert (found.state, found.source) == ("unknown", None)
    assert "wrong speed" in found.says


def device(name: object, vid: int | None = 0x2341, pid: int | None = 0x43) -> SimpleNamespace:
    """Return a port as pyserial lists it."""
    return SimpleNamespace(device=str(name), description="USB Serial", vid=vid, pid=pid, serial_number="8573")


def test_the_usb_identity_is_told_and_boards_come_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plain = SimpleNamespace(device="/dev/ttyS0", description="n/a", vid=None, pid=None, serial_number=None)
    listed = [plain, device("/dev/ttyUSB1", 0x046D, 0xC31C), device(f"{tmp_path}/ttyUSB0")]
    monkeypatch.setattr(list_ports, "comports", lambda: listed)
    usb, stranger, other = found_ports()
    assert usb == FoundPort(f"serial:{tmp_path}/ttyUSB0", "USB Serial", "2341:0043", "8573")
    assert (stranger.may_open, stranger.may_ask) == (True, False)
    assert other == FoundPort("serial:/dev/ttyS0", may_open=False, may_ask=False)
    assert listened(usb).usb == "2341:0043"


def test_what_does_not_look_like_a_board_is_only_listened_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firmware_bridge.speakers.TALKING_S", 1.0)
    heard: list[bytes] = []

    def keep(data: bytes) -> bytes:
        heard.append(data)
        return b""

    with talker(keep) as port:
        monkeypatch.setattr(list_ports, "comports", lambda: [device(port, 0x046D, 0xC31C)])
        [report] = reported()
    assert b"".join(heard) == b""
    assert report.state == "silent"
    assert f"it was not asked; if it is one: `crampwatch ports serial:{port}`" in report.says


def test_a_port_that_is_not_on_usb_is_opened_only_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    info = sensor()
    with SimulatedBoard([block(info, 0, 1000)], info) as board:
        monkeypatch.setattr(list_ports, "comports", lambda: [device(board.port, None, None)])
        untried, named = reported(f"serial:{board.port}")
    assert (untried.state, named.state) == ("untried", "crampwatch")


@pytest.mark.parametrize(
    ("number", "state"), [(errno.EACCES, "forbidden"), (errno.EBUSY, "busy"), (errno.EMFILE, "closed")]
)
def test_why_a_port_is_closed(number: int, state: str) -> None:
    assert _state(serial.SerialException(number, os.strerror(number))) == state


def test_without_a_port_it_says_what_to_do() -> None:
    out = io.StringIO()
    assert report_ports((), as_json=False, out=out) == 1
    assert "plug the sensor in" in out.getvalue()


def test_a_table_names_the_address_to_run_with(tmp_path: Path) -> None:
    out = io.StringIO()
    with foreign_board("labelled", 250, tmp_path / "b") as port:
        assert report_ports([f"serial:{port}"], as_json=False, out=out) == 0
    assert "dialect=text'" in "".join(out.getvalue().split())


def test_what_a_stranger_says_is_no_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firmware_bridge.speakers.TALKING_S", 0.3)
    out = io.StringIO()
    with talker(lambda _: b"[/bold]\xff[red]") as port:
        assert report_ports([f"serial:{port}"], as_json=False, out=out) == 0
    assert "[/bold]" in "".join(out.getvalue().split())


@pytest.mark.parametrize("url", ["replay:night.edf", "serial:", "socket://x", "/dev/ttyUSB0"])
def test_only_live_addresses_can_be_listened_to(url: str) -> None:
    with pytest.raises(SourceUrlError, match="expected"):
        report_ports([url], as_json=True)
