"""A sensor that is absent is tried again until it is there, by a thread that nobody has to wait for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from detector import source_door
from detector.source_door import SourceDoor
from firmware_bridge.clock import Clock
from firmware_bridge.frames import Cue, Frame
from firmware_bridge.samples import LinkState, SensorInfo, StreamItem
from firmware_bridge.source_contract import NotASensorError, PortError, RecordingSourceError, SourceUrlError
from tests.detector.mqtt_world import until
from tests.detector.played import Played
from tests.detector.signals import Scene

SCENE = Scene(1.0)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_door, "KNOCK_AGAIN_S", 0.01)


class Shy(Played):
    """A source that opens only after some tries."""

    def __init__(self, failures: Iterator[Exception]) -> None:
        super().__init__(SCENE.info, [SCENE.block()], Clock())
        self._failures = failures
        self.sent: list[Frame] = []

    def open(self) -> SensorInfo:
        for failure in self._failures:
            raise failure
        return super().open()

    def send(self, frame: Frame) -> None:
        self.sent.append(frame)


def knocked(failures: list[Exception], sensor_id: str = "test") -> tuple[SourceDoor, list[Shy]]:
    left, made = iter(failures), list[Shy]()

    def make() -> Shy:
        made.append(Shy(left))
        return made[-1]

    door = SourceDoor(make, sensor_id, Clock())
    door.knock()
    return door, made


def read_until(door: SourceDoor, done: Callable[[list[StreamItem]], bool]) -> list[StreamItem]:
    items: list[StreamItem] = []
    assert until(lambda: done(items), turn=lambda: items.extend(door.read(0.01)))
    return items


def test_an_absent_sensor_is_told_and_then_read_as_if_it_had_always_been_there() -> None:
    door, made = knocked([PortError("absent"), NotASensorError("mute")])
    door.send(Cue(1, 1, 100))
    assert door.counters == {}
    items = read_until(door, lambda _: door.finished)
    assert items[:-2] == [LinkState(up=False, reason="absent"), LinkState(up=False, reason="mute")]
    assert items[-2] == SCENE.info
    door.send(Cue(1, 1, 200))
    assert made[-1].sent == [Cue(1, 1, 200)]
    door.close()
    assert made[-1].closed


@pytest.mark.parametrize("failure", [RecordingSourceError("no file"), ZeroDivisionError("a driver's own")])
def test_what_no_try_can_mend_is_raised_where_it_is_read(failure: Exception) -> None:
    door, _ = knocked([failure])
    with pytest.raises(type(failure)):
        read_until(door, lambda _: False)
    door.close()


def test_a_wrong_address_is_refused_at_once() -> None:
    def make() -> Played:
        raise SourceUrlError("no scheme")

    with pytest.raises(SourceUrlError):
        SourceDoor(make, "test", Clock()).knock()


def test_another_sensor_than_the_one_that_is_meant_stays_outside() -> None:
    door, made = knocked([], sensor_id="right-calf")
    [item, *_] = read_until(door, bool)
    assert isinstance(item, LinkState)
    assert "expected the sensor right-calf, got test" in item.reason
    assert until(lambda: made[1].closed)
    door.close()


def test_whoever_can_wait_opens_it_now_and_hears_why_not() -> None:
    door = SourceDoor(lambda: Shy(iter([PortError("absent")])), "", Clock())
    with pytest.raises(PortError):
        door.open()
    door = SourceDoor(lambda: Shy(iter([])), "", Clock())
    assert door.open() == SCENE.info
    assert not door.finished
    assert door.read(0.0) == [SCENE.info]
    door.close()


def test_closing_waits_for_a_try_under_way_and_leaves_nothing_open() -> None:
    opening, go_on = threading.Event(), threading.Event()

    class Slow(Shy):
        def open(self) -> SensorInfo:
            opening.set()
            go_on.wait(10.0)
            return super().open()

    made: list[Slow] = []

    def make() -> Slow:
        made.append(Slow(iter([])))
        return made[-1]

    door = SourceDoor(make, "test", Clock())
    door.knock()
    assert opening.wait(10.0)
    threading.Timer(0.1, go_on.set).start()
    door.close()
    assert made[-1].closed
    before = len(made)
    time.sleep(0.05)
    assert len(made) == before
