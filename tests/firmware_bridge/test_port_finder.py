"""`serial:auto` on real pseudo-terminals: the paired board is found wherever it is, and strangers are left in peace."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path

import pytest
import serial

from firmware_bridge.board_faults import Unplug
from firmware_bridge.board_source import BoardSource
from firmware_bridge.clock import Clock
from firmware_bridge.encoder import Encoder
from firmware_bridge.frames import HelloRequest, encode
from firmware_bridge.port_finder import PortFinder
from firmware_bridge.port_reader import Port
from firmware_bridge.ports import open_serial
from firmware_bridge.samples import Gap, SampleBlock, SensorInfo
from firmware_bridge.simulated_board import SimulatedBoard
from firmware_bridge.source_contract import PortError, SourceUrl, SourceUrlError
from firmware_bridge.sources import open_source
from firmware_bridge.usb_ports import UsbPort
from tests.firmware_bridge.live_reading import PATIENCE_S, open_files, read_all, read_until, talker
from tests.firmware_bridge.wire_streams import block, flat, sensor

LEFT = sensor(hardware_id="1" * 16)
RIGHT = sensor(sensor_id="right-calf", hardware_id="2" * 16)
# An Uno, and a USB device of a maker that makes no boards.
BOARD, OTHER = (0x2341, 0x0043), (0x046D, 0xC31C)


class Ports:
    """What is plugged in, under which name."""

    def __init__(self, devices: Mapping[str, tuple[int, int]] = {}) -> None:
        self.devices = dict(devices)

    def __call__(self) -> list[UsbPort]:
        return [UsbPort(device, "", *identity) for device, identity in self.devices.items()]


@contextmanager
def boards(*infos: SensorInfo) -> Iterator[list[SimulatedBoard]]:
    with ExitStack() as stack:
        yield [stack.enter_context(SimulatedBoard([block(info, 0, 2000)], info)) for info in infos]


def found_by(query: str, ports: Ports) -> BoardSource:
    url = SourceUrl.parse(f"serial:auto{query}")
    return BoardSource(url, PortFinder(url, ports), Clock())


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"?hardware={LEFT.hardware_id}", LEFT),
        (f"?hardware={RIGHT.hardware_id}", RIGHT),
        ("?id=right-calf", RIGHT),
        (f"?id=mine&hardware={LEFT.hardware_id}", LEFT),
    ],
)
def test_the_paired_board_is_taken_whichever_port_comes_first(query: str, expected: SensorInfo) -> None:
    before = open_files()
    with boards(RIGHT, LEFT) as (right, left):
        for order in ((left, right), (right, left)):
            ports = Ports({board.port: BOARD for board in order})
            with found_by(query, ports) as source:
                assert source.open().hardware_id == expected.hardware_id
    assert open_files() == before


def test_nothing_is_lost_by_listening_first() -> None:
    sent = block(LEFT, 0, 3000)
    with SimulatedBoard([sent], LEFT) as board, found_by("", Ports({board.port: BOARD})) as source:
        source.open()
        assert flat(read_all(source)).same(flat([sent]))


def test_a_board_plugged_in_again_under_another_name_is_found_again(tmp_path: Path) -> None:
    stream = [block(LEFT, 0, 3000)]
    first, second = str(tmp_path / "ttyUSB0"), str(tmp_path / "ttyUSB1")
    ports = Ports({first: BOARD})
    outage = Unplug(start_s=1.0, for_s=1.0, reboot=False)
    with SimulatedBoard(stream, LEFT, faults=[outage], link=tmp_path / "board") as board:
        Path(first).symlink_to(tmp_path / "board")
        with found_by(f"?hardware={LEFT.hardware_id}", ports) as source:
            source.open()
            items = read_until(source, lambda items: any(isinstance(item, SampleBlock) for item in items))
            ports.devices = {}
            items += read_until(source, lambda _: not board._line.plugged)
            Path(first).unlink()
            Path(second).symlink_to(tmp_path / "board")
            ports.devices = {second: BOARD}
            items += read_all(source)
    [gap] = [item for item in items if isinstance(item, Gap)]
    assert gap.reason == "link down"
    assert sum(item.samples for item in items if isinstance(item, SampleBlock)) + gap.missing == 3000


def test_another_board_in_its_place_is_never_believed_and_opened_only_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[str] = []

    def noted(url: SourceUrl) -> Port:
        opened.append(url.target)
        return open_serial(url)

    monkeypatch.setattr("firmware_bridge.port_finder.open_serial", noted)
    with boards(RIGHT, LEFT) as (right, left):
        ports = Ports({right.port: BOARD})
        url = SourceUrl.parse(f"serial:auto?hardware={LEFT.hardware_id}")
        finder = PortFinder(url, ports)
        for _ in range(3):
            with pytest.raises(OSError, match=f"{right.port} is right-calf, hardware 2222222222222222"):
                finder(url)
        ports.devices[left.port] = BOARD
        finder(url).close()
        assert opened == [right.port, left.port]
        ports.devices = {}
        with pytest.raises(OSError, match="no USB serial port"):
            finder(url)
        # It may be another one that is plugged in now.
        ports.devices = {right.port: BOARD}
        with pytest.raises(OSError, match="is right-calf"):
            finder(url)
        assert opened[2:] == [right.port]


def test_only_what_looks_like_a_board_is_spoken_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firmware_bridge.speakers.SILENT_S", 0.5)
    monkeypatch.setattr("firmware_bridge.speakers.TALKING_S", 0.5)
    said: dict[str, bytes] = {"printer": b"", "board": b""}

    def note(name: str, data: bytes) -> bytes:
        said[name] += data
        return b""

    with (
        talker(lambda data: note("printer", data)) as printer,
        talker(lambda data: note("board", data)) as board,
    ):
        url = SourceUrl.parse("serial:auto")
        finder = PortFinder(url, Ports({printer: OTHER, board: BOARD}))
        with pytest.raises(OSError, match="does not look like a board, so it was not asked"):
            finder(url)
    assert said["printer"] == b""
    assert said["board"].startswith(encode(HelloRequest()))


def test_a_board_of_an_unknown_maker_that_already_talks_frames_is_asked_who_it_is() -> None:
    encoder = Encoder(LEFT, 0)
    numbers = count(step=100)

    def say(heard: bytes) -> bytes:
        samples = encoder.feed(block(LEFT, next(numbers), 100))
        return encoder.hello() if encode(HelloRequest()) in heard else b"".join(samples)

    with talker(say) as port:
        url = SourceUrl.parse("serial:auto?id=left-calf")
        PortFinder(url, Ports({port: OTHER}))(url).close()


def test_a_port_without_usb_identity_is_not_opened() -> None:
    with boards(LEFT) as [left]:
        url = SourceUrl.parse("serial:auto")
        finder = PortFinder(url, lambda: [UsbPort(left.port)])
        with pytest.raises(OSError, match="no USB serial port is here"):
            finder(url)


def test_a_busy_port_is_tried_again() -> None:
    with boards(LEFT) as [left]:
        url = SourceUrl.parse("serial:auto")
        finder = PortFinder(url, Ports({left.port: BOARD}))
        with (
            serial.Serial(left.port, exclusive=True),
            pytest.raises(OSError, match="is in use"),
        ):
            finder(url)
        finder(url).close()


def test_two_who_look_at_the_same_time_each_find_their_own() -> None:
    with boards(LEFT, RIGHT) as found:
        ports = Ports({board.port: BOARD for board in found})

        def looked_for(info: SensorInfo) -> Port:
            url = SourceUrl.parse(f"serial:auto?hardware={info.hardware_id}")
            finder = PortFinder(url, ports)
            ends_s = time.monotonic() + PATIENCE_S
            while time.monotonic() < ends_s:
                with suppress(ConnectionError):
                    return finder(url)
            raise AssertionError(f"{info.sensor_id} was not found")

        with ThreadPoolExecutor() as pool:
            for port in list(pool.map(looked_for, (LEFT, RIGHT))):
                port.close()


def test_through_the_one_door_it_says_what_is_there_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serial.tools.list_ports.comports", list)
    with (
        open_source(f"serial:auto?hardware={LEFT.hardware_id}") as source,
        pytest.raises(PortError) as caught,
    ):
        source.open()
    assert "the sensor of hardware 1111111111111111 is not found (no USB serial port is here)" in str(
        caught.value
    )


def test_it_cannot_find_boards_with_other_firmware() -> None:
    with pytest.raises(SourceUrlError, match="beside dialect="):
        open_source("serial:auto?dialect=text")
