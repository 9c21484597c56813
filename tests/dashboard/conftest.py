"""What the tests of the pages find: the application on a recorded night; a browser, a broker, a monitor."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from crampwatch.broker import PrivateBroker
from dashboard.answers import Answers
from dashboard.app import all_doors, build
from dashboard.database import Database
from dashboard.live import Live
from dashboard.night_log import NightLog
from dashboard.nights import Nights
from detector.broker_address import BrokerAddress
from detector.mqtt_link import Publication
from firmware_bridge.clock import Clock
from tests.dashboard.addresses import HERE, PORT
from tests.dashboard.browsing import Monitor, served
from tests.dashboard.postgresql_server import PASSWORD, Server, running
from tests.dashboard.recorded import START, record_night


@pytest.fixture
def log(tmp_path: Path) -> NightLog:
    return NightLog(tmp_path / "log.sqlite")


@pytest.fixture(scope="session")
def postgresql(postgresql_programs: str) -> Iterator[Server]:
    """A server; mark the test `postgres`."""
    with running(postgresql_programs) as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Database]]:
    """Opens one database, on each kind: the first time it is empty, then what was there."""
    kept: list[Database] = []
    server: Server | None = request.getfixturevalue("postgresql") if request.param != "sqlite" else None
    if server is not None:
        server.empty()

    def open_it() -> Database:
        place = tmp_path / "log.sqlite" if server is None else server.address
        kept.append(Database(place, PASSWORD))
        return kept[-1]

    yield open_it
    for database in kept:
        database.close()


@pytest.fixture
def database(opened: Callable[[], Database]) -> Database:
    """An empty database, of each kind."""
    return opened()


@pytest.fixture
def live() -> Live:
    # Now is in the night that was recorded.
    return Live(Clock(1.000001, origin_wall=START))


class Told:
    """A broker that keeps what it is told, or takes nothing."""

    def __init__(self) -> None:
        self.publications: list[Publication] = []
        self.is_there = True

    def __call__(self, publication: Publication) -> bool:
        if self.is_there:
            self.publications.append(publication)
        return self.is_there


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def app(tmp_path: Path, log: NightLog, live: Live, told: Told) -> Starlette:
    record_night(tmp_path / "nights")
    nights = Nights(tmp_path / "nights", tmp_path / "overviews", log)
    return build(all_doors(live, log, nights, Answers(live, told)), lambda: PORT)


@pytest.fixture
def client(app: Starlette) -> Iterator[TestClient]:
    with TestClient(app, base_url=HERE) as client:
        yield client


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrokerAddress]:
    with PrivateBroker(tmp_path_factory.mktemp("broker")) as broker:
        yield broker.address


@pytest.fixture(scope="module")
def monitor(broker: BrokerAddress) -> Iterator[Monitor]:
    monitor = Monitor(broker)
    yield monitor
    monitor.close()


@pytest.fixture
def address(
    tmp_path_factory: pytest.TempPathFactory, broker: BrokerAddress, monitor: Monitor
) -> Iterator[str]:
    """The pages of a household without nights; whatever was asked of the monitor before is forgotten."""
    with served(tmp_path_factory.mktemp("served"), broker) as address:
        monitor.heard()
        yield address
