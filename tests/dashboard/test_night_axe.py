"""Nothing for axe to complain of: the list, a night with an event open and a comparison, and the lab."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from dashboard.labels import Label, Labels, label_id
from dashboard.night_log import NightLog
from detector.broker_address import BrokerAddress
from tests.dashboard.browsing import axe_violations, served, visiting
from tests.dashboard.events import alarm, event
from tests.dashboard.recorded import CRAMP, NIGHT, record_night

pytestmark = pytest.mark.browser

VIEWS = [(1440, "dark"), (390, "light")]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("served")
    record_night(folder / "nights")
    log = NightLog(folder / "log.sqlite")
    log.add([event(1, "rec.1", onset_index=CRAMP[0] * 1000, duration_s=20.0)], [alarm()])
    labels = Labels(log.database)
    at = "2026-11-22T08:00:00.000Z"
    labels.put(Label(label_id("rec.1", "Ann"), NIGHT, "Ann", "cramp", at, "rec.1"))
    labels.put(Label(label_id("rec.1", "Ben"), NIGHT, "Ben", "nothing", at, "rec.1"))
    log.close()
    with served(folder, BrokerAddress("127.0.0.1", 1)) as address:
        yield address


@pytest.mark.parametrize(
    ("path", "width", "scheme"),
    [
        ("/nights", 1440, "light"),
        ("/nights", 390, "dark"),
        ("/lab", 390, "dark"),
        ("/lab/recordings", 1440, "light"),
    ],
)
def test_pages_of_nights_and_the_lab(
    browser: Browser, address: str, path: str, width: int, scheme: str
) -> None:
    with visiting(browser, viewport={"width": width, "height": 844}, color_scheme=scheme) as visit:
        visit.page.goto(address + path)
        visit.page.wait_for_load_state("networkidle")
        assert axe_violations(visit.page) == []


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_a_night_with_everything_open(browser: Browser, address: str, width: int, scheme: str) -> None:
    with visiting(browser, viewport={"width": width, "height": 844}, color_scheme=scheme) as visit:
        page = visit.page
        page.goto(f"{address}/nights/{NIGHT}")
        visit.settle()
        page.keyboard.press("n")
        expect(page.locator("#alarmed")).to_be_visible()
        page.click("#alarmed summary")
        page.click("#measured summary")
        page.click("#compare")
        expect(page.locator("#compared")).to_be_visible()
        visit.settle()
        assert axe_violations(page) == []


def test_a_recording_in_the_lab(browser: Browser, address: str) -> None:
    with visiting(browser, viewport={"width": 390, "height": 844}, color_scheme="light") as visit:
        visit.page.goto(f"{address}/lab/recordings")
        visit.page.click("#open-night button")
        visit.page.wait_for_url("**/lab/recordings/*")
        visit.settle()
        assert axe_violations(visit.page) == []
