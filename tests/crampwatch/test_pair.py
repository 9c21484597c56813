"""`crampwatch pair`: boards on real ptys are written into the settings, and from then on no others are believed."""

from __future__ import annotations

import stat
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from serial.tools import list_ports

from crampwatch.pair import PairRequest, pair
from crampwatch.sensors import chosen_sensors
from crampwatch.settings import SensorSettings, Settings, SettingsError, load_settings, parsed_settings
from crampwatch.settings_text import settings_text, with_sensors
from firmware_bridge.samples import SensorInfo
from firmware_bridge.simulated_board import SimulatedBoard
from firmware_bridge.source_contract import NotASensorError
from firmware_bridge.sources import open_source
from tests.firmware_bridge.live_reading import talker
from tests.firmware_bridge.wire_streams import block, sensor

LEFT = sensor(hardware_id="1" * 16)
RIGHT = sensor(sensor_id="right-calf", hardware_id="2" * 16)
PAIRED_LEFT = SensorSettings(source="serial:auto", id="left-calf", hardware="1" * 16)


class Bench:
    """Boards, and the settings file that they are written to."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.file = folder / "new" / "crampwatch.toml"
        self.boards: list[SimulatedBoard] = []
        monkeypatch.setattr(list_ports, "comports", self.comports)

    def comports(self) -> list[SimpleNamespace]:
        return [
            SimpleNamespace(device=board.port, description="Uno", vid=0x2341, pid=0x43, serial_number="1")
            for board in self.boards
        ]

    def plug_in(self, info: SensorInfo) -> SimulatedBoard:
        board = SimulatedBoard([block(info, 0, 60_000)], info)
        board.start()
        self.boards.append(board)
        return board

    def unplug(self) -> None:
        while self.boards:
            self.boards.pop().close()

    def pair(self, url: str | None = None, name: str | None = None, *, replaces: bool = False) -> None:
        assert pair(PairRequest(url, name, self.file, replaces, yes=True)) == 0

    @property
    def sensors(self) -> tuple[SensorSettings, ...]:
        return load_settings(self.file).sensors


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    made = Bench(tmp_path, monkeypatch)
    yield made
    made.unplug()


def test_a_paired_board_is_found_at_any_port_and_another_refused(bench: Bench) -> None:
    bench.plug_in(LEFT)
    bench.pair()
    assert bench.sensors == (PAIRED_LEFT,)
    assert stat.S_IMODE(bench.file.stat().st_mode) == 0o600
    [chosen] = chosen_sensors(load_settings(bench.file))
    bench.unplug()
    bench.plug_in(RIGHT)
    bench.plug_in(LEFT)
    with open_source(chosen.source) as source:
        assert source.open().hardware_id == LEFT.hardware_id
    [moved] = chosen_sensors(load_settings(bench.file), [f"serial:{bench.boards[0].port}"], ["left-calf"])
    with open_source(moved.source) as source, pytest.raises(NotASensorError) as caught:
        source.open()
    assert "expected the sensor of hardware 1111111111111111, got 2222222222222222" in str(caught.value)


def test_two_boards_are_paired_at_once_and_pairing_again_changes_nothing(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.plug_in(LEFT)
    bench.plug_in(RIGHT)
    bench.pair()
    before = bench.file.read_text()
    assert {(one.id, one.hardware) for one in bench.sensors} == {
        ("left-calf", "1" * 16),
        ("right-calf", "2" * 16),
    }
    bench.pair()
    assert bench.file.read_text() == before
    assert "paired already" in capsys.readouterr().err


def test_another_board_of_the_same_name_is_refused_or_takes_its_place(bench: Bench) -> None:
    bench.plug_in(LEFT)
    bench.pair()
    bench.unplug()
    bench.plug_in(sensor(hardware_id="3" * 16))
    with pytest.raises(
        SettingsError, match=r"already the sensor of hardware 1{16}, got 3{16}.*--name.*--replace"
    ):
        bench.pair()
    assert bench.sensors == (PAIRED_LEFT,)
    bench.pair(name="arm")
    assert [one.id for one in bench.sensors] == ["left-calf", "arm"]
    with pytest.raises(SettingsError, match="left-calf is the name of another sensor"):
        bench.pair(name="left-calf")
    bench.unplug()
    bench.plug_in(sensor(hardware_id="4" * 16))
    bench.pair(replaces=True)
    assert [one.hardware for one in bench.sensors] == ["4" * 16, "3" * 16]


def test_the_sensor_that_was_written_down_without_a_board_becomes_the_paired_one(bench: Bench) -> None:
    board = bench.plug_in(LEFT)
    bench.file.parent.mkdir()
    bench.file.write_text(
        f"# mine\n[sensor]\n# where it is\nsource = 'serial:{board.port}'\n\n# the pages\n[dashboard]\nport = 9001\n"
    )
    bench.pair(name="arm")
    assert [(one.id, one.source) for one in bench.sensors] == [("arm", "serial:auto")]
    assert load_settings(bench.file).dashboard.port == 9001
    assert bench.file.read_text().startswith("# mine\n\n# the pages\n[dashboard]\n")


def test_a_board_that_is_not_on_usb_is_paired_where_it_is(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = bench.plug_in(LEFT)
    monkeypatch.setattr(list_ports, "comports", list)
    bench.pair(f"serial:{board.port}?baud=57600")
    assert [one.source for one in bench.sensors] == [f"serial:{board.port}?baud=57600"]


def test_a_board_of_the_other_side_is_doubted(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.plug_in(sensor(hardware_id="1" * 16, sites=("right-calf",)))
    bench.pair()
    assert "it says that it is worn at right-calf: is it the right one?" in capsys.readouterr().err
    bench.pair(name="right-leg")
    assert "right one" not in capsys.readouterr().err


def test_who_does_not_agree_changes_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.plug_in(LEFT)
    request = PairRequest(settings=bench.file)
    assert pair(request, lambda _question: False) == 0
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(SettingsError, match="say so with --yes"):
        pair(request)
    assert not bench.file.exists()
    assert pair(request, lambda question: "no other board in its place" in question) == 0
    assert bench.sensors == (PAIRED_LEFT,)


def test_without_a_sensor_or_with_too_many_it_says_what_to_do(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firmware_bridge.speakers.SILENT_S", 0.4)
    with pytest.raises(SettingsError, match=r"got none \(no serial port is here\): plug it in"):
        bench.pair()
    with talker(lambda _: b"") as silent, pytest.raises(SettingsError, match="nothing comes from it"):
        bench.pair(f"serial:{silent}")
    bench.plug_in(LEFT)
    bench.plug_in(RIGHT)
    with pytest.raises(SettingsError, match=r"expected one sensor to call arm, got .*: name its address"):
        bench.pair(name="arm")
    with pytest.raises(SettingsError, match="expected a name of 1 to 32"):
        bench.pair(f"serial:{bench.boards[0].port}", name="Left calf")


def test_a_file_that_cannot_be_changed_is_left_as_it_was_and_says_what_to_write(bench: Bench) -> None:
    bench.plug_in(LEFT)
    bench.file.parent.mkdir()
    inline = "sensors = [{source = 'socket://a:1', id = 'arm'}]\n"
    bench.file.write_text(inline)
    with pytest.raises(SettingsError) as caught:
        bench.pair()
    assert bench.file.read_text() == inline
    assert 'hardware = "1111111111111111"' in str(caught.value)


IDS = st.from_regex(r"[a-z0-9-]{1,32}", fullmatch=True)
SENSORS = st.lists(IDS, min_size=1, max_size=4, unique=True).map(
    lambda names: tuple(
        SensorSettings(source=f"socket://h:{1 + at}", id=name) for at, name in enumerate(names)
    )
)


@given(SENSORS, SENSORS)
def test_whatever_the_sensors_the_rest_of_the_file_stays(
    before: tuple[SensorSettings, ...], after: tuple[SensorSettings, ...]
) -> None:
    text = settings_text(Settings(sensors=before)) + "\n# a word of mine\n"
    changed = with_sensors(text, after)
    assert parsed_settings(changed) == Settings(sensors=after)
    assert "# a word of mine" in changed
    assert with_sensors(changed, before).count("[[sensors]]") == len(before)
    assert changed.count("# A sensor; repeat the section") == len(after)
