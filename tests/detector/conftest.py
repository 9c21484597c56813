"""A monitor's voice over a broker, for the tests that give a ``broker``."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crampwatch.broker import PrivateBroker
from detector import mqtt_link
from detector.outbox import Outbox
from detector.publisher import Publisher
from firmware_bridge.clock import Clock
from tests.detector.mqtt_world import TOPICS, until


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connect again at once: the tests' patience is with the code, not with its waiting."""
    monkeypatch.setattr(mqtt_link, "_RECONNECT_S", (0.1, 0.1))


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox(tmp_path / "outbox.sqlite") as made:
        yield made


@pytest.fixture
def voice(broker: PrivateBroker, outbox: Outbox) -> Iterator[Publisher]:
    with Publisher(broker.address, TOPICS, outbox, Clock(), boot_id="b00t") as made:
        assert until(lambda: made.connected)
        yield made
