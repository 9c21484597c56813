"""What comes over MQTT: commands as monitor, alerter and night log hear them, and messages as the night log does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from itertools import count
from pathlib import Path
from random import Random

from dashboard.ingest import Ingest
from dashboard.live import Live
from dashboard.night_log import NightLog
from detector.alarm_messages import receipt_message
from detector.alarms.engine import AlarmEngine
from detector.alarms.values import Moment, RefusedActError
from detector.broker_address import BrokerAddress
from detector.command_box import CommandBox
from detector.commands import Command, command_message
from detector.messages import encode
from detector.mqtt_link import Received
from detector.roles import COMMANDS
from detector.topics import PREFIX
from firmware_bridge.clock import Clock
from tests.dashboard.events import BEGAN, alarm, event, heartbeat, levels, receipt, state
from tests.fuzz.spoiling import json_spoilt, spoilt
from tests.fuzz.target import Entry, Target

LONGEST = 8192
SENSOR = "left-calf"
# Nobody listens: nothing is ever connected.
_NOBODY = BrokerAddress("127.0.0.1", 9)
# So many inputs one house hears before it is built anew: a house is bounded, a fuzzer is not.
_LIFE = 500


class House:
    """A monitor's box and alarm engine, the night log's thread, and the pages' live state."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._box = CommandBox()
        self._engine = AlarmEngine(SENSOR, "self-managed", Moment(1000.0, BEGAN))
        # A clock that stands still does not go, but this one began at the moment of the seeds.
        self._live = Live(Clock(1.000001, origin_wall=BEGAN))
        self._log = NightLog(folder / "log.sqlite")
        self._ingest = Ingest(_NOBODY, self._log, self._live)

    def hear(self, received: Received) -> None:
        """Take one message at every place that subscribes to its topic."""
        if "/command/" in received.topic:
            self._command(received)
        if received.topic.endswith("/label"):
            labels = self._ingest._labels
            labels.heard(received.topic, received.payload, retained=received.retained, now=BEGAN)
        else:
            self._ingest._receive(received)
            self._ingest._commit()
            self._live.standing()

    def _command(self, received: Received) -> None:
        self._box.heard(received.topic, received.payload, retained=received.retained, now=BEGAN)
        at = Moment(1000.0, BEGAN)
        for command in self._box.taken():
            why = ""
            with suppress(RefusedActError):
                if command.act is not None:
                    self._engine.act(command.act, at)
            self._engine.tick(at)
            self._box.answer(command, why, now=BEGAN)
        for told in self._box.receipts():
            encode(receipt_message(told))
        # What a restart would find.
        encode(self._engine.snapshot())

    def close(self) -> None:
        """Let go of the files."""
        self._ingest.close()
        self._log.close()


def seeds() -> list[bytes]:
    """Return every command of every role, and every kind of message."""
    own: Mapping[str, dict[str, object]] = {
        "mode": {"mode": "observe"},
        "label": {"event_id": "rec.1", "verdict": "cramp", "note": "left"},
        "standby": {"minutes": 90, "until": BEGAN + timedelta(hours=1)},
        "snooze": {"minutes": 10},
        "pause": {"minutes": 5.5},
        "arm": {"override": True},
    }
    said = []
    for role, allowed in COMMANDS.items():
        for name in sorted(allowed):
            more = {"occurrence_id": f"{SENSOR}.1", "place": "kitchen"} | own.get(name, {})
            command = Command(f"{role}-{name}", role, name, SENSOR, "Kim", BEGAN, **more)  # type: ignore[arg-type]
            said.append(_input(command.topic, encode(command_message(command))))
    messages = {
        "event": [event(1), event(2, revision=1)],
        "alarm": [alarm(), alarm(revision=2, stage="closed")],
        "receipt": [receipt()],
        "state": [state()],
        "heartbeat": [heartbeat()],
        "levels": [levels()],
    }
    said += [
        _input(f"{PREFIX}/{SENSOR}/{name}", encode(one)) for name, all_ in messages.items() for one in all_
    ]
    return [*said, _input(f"{PREFIX}/{SENSOR}/availability", b"online")]


def _input(topic: str, payload: bytes) -> bytes:
    """Write an input: retained or not, the topic, the payload."""
    return b"0" + topic.encode() + b"\n" + payload


@contextmanager
def opened(folder: Path) -> Iterator[Entry]:
    """Give what takes an input."""
    numbers, houses = count(), list[House]()

    def leave() -> None:
        for house in houses:
            house.close()
        houses.clear()

    def hear(content: bytes) -> None:
        number = next(numbers)
        if number % _LIFE == 0:
            leave()
            houses.append(House(folder / f"house-{number}"))
        topic, _, payload = content[1:].partition(b"\n")
        houses[0].hear(Received(topic.decode("utf-8", "replace"), payload, content[:1] == b"1"))

    yield hear
    leave()


def reshape(content: bytes, chance: Random) -> bytes:
    """Spoil a value of the message, or its topic."""
    head, mark, payload = content.partition(b"\n")
    if mark and chance.random() < 0.85:
        return head + mark + json_spoilt(payload, chance)
    return spoilt(head, chance, _TOPICS) + b"\n" + payload


_TOPICS: Sequence[bytes] = (
    b"crampwatch/1/",
    b"/command/",
    b"alerter",
    b"+",
    b"#",
    b"/",
    b"label",
    b"owner",
    b"a" * 33,
)

TARGET = Target(seeds, opened, (), reshape, LONGEST)
