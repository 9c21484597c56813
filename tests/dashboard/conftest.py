"""The application on a recorded night, as the tests of its pages find it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard.app import Pages, build
from dashboard.live import Live
from dashboard.night_log import NightLog
from dashboard.nights import Nights
from firmware_bridge.clock import Clock
from tests.dashboard.addresses import HERE, PORT
from tests.dashboard.recorded import START, record_night


@pytest.fixture
def log(tmp_path: Path) -> NightLog:
    return NightLog(tmp_path / "log.sqlite")


@pytest.fixture
def live() -> Live:
    # Now is in the night that was recorded.
    return Live(Clock(1.000001, origin_wall=START))


@pytest.fixture
def app(tmp_path: Path, log: NightLog, live: Live) -> Starlette:
    record_night(tmp_path / "nights")
    return build(Pages(live, log, Nights(tmp_path / "nights", tmp_path / "overviews", log)), lambda: PORT)


@pytest.fixture
def client(app: Starlette) -> Iterator[TestClient]:
    with TestClient(app, base_url=HERE) as client:
        yield client
