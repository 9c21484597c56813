"""A household, its broker, and two caregivers with real servers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crampwatch.broker import PrivateBroker
from detector.broker_address import BrokerAddress
from firmware_bridge.clock import Clock
from tests.detector.alerter.services import PushServer, serving
from tests.detector.alerter.world import RATE, Home


@pytest.fixture
def clock() -> Clock:
    return Clock(RATE)


@pytest.fixture
def anna() -> Iterator[PushServer]:
    with serving(PushServer()) as server:
        yield server


@pytest.fixture
def bo() -> Iterator[PushServer]:
    with serving(PushServer()) as server:
        yield server


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrokerAddress]:
    with PrivateBroker(tmp_path_factory.mktemp("broker"), prefer="embedded") as running:
        yield running.address


@pytest.fixture
def home(tmp_path: Path, broker: BrokerAddress) -> Home:
    return Home(tmp_path, broker)
