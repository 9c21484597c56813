"""What stands in the way of watching is told where people look: an absent sensor, sleep, clocks, a mute buzzer."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crampwatch.broker import PrivateBroker
from detector import mqtt_link, source_door, watch
from detector.broker_address import BrokerAddress
from detector.buzzer import ALARM
from detector.model_at_hand import model_at_hand
from detector.monitor import Monitor, Wishes
from detector.topics import Topics
from firmware_bridge import clock as host_clock
from firmware_bridge.board_faults import Reboot
from firmware_bridge.clock import Clock
from firmware_bridge.frames import Cue, Frame, Keepalive
from firmware_bridge.recordings import open_recording
from firmware_bridge.samples import Gap, Mark, SampleBlock, SensorInfo, StreamItem
from firmware_bridge.simulated_board import SimulatedBoard
from firmware_bridge.source_contract import PortError, Source
from firmware_bridge.sources import open_source
from tests.detector.mqtt_world import Ear, until
from tests.detector.night_watch import night
from tests.detector.played import RATE, Played, seconds
from tests.detector.signals import Scene, part
from tests.detector.test_monitor import NOBODY

SCENE = Scene(30.0, amplitude_uv=[(5.0, 20.0, 60.0)])
TOPICS = Topics("test")
CUE = ALARM.cue


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for a broker that is not there."""
    monkeypatch.setattr(mqtt_link, "_RECONNECT_S", (0.05, 0.05))


class Telling(Played):
    """A source that counts what it is told to, notes what it is sent, and does as it is bidden before an item."""

    def __init__(self, items: Iterable[StreamItem | None], clock: Clock, outbox: Path | None = None) -> None:
        super().__init__(SCENE.info, items, clock)
        self.told: dict[str, int] = {}
        # Each cue, with the index of the last sample given out, and how many cramps were on disk by then.
        self.cues: list[tuple[Frame, int, int]] = []
        self._outbox = outbox
        self._end_index = 0

    @property
    def counters(self) -> Mapping[str, int]:
        return self.told

    def read(self, timeout_s: float) -> list[StreamItem]:
        items = super().read(timeout_s)
        for item in items:
            if isinstance(item, SampleBlock | Gap):
                self._end_index = item.end_index
        return items

    def send(self, frame: Frame) -> None:
        if isinstance(frame, Cue):
            self.cues.append((frame, self._end_index, stored(self._outbox) if self._outbox else 0))


def stored(outbox: Path) -> int:
    with closing(sqlite3.connect(f"file:{outbox}?mode=ro", uri=True)) as connection:
        cramps = "SELECT count(*) FROM message WHERE json_extract(payload, '$.alert') = 'cramp'"
        (rows,) = connection.execute(cramps).fetchone()
    return int(rows)


@contextmanager
def monitor(
    source: Source, folder: Path, clock: Clock, broker: BrokerAddress = NOBODY, **wishes: Any
) -> Iterator[list[str]]:
    """Run a monitor in a thread; what it says is in the list."""
    said: list[str] = []
    wanted = Wishes(folder / "nights", folder / "outbox", say=said.append, **wishes)
    stop = threading.Event()
    thread = threading.Thread(target=Monitor(lambda: source, broker, wanted, clock).run, args=(stop,))
    thread.start()
    try:
        yield said
    finally:
        stop.set()
        thread.join(20.0)


def blocks_of(block: SampleBlock, samples: int) -> Iterator[SampleBlock]:
    for begin in range(0, block.samples, samples):
        yield part(block, begin, begin + samples)


def test_the_cue_leaves_within_the_read_that_decides_and_after_the_event_is_on_disk(tmp_path: Path) -> None:
    """Reads bring 100 ms of signal here: so much lies at most between decision and cue on the night's axis."""
    outbox = tmp_path / "outbox" / "test.sqlite"
    source = Telling(blocks_of(SCENE.block(), RATE // 10), Clock(), outbox)
    wishes = Wishes(tmp_path / "nights", tmp_path / "outbox", mode="guarded")
    Monitor(lambda: source, NOBODY, wishes, Clock()).run(threading.Event())
    [(cue, end_index, cramps)] = source.cues
    assert cue == CUE
    assert cramps == 1
    with closing(sqlite3.connect(outbox)) as connection:
        (first,) = connection.execute(
            "SELECT json_extract(payload, '$.decided_index') FROM message "
            "WHERE json_extract(payload, '$.alert') = 'cramp' ORDER BY seq LIMIT 1"
        ).fetchone()
    assert 0 <= end_index - first < RATE // 10


@pytest.mark.parametrize("mode", ["observe", "guarded"])
def test_a_cue_that_no_board_reports_is_noted_in_the_recording_by_the_host(mode: str, tmp_path: Path) -> None:
    source = Telling([*seconds(SCENE.block(), 0, 16), *[None] * 3, *seconds(SCENE.block(), 16)], Clock())
    wishes = Wishes(tmp_path / "nights", tmp_path / "outbox", mode=mode)  # type: ignore[arg-type]
    Monitor(lambda: source, NOBODY, wishes, Clock()).run(threading.Event())
    [file] = (tmp_path / "nights").rglob("*.edf")
    noted = [item for item in open_recording(file).items() if isinstance(item, Mark) and item.kind == "cue"]
    assert [mark.index for mark in noted] == [end_index for _, end_index, _ in source.cues]
    assert len(noted) == (0 if mode == "observe" else 1)


def test_a_sensor_that_does_not_answer_its_cues_is_said(tmp_path: Path) -> None:
    clock = Clock(rate=10.0)
    source = Telling([*seconds(SCENE.block(), 0, 16), *[None] * 1000], clock)
    with monitor(source, tmp_path, clock, mode="guarded") as said:
        assert until(lambda: source.cues)
        source.told["commands_unanswered"] = 1
        assert until(lambda: any("LINK_DOWN: The sensor has not answered" in line for line in said))


def test_an_absent_sensor_of_known_name_is_told_over_mqtt_until_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_door, "KNOCK_AGAIN_S", 0.05)
    there = threading.Event()
    clock = Clock(rate=10.0)

    class Absent(Played):
        def open(self) -> SensorInfo:
            if not there.is_set():
                raise PortError("serial:/dev/ttyUSB0: no such port; plug the sensor in")
            return super().open()

    source = Absent(SCENE.info, [*seconds(Scene(40.0).block()), *[None] * 10_000], clock)
    with (
        PrivateBroker(tmp_path / "broker", prefer="embedded") as broker,
        Ear(broker.address) as ear,
        monitor(source, tmp_path, clock, broker=broker.address, sensor_id="test"),
    ):
        assert until(lambda: "medium" in priorities(ear, "NO_DATA"))
        absent = ear.messages(TOPICS.state)[-1]
        assert ear.payloads(TOPICS.availability) == [b"online"]
        assert ear.messages(TOPICS.heartbeat)
        there.set()
        assert until(lambda: ear.messages(TOPICS.state)[-1]["system"] == "armed")
    [condition] = absent["conditions"]
    assert "plug the sensor in" in condition["text"]
    assert (absent["system"], absent["sites"], absent["contact"]) == ("self_test", [], "unknown")
    assert priorities(ear, "NO_DATA")[:2] == ["low", "medium"]


def priorities(ear: Ear, code: str) -> list[str]:
    """Return the priorities with which a condition was told, each as often as it changed."""
    told = [
        condition["priority"]
        for message in ear.messages(TOPICS.state)
        for condition in message["conditions"]
        if condition["code"] == code
    ]
    return [one for place, one in enumerate(told) if place == 0 or told[place - 1] != one]


def test_a_damaged_model_is_said_and_plain_rules_watch_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "card.json").write_text("nonsense")
    monkeypatch.setattr(watch, "model_at_hand", lambda: model_at_hand(tmp_path))
    with night(tmp_path, "guarded", seconds(SCENE.block())) as running:
        assert until(lambda: CUE in running.source.cues)
        [model] = {one["occurrence"]["text"] for one in running.alarms("MODEL")}
    assert "plain rules (rules-1) judge instead" in model
    assert running.stages("MODEL")[:2] == ["pending", "active"]


class SetClock(Clock):
    """A clock whose wall time somebody sets."""

    step = timedelta(0)

    def wall(self) -> datetime:
        return super().wall() + SetClock.step


def test_a_computer_that_slept_is_said_within_a_turn_and_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    awake, slept = host_clock.boot_s, [0.0]
    monkeypatch.setattr(host_clock, "boot_s", lambda: awake() + slept[0])
    clock = SetClock()
    source = Telling([*seconds(SCENE.block(), 0, 3), *[None] * 1000], clock)
    with monitor(source, tmp_path, clock) as said:
        assert until(lambda: (tmp_path / "nights").exists() and len(source._items) < 999)
        # The wall clock goes on in sleep as well.
        monkeypatch.setattr(SetClock, "step", timedelta(seconds=600))
        slept[0] = 600.0
        assert until(lambda: any("HOST_SLEPT: The computer slept for 600 s" in line for line in said))
    [file] = (tmp_path / "nights").rglob("*.edf")
    notes = [mark.text for mark in open_recording(file).annotations if mark.kind == "note"]
    assert notes == ["the computer slept for 600 s"]


def test_a_wall_clock_that_is_set_is_said_and_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SetClock()
    source = Telling([*seconds(SCENE.block(), 0, 3), *[None] * 1000], clock)
    with monitor(source, tmp_path, clock) as said:
        assert until(lambda: (tmp_path / "nights").exists() and len(source._items) < 999)
        monkeypatch.setattr(SetClock, "step", timedelta(hours=-1))
        assert until(
            lambda: any("CLOCK_FAULT: The computer's clock was set back by 3600 s" in s for s in said)
        )
    [file] = (tmp_path / "nights").rglob("*.edf")
    notes = [mark.text for mark in open_recording(file).annotations if mark.kind == "note"]
    assert notes == ["clock set back by 3600.000 s"]


def test_samples_of_the_future_are_a_fault_and_never_fresh(tmp_path: Path) -> None:
    """The bridge refuses and counts them; what is left is a sensor from which nothing usable comes."""
    clock = Clock(rate=10.0)
    source = Telling([*seconds(SCENE.block(), 0, 4), *[None] * 10_000], clock)
    with (
        PrivateBroker(tmp_path / "broker", prefer="embedded") as broker,
        Ear(broker.address) as ear,
        monitor(source, tmp_path, clock, broker=broker.address),
    ):
        assert until(lambda: ear.messages(TOPICS.heartbeat))
        source.told["impossible"] = 300
        assert until(lambda: priorities(ear, "CLOCK_FAULT"))
        assert until(lambda: priorities(ear, "NO_DATA"))
        assert until(lambda: (ear.messages(TOPICS.heartbeat)[-1]["last_good_age_ms"] or 0) > 5000)
    ages = [beat["last_good_age_ms"] for beat in ear.messages(TOPICS.heartbeat)]
    known = [age for age in ages if age is not None]
    assert known == sorted(known)
    assert min(known) >= 0


def test_a_board_that_the_opening_of_its_port_resets_is_read_and_the_restart_noted(tmp_path: Path) -> None:
    clock = Clock(rate=10.0)
    with SimulatedBoard([Scene(8.0).block()], SCENE.info, faults=[Reboot(0.05, 1.5)], clock=clock) as board:
        source = open_source(f"serial:{board.port}", clock=clock)
        wishes = Wishes(tmp_path / "nights", tmp_path / "outbox")
        Monitor(lambda: source, NOBODY, wishes, clock).run(threading.Event())
        assert board.failure is None
    [file] = (tmp_path / "nights").rglob("*.edf")
    recording = open_recording(file)
    assert [mark.text for mark in recording.annotations if mark.kind == "note"] == [
        "the sensor has started anew"
    ]
    [gap] = [item for item in recording.items() if isinstance(item, Gap)]
    assert gap.reason == "sensor restarted"
    samples = sum(item.samples for item in recording.items() if isinstance(item, SampleBlock))
    assert samples == 6.5 * RATE


def test_a_board_refuses_what_it_does_not_know_and_goes_on(tmp_path: Path) -> None:
    clock = Clock(rate=10.0)
    with SimulatedBoard([Scene(10.0).block()], SCENE.info, clock=clock) as board:
        source = open_source(f"serial:{board.port}", clock=clock)
        source.open()
        strange: list[Frame] = [Cue(99, 0, 100), Keepalive()]
        for frame in strange:
            source.send(frame)
        read: list[StreamItem] = []
        assert until(lambda: source.finished, turn=lambda: read.extend(source.read(0.1)))
        source.close()
    assert source.counters["commands_refused"] == 1
    assert board.cues == ()
    assert sum(item.samples for item in read if isinstance(item, SampleBlock)) == 10 * RATE
