"""The run loop with real parts: recordings on disk, an outbox, a broker that is there, away, or comes late."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from crampwatch.broker import PrivateBroker
from detector import mqtt_link, publisher
from detector.broker_address import BrokerAddress
from detector.monitor import Monitor, Wishes
from detector.outbox import Outbox
from detector.topics import Topics
from firmware_bridge.board_faults import Unplug
from firmware_bridge.clock import Clock
from firmware_bridge.recordings import open_recording
from firmware_bridge.samples import Gap, LinkState, Mark, SampleBlock, SensorInfo, StreamItem
from firmware_bridge.simulated_board import SimulatedBoard
from firmware_bridge.sources import open_source
from tests.detector.mqtt_world import Ear, until
from tests.detector.played import RATE, Played, seconds
from tests.detector.signals import Scene, sensor

# Nothing listens on the discard port.
NOBODY = BrokerAddress("127.0.0.1", 9, "nobody", "nothing")
SCENE = Scene(40.0, amplitude_uv=[(10.0, 25.0, 60.0)])
TOPICS = Topics("test")


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for a broker that is not there."""
    monkeypatch.setattr(mqtt_link, "_RECONNECT_S", (0.05, 0.05))


def watch(
    folder: Path,
    items: Iterable[StreamItem | None],
    *,
    info: SensorInfo = SCENE.info,
    broker: BrokerAddress = NOBODY,
    clock: Clock | None = None,
) -> list[str]:
    """Watch a source to its end; return what was said."""
    clock, said = clock or Clock(), list[str]()
    source = Played(info, items, clock)
    wishes = Wishes(
        folder / "nights", folder / "outbox", say=lambda line: said.append(line.split("  ", 1)[1])
    )
    Monitor(lambda: source, broker, wishes, clock).run(threading.Event())
    assert source.closed
    return said


def recordings(folder: Path) -> list[Path]:
    return sorted((folder / "nights").rglob("*.edf"))


def test_a_night_is_recorded_and_a_cramp_said(tmp_path: Path) -> None:
    said = watch(tmp_path, seconds(SCENE.block()))
    assert len(said) == 1
    assert said[0].startswith("cramp: left")
    [file] = recordings(tmp_path)
    assert open_recording(file).duration_s == 40.0


def test_events_wait_while_the_broker_is_away_and_go_out_when_it_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt_link, "_RECONNECT_S", (0.1, 0.1))
    watch(tmp_path, seconds(SCENE.block()))
    with Outbox(tmp_path / "outbox" / "test.sqlite") as outbox:
        waiting = outbox.pending(0, 100)
    assert waiting
    with PrivateBroker(tmp_path / "broker", prefer="embedded") as broker, Ear(broker.address) as ear:
        stop = threading.Event()
        idle = Played(SCENE.info, [None] * 10_000, clock := Clock())
        wishes = Wishes(tmp_path / "nights", tmp_path / "outbox")
        thread = threading.Thread(
            target=Monitor(lambda: idle, broker.address, wishes, clock).run, args=(stop,)
        )
        thread.start()
        try:
            assert until(lambda: {row.seq for row in waiting} <= heard(ear))
        finally:
            stop.set()
            thread.join()


def heard(ear: Ear) -> set[int]:
    """Return the numbers of what the night log keeps."""
    return {message["seq"] for message in (*ear.messages(TOPICS.event), *ear.messages(TOPICS.alarm))}


def test_an_unreachable_broker_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publisher, "LINK_DOWN_AFTER_S", 0.2)
    said = watch(tmp_path, [*seconds(SCENE.block(), 0, 2), *[None] * 400], clock=Clock(rate=100.0))
    assert [line for line in said if line.startswith("LINK_DOWN: Messages do not go out")]


def test_silence_is_said_and_its_end(tmp_path: Path) -> None:
    block = SCENE.block()
    down, up = (
        LinkState(up=False, reason="the link to the sensor broke: unplugged"),
        LinkState(up=True, reason=""),
    )
    items = [*seconds(block, 0, 5), down, *[None] * 120, up, Gap(5 * RATE, 5 * RATE, "link down")]
    at_their_pace = [item for second in seconds(block, 10, 30) for item in (second, *[None] * 10)]
    said = watch(tmp_path, [*items, *at_their_pace], clock=Clock(rate=20.0))
    told = [line for line in said if line.startswith("NO_DATA")]
    assert told == ["NO_DATA: the link to the sensor broke: unplugged", "NO_DATA: over"]
    assert len(recordings(tmp_path)) == 1


def test_at_noon_a_new_recording_begins_and_nothing_is_lost_between(tmp_path: Path) -> None:
    quiet = Scene(20.0).block()
    anchor = Mark(0, "clock", "2026-03-01T11:59:50.000+00:00 device_us=0")
    watch(tmp_path, [anchor, *seconds(quiet)])
    before, after = (
        open_recording(tmp_path / "nights" / f"{date}_test" / "signal.edf")
        for date in ("2026-02-28", "2026-03-01")
    )
    assert before.duration_s + after.duration_s == 20.0
    assert before.duration_s == pytest.approx(10.0, abs=1.0)
    read = [
        item.emg_counts for one in (before, after) for item in one.items() if isinstance(item, SampleBlock)
    ]
    assert (np.concatenate(read) == quiet.emg_counts).all()


def test_a_changed_sensor_gets_a_recording_of_its_own(tmp_path: Path) -> None:
    other = sensor(500.0, 50.0)
    slower = Scene(10.0, info=other).block()
    watch(tmp_path, [*seconds(SCENE.block(), 0, 10), other, slower])
    first, second = (open_recording(file) for file in recordings(tmp_path))
    assert sorted([first.info.emg_rate_hz, second.info.emg_rate_hz]) == [500.0, 1000.0]
    assert first.duration_s == second.duration_s == 10.0


def test_the_same_sensor_again_goes_on_in_the_same_recording(tmp_path: Path) -> None:
    block = SCENE.block()
    watch(tmp_path, [*seconds(block, 0, 10), replace(SCENE.info, firmware="2"), *seconds(block, 10)])
    [file] = recordings(tmp_path)
    assert open_recording(file).duration_s == 40.0


def test_a_folder_that_takes_no_recording_is_said_and_the_cramp_too(tmp_path: Path) -> None:
    (tmp_path / "nights").write_text("no folder")
    items = [*seconds(SCENE.block()), *[None] * 650]
    said = watch(tmp_path, items, clock=Clock(rate=200.0))
    assert {"cramp", "STORAGE"} <= {line.split(":")[0] for line in said}


def test_an_unplugged_board_is_said_and_comes_back_in_the_same_recording(tmp_path: Path) -> None:
    said: list[str] = []
    clock = Clock(rate=10.0)
    faults = [Unplug(5.0, 12.0)]
    with SimulatedBoard(
        [SCENE.block()], SCENE.info, 1.0, faults, clock=clock, link=tmp_path / "sensor"
    ) as board:
        source = open_source(f"serial:{tmp_path / 'sensor'}", clock=clock)
        Monitor(
            lambda: source, NOBODY, Wishes(tmp_path / "nights", tmp_path / "outbox", say=said.append), clock
        ).run(threading.Event())
        assert board.failure is None
    assert any("NO_DATA: the link to the sensor broke" in line for line in said)
    assert any("NO_DATA: over" in line for line in said)
    [file] = recordings(tmp_path)
    recording = open_recording(file)
    assert any(isinstance(item, Gap) and item.missing >= 5 * RATE for item in recording.items())


def test_it_stops_when_it_is_told_to(tmp_path: Path) -> None:
    stop = threading.Event()
    source = Played(SCENE.info, [*seconds(SCENE.block(), 0, 5), *[None] * 10_000], Clock())
    wishes = Wishes(tmp_path / "nights", tmp_path / "outbox")
    on_ready: Callable[[], None] = stop.set
    Monitor(lambda: source, NOBODY, wishes, Clock()).run(stop, on_ready=on_ready)
    assert source.closed
    assert not source.finished
