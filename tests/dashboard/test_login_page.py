"""The doors in real Chromium, encrypted: in by a password, in by a link, out again; nothing for axe to complain of."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import pytest
from playwright.sync_api import Browser, sync_playwright

from crampwatch.certificates import make_certificate
from dashboard.access_store import AccessStore
from dashboard.elsewhere import Elsewhere, NotExposedError
from dashboard.invitations import Invitations
from dashboard.passwords import kept_form
from dashboard.server import serve
from dashboard.settings import DashboardSettings
from detector.broker_address import BrokerAddress
from tests.conftest import BROWSER_ARGUMENTS
from tests.dashboard.browsing import PATIENCE_S, SIDEWAYS, axe_violations, free_port, visiting

PASSWORD = "correct horse"
NOWHERE = BrokerAddress("127.0.0.1", 1)


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    """One that believes every certificate, service workers' included."""
    with sync_playwright() as playwright:
        arguments = [*BROWSER_ARGUMENTS, "--ignore-certificate-errors"]
        browser = playwright.chromium.launch(executable_path=chromium_path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Elsewhere:
    folder = tmp_path_factory.mktemp("house")
    made = make_certificate(folder / "tls", ["localhost", "127.0.0.1"])
    AccessStore(folder / "accounts.sqlite").add("Ann", "sleeper", kept_form(PASSWORD), now=datetime.now(UTC))
    return Elsewhere("127.0.0.1", free_port(), ("localhost",), made.certificate, made.key, folder)


@pytest.fixture(scope="module")
def address(elsewhere: Elsewhere) -> Iterator[str]:
    folder, stop, ready = elsewhere.folder, Event(), Event()
    own = DashboardSettings(
        folder / "log.sqlite", folder / "nights", NOWHERE, free_port(), elsewhere=elsewhere
    )
    thread = Thread(target=serve, args=(own, stop, ready.set))
    thread.start()
    try:
        assert ready.wait(PATIENCE_S)
        yield f"https://localhost:{elsewhere.port}"
    finally:
        stop.set()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


@pytest.mark.browser
def test_in_by_a_password_to_the_page_that_was_asked_for_and_out_again(
    browser: Browser, address: str
) -> None:
    with visiting(browser, ignore_https_errors=True) as visit:
        page = visit.page
        page.goto(f"{address}/nights")
        page.wait_for_url("**/login?next=/nights")
        # What is asked for to see whether somebody is in already is refused, as it should be.
        page.wait_for_load_state("networkidle")
        assert [one for one in visit.complaints if "401" not in one] == []
        visit.complaints.clear()
        assert axe_violations(page) == []
        page.get_by_label("Name").fill("Ann")
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/nights")
        page.get_by_role("button", name="Log out").click()
        page.wait_for_url("**/login")
        page.goto(f"{address}/nights")
        page.wait_for_url("**/login?next=/nights")
        page.wait_for_load_state("networkidle")
        visit.complaints.clear()


@pytest.mark.browser
def test_a_wrong_password_is_told_and_leads_nowhere(browser: Browser, address: str) -> None:
    with visiting(browser, ignore_https_errors=True, viewport={"width": 320, "height": 640}) as visit:
        page = visit.page
        page.goto(f"{address}/login")
        page.get_by_label("Name").fill("Ann")
        page.get_by_label("Password").fill("wrong horse")
        page.get_by_role("button", name="Log in").click()
        page.get_by_text("do not belong together").wait_for()
        assert page.evaluate(SIDEWAYS) <= 0
        assert axe_violations(page) == []
        assert [one for one in visit.complaints if "401" not in one] == []
        visit.complaints.clear()


@pytest.mark.browser
def test_in_by_a_link_once_and_only_to_the_page_of_care(
    browser: Browser, address: str, elsewhere: Elsewhere
) -> None:
    link = Invitations(elsewhere.folder / "invitations.sqlite").make("Bob", now=datetime.now(UTC))
    with visiting(browser, ignore_https_errors=True, viewport={"width": 390, "height": 844}) as visit:
        page = visit.page
        page.goto(f"{address}/welcome?token={link}")
        assert axe_violations(page) == []
        page.get_by_role("button", name="Open the page").click()
        page.wait_for_url("**/care")
        page.goto(f"{address}/")
        page.wait_for_url("**/care")
        assert page.goto(f"{address}/nights").status == 403  # type: ignore[union-attr]
        page.get_by_role("link", name="To your page").click()
        page.wait_for_url("**/care")
        assert [one for one in visit.complaints if "403" not in one] == []
        visit.complaints.clear()


def changed(elsewhere: Elsewhere, **values: object) -> Elsewhere:
    own = {name: getattr(elsewhere, name) for name in Elsewhere.__slots__}
    return Elsewhere(**{**own, **values})


def test_nothing_is_exposed_without_name_certificate_and_account(
    elsewhere: Elsewhere, tmp_path: Path
) -> None:
    elsewhere.check()
    (tmp_path / "nonsense").write_text("nonsense")
    for values, why in (
        ({"host": "0.0.0.0", "names": ()}, r"dashboard\.name: expected"),
        ({"certificate": Path(), "key": Path()}, "nights are not sent unencrypted"),
        ({"certificate": tmp_path / "absent"}, "expected a certificate and its key"),
        ({"key": tmp_path / "nonsense"}, "expected a certificate and its key"),
        ({"folder": tmp_path}, "accounts: expected at least one"),
    ):
        with pytest.raises(NotExposedError, match=why):
            changed(elsewhere, **values).check()


def test_pages_on_this_machine_stay_where_they_cannot_be_exposed(
    elsewhere: Elsewhere, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stop, ready = Event(), Event()
    own = DashboardSettings(
        tmp_path / "log.sqlite",
        tmp_path / "nights",
        NOWHERE,
        free_port(),
        elsewhere=changed(elsewhere, folder=tmp_path),
    )
    thread = Thread(target=serve, args=(own, stop, ready.set))
    thread.start()
    assert ready.wait(PATIENCE_S)
    stop.set()
    thread.join(PATIENCE_S)
    assert "accounts: expected at least one" in caplog.text
