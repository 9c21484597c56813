"""The example subscriber of the docs on a real broker: says alarms, and alarms by itself when nobody watches."""

from __future__ import annotations

import ast
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crampwatch.broker import PrivateBroker
from detector.alarm_messages import alarm_message
from detector.alarms.engine import AlarmEngine
from detector.alarms.values import AlarmChange, AlarmCode, Moment, Observation
from detector.broker_address import BrokerAddress
from detector.messages import encode, heartbeat_message
from detector.topics import Topics
from tests.detector.alerter.services import until
from tests.detector.mqtt_world import Ear

EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "examples" / "subscriber.py"
AT = Moment(0.0, datetime(2026, 3, 1, 23, tzinfo=UTC))
TOPICS = Topics("left-calf")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[PrivateBroker]:
    with PrivateBroker(tmp_path / "broker") as running:
        yield running


@contextmanager
def subscriber(address: BrokerAddress, silent_s: float) -> Iterator[list[str]]:
    """Run the example and collect what it says."""
    lines: list[str] = []
    login = (address.host, str(address.port), address.username, address.password)
    with subprocess.Popen(
        [sys.executable, str(EXAMPLE), *login, "left-calf", str(silent_s)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        reader = threading.Thread(target=lines.extend, args=(process.stdout,))
        reader.start()
        try:
            yield lines
        finally:
            process.kill()
            reader.join()


def test_it_is_twenty_lines() -> None:
    """Imports, comments and docstrings aside."""
    tree = ast.parse(EXAMPLE.read_text(encoding="utf-8"))
    statements = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    code = {
        node.lineno
        for node in statements
        if not isinstance(node, ast.Import | ast.ImportFrom)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    }
    assert len(code) <= 20


@pytest.mark.broker
def test_it_says_alarms_and_alarms_when_the_heartbeat_stops(broker: PrivateBroker) -> None:
    seen: dict[AlarmCode, Observation] = {"CRAMP": Observation("tight")}
    [*_, change] = AlarmEngine("left-calf", "guarded", AT).conditions(seen, AT)
    assert isinstance(change, AlarmChange)
    beat = encode(heartbeat_message("left-calf", boot_id="b", sequence=0, last_good_age_ms=0, at=AT.wall))
    with Ear(broker.address) as ear, subscriber(broker.address, 6.0) as lines:

        def alarms() -> bool:
            ear.client.publish(TOPICS.heartbeat, beat)
            ear.client.publish(
                f"{TOPICS.state.removesuffix('state')}alarm", encode(alarm_message(change, issued_at=AT.wall))
            )
            return any("Cramp, medium: active" in line for line in lines)

        assert until(alarms)
        assert not any("Nobody watches" in line for line in lines)
        assert until(lambda: any("Nobody watches left-calf" in line for line in lines))


@pytest.mark.broker
def test_it_alarms_where_there_was_never_a_heartbeat_and_where_there_is_no_broker(
    broker: PrivateBroker,
) -> None:
    with subscriber(broker.address, 0.5) as lines:
        assert until(lambda: any("Nobody watches left-calf" in line for line in lines))
    broker.stop()
    with subscriber(broker.address, 0.5) as lines:
        assert until(lambda: any("Nobody watches left-calf" in line for line in lines))
