"""A recording pushed through a real broker: the night as it was, its lost link included, and nothing left behind."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crampwatch.access_list import ROLES
from crampwatch.broker import PrivateBroker
from crampwatch.plan import SessionPlan
from crampwatch.replay.files import replay_files
from crampwatch.replay.request import Broker, ReplayError
from crampwatch.replay.source import RecordedSource, scheduled
from crampwatch.session_lock import only_monitor, only_session
from crampwatch.settings import private_folder
from detector.event_files import read_events
from detector.mqtt_link import Publication
from detector.topics import Topics
from firmware_bridge.clock import Clock
from firmware_bridge.recorder import NightRecorder
from firmware_bridge.recordings import open_recording
from firmware_bridge.samples import Gap, LinkState, Mark, SampleBlock
from tests.crampwatch.nights_on_disk import START
from tests.crampwatch.replay.replaying import request
from tests.detector.mqtt_world import Ear
from tests.detector.signals import Scene, part, sensor

Said = pytest.CaptureFixture[str]
RATE = 500
INFO = replace(sensor(500.0, 50.0), sensor_id="left")
SCENE = Scene(52.0, amplitude_uv=[(5.0, 16.0, 60.0), (38.0, 50.0, 60.0)], info=INFO)
TOPICS = Topics("left")
# The link was lost from 20 to 32 s.
LOST = Gap(20 * RATE, 12 * RATE, "link down")


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mqtt") / "night.edf"
    block = SCENE.block()
    with NightRecorder(path, INFO, recording_id="left-1", start=START) as recorder:
        recorder.write(part(block, 0, LOST.first_index))
        recorder.write(LinkState(up=False, reason="the cable was pulled"))
        recorder.write(LinkState(up=True, reason="the sensor is back"))
        recorder.write(LOST)
        recorder.write(Mark(LOST.end_index, "button short"))
        recorder.write(part(block, LOST.end_index, block.samples))
    return path


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateBroker]:
    with PrivateBroker(tmp_path_factory.mktemp("broker"), prefer="embedded") as made:
        yield made


@pytest.fixture
def wish(broker: PrivateBroker, tmp_path: Path) -> Broker:
    settings = tmp_path / "settings.toml"
    settings.write_text(f'[broker]\nurl = "{broker.address.url()}"\n')
    return Broker(settings, tmp_path / "home")


def test_items_come_at_their_time_and_the_link_is_lost_and_found_where_it_was(night: Path) -> None:
    recording = open_recording(night)
    items = list(scheduled(recording, 0, recording.samples, 0.25))
    links = [(at, item.up, item.reason) for at, item in items if isinstance(item, LinkState)]
    assert links == [
        (LOST.first_index, False, "the cable was pulled"),
        (LOST.end_index, True, "the sensor is back"),
    ]
    assert [(at, item) for at, item in items if isinstance(item, Gap)] == [(LOST.end_index, LOST)]
    assert all(at == item.end_index for at, item in items if isinstance(item, SampleBlock))
    assert [item.kind for _, item in items if isinstance(item, Mark)] == ["button short"]


def test_a_source_keeps_the_recordings_own_time(night: Path) -> None:
    recording = open_recording(night)
    clock = Clock(rate=100.0)
    began = time.monotonic()
    with RecordedSource(recording, 10 * RATE, 36 * RATE, clock) as source:
        assert source.share == 0.0
        source.open()
        indices = []
        while not source.finished:
            for item in source.read(0.1):
                if isinstance(item, SampleBlock):
                    assert item.end_index <= 10 * RATE + (time.monotonic() - began) * 100.0 * RATE
                    indices.append(item.first_index)
        assert source.share == 1.0
        assert dict(source.counters) == {"samples": 14 * RATE, "gaps": 1, "restarts": 0}
    assert indices == sorted(indices)
    assert indices[0] == 10 * RATE


def test_whoever_listens_hears_the_events_of_the_file_and_nothing_stays(
    night: Path, broker: PrivateBroker, wish: Broker, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with Ear(broker.address) as ear:
        assert replay_files(request(night, events_dir=out, mqtt=wish, speed="30")) == 0
        told = {event["id"]: event for event in ear.messages(TOPICS.event)}
        states = [json.loads(payload) for payload in ear.payloads(TOPICS.state) if payload]
    expected = [(event.trial_type, event.alert) for event in read_events(out / "night_events.tsv")]
    assert len(expected) == 2
    assert [(event["kind"], event["alert"]) for event in told.values()] == expected
    assert all(event["phase"] == "ended" for event in told.values())
    assert all(state["synthetic"] for state in states)
    # Nothing was heard of the leg while the link was lost.
    assert {"good", "unknown"} <= {state["contact"] for state in states}
    with Ear(broker.address, "crampwatch/1/#") as later:
        time.sleep(0.3)
        assert [(topic, payload) for topic, payload, kept in later.heard if kept and payload] == []
    assert not list((tmp_path / "home").rglob("*.edf"))


def test_a_sensor_that_is_watched_here_is_refused(
    night: Path, wish: Broker, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crampwatch.session_lock._PATIENCE_S", 0.0)
    assert wish.folder is not None
    with only_monitor(wish.folder / "outbox", "left"):
        assert replay_files(request(night, mqtt=wish, speed="100")) == 1
    assert "sensor left: another monitor already watches" in capsys.readouterr().err


def test_a_sensor_that_is_watched_elsewhere_is_refused(
    night: Path, broker: PrivateBroker, wish: Broker, capsys: Said
) -> None:
    topic = TOPICS.of("availability")
    with Ear(broker.address) as ear:
        for payload in (b"online", b""):
            ear.client.publish(*Publication(topic, payload, qos=1, retained=True)).wait_for_publish(5)
            if payload:
                assert replay_files(request(night, mqtt=wish, speed="100")) == 1
    assert "a monitor watches the sensor left" in capsys.readouterr().err


@pytest.mark.broker
def test_the_broker_of_a_session_lets_it_in_with_the_logins_of_its_roles(
    night: Path, tmp_path: Path, capsys: Said
) -> None:
    """Mosquitto holds each role to its own topics, so that what a monitor may not hear is asked by who may."""
    folder = private_folder(tmp_path / "home")
    (tmp_path / "settings.toml").touch()
    asked = request(night, mqtt=Broker(tmp_path / "settings.toml", folder), speed="60")
    with PrivateBroker(folder / "broker", prefer="mosquitto") as broker, only_session(folder):
        logins: dict[str, str] = {role: broker.address_of(role).url() for role in ROLES}
        plan = SessionPlan((), str(folder), broker.address.url(), 8460, Clock().to_text(), logins=logins)
        private_folder(plan.running)
        plan.save(plan.running / "session.json")
        with Ear(broker.address) as ear:
            assert replay_files(asked) == 0
            assert {event["kind"] for event in ear.messages(TOPICS.event)} == {"tonic"}
            online = Publication(TOPICS.of("availability"), b"online", qos=1, retained=True)
            ear.client.publish(*online).wait_for_publish(5)
            assert replay_files(asked) == 1
    assert "a monitor watches the sensor left" in capsys.readouterr().err


def test_a_broker_that_is_not_there_is_told(
    night: Path, tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crampwatch.replay.mqtt.ANSWER_S", 0.2)
    settings = tmp_path / "settings.toml"
    settings.write_text('[broker]\nurl = "mqtt://nobody:nothing@127.0.0.1:9"\n')
    assert replay_files(request(night, mqtt=Broker(settings, tmp_path), speed="100")) == 1
    assert "--mqtt: " in capsys.readouterr().err


@pytest.mark.parametrize(
    "changes", [{"speed": "max"}, {"jobs": 2}, {"scheduler": "tcp://127.0.0.1:9"}, {"via": "pty"}]
)
def test_what_has_no_time_of_its_own_is_refused(night: Path, changes: dict[str, object]) -> None:
    with pytest.raises(ReplayError, match="--mqtt"):
        replay_files(request(night, mqtt=Broker(), **({"speed": "1"} | changes)))


def test_with_a_broker_the_usual_speed_is_life(night: Path) -> None:
    assert request(night, mqtt=Broker(), speed=None).pace() == 1.0
