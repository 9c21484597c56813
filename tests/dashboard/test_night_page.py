"""A night in a real browser: every way to zoom, lanes over their curves, and keys for everything."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from dashboard.night_log import NightLog
from detector.broker_address import BrokerAddress
from tests.dashboard.browsing import SIDEWAYS, Visit, served, visiting
from tests.dashboard.events import event
from tests.dashboard.recorded import CRAMP, NIGHT, SECONDS, START, record_night

pytestmark = pytest.mark.browser

NOWHERE = BrokerAddress("127.0.0.1", 1)
EVIL = "<img src=x onerror=alert(1)>"
BEGAN = START.timestamp()
# Left and right edges of the lanes, of the strip, and of the curves under them.
EDGES = """() => ['.lane > div', '#envelope .u-over', '#emg .u-over', '#posture .u-over'].map((name) => {
  const box = document.querySelector(name).getBoundingClientRect();
  return [box.left, box.right];
})"""
# Where the cramp's mark stands, and where its strength begins and ends in the EMG's canvas.
EXTENT = """() => {
  const mark = document.querySelector('.lane[data-lane=cramp] i').getBoundingClientRect();
  const canvas = document.querySelector('#emg canvas'), box = canvas.getBoundingClientRect();
  const row = canvas.getContext('2d').getImageData(0, Math.round(canvas.height * 0.42), canvas.width, 1).data;
  const lit = [];
  const left = document.querySelector('#emg .u-over').getBoundingClientRect().left - box.left;
  const isSolid = (x) => row[4 * x] > 140 && row[4 * x + 2] > 120 && row[4 * x + 3] > 200;
  for (let x = Math.ceil(left); x < canvas.width; x += 1) if (isSolid(x)) lit.push(x);
  const scale = box.width / canvas.width;
  return [mark.left, mark.right, box.left + lit[0] * scale, box.left + (lit.at(-1) + 1) * scale];
}"""
# What a thumb would miss.
SMALL = """() => [...document.querySelectorAll('button, a, .filter, .brand')]
  .filter((thing) => thing.offsetParent && !thing.matches('.skip') && thing.getBoundingClientRect().height < 44)
  .map((thing) => thing.outerHTML)"""
# Text that runs out of its box.
CUT = """() => [...document.querySelectorAll('.lane > span, .toolbar button, h1, h2, td, .headline')]
  .filter((thing) => thing.offsetParent && thing.scrollWidth > thing.clientWidth + 1)
  .map((thing) => thing.textContent)"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("served")
    record_night(folder / "nights")
    record_night(folder / "nights", "2026-11-20_left-calf")
    (folder / "nights" / NIGHT / f"signal-{EVIL}.edf").write_text("not a recording")
    log = NightLog(folder / "log.sqlite")
    log.add(
        [
            event(1, "rec.1", onset_index=CRAMP[0] * 1000, duration_s=float(CRAMP[1] - CRAMP[0])),
            event(2, "rec.2", onset_index=45_000, duration_s=2.0, alert="clonic", kind="clonic", reason=EVIL),
            event(
                3, "rec.3", onset_index=5_000, duration_s=1.0, alert="none", kind="leg_movement", peak_uv=None
            ),
            event(4, "rec.4", onset_index=55_000, duration_s=3.0, alert="none", kind="artefact"),
        ]
    )
    log.close()
    with served(folder, NOWHERE) as address:
        yield f"{address}/nights/{NIGHT}"


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    with visiting(browser) as visit:
        visit.page.goto(address)
        visit.settle()
        yield visit


def middle(page: Page, selector: str, share: float = 0.5) -> tuple[float, float]:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["x"] + share * box["width"], box["y"] + box["height"] / 2


def test_the_night_begins_with_a_sentence_and_shows_all_of_it(visit: Visit) -> None:
    assert (
        visit.page.inner_text("#headline")
        == "1 cramp, 20 s in all; 1 rhythmic run; monitored 56 s of 1 min 00 s."
    )
    assert visit.page.inner_text("#date") == "Sat 21 to Sun 22 November 2026"
    assert visit.page.inner_text("h1 #sensor") == "left-calf"
    assert visit.page.title() == "Sat 21 to Sun 22 November 2026 · left-calf · crampwatch"
    assert visit.page.locator("#rows tr").count() == 2
    visit.page.check("#all")
    assert visit.page.locator("#rows tr").count() == 4


def test_names_and_reasons_are_text(visit: Visit) -> None:
    assert EVIL in visit.page.inner_text("#troubles")
    assert EVIL in visit.page.inner_text("#rows")
    assert visit.page.locator("main img").count() == 0


@pytest.mark.parametrize("width", [390, 1440])
def test_lanes_stand_over_their_curves_to_the_pixel(browser: Browser, address: str, width: int) -> None:
    with visiting(browser, viewport={"width": width, "height": 900}) as visit:
        visit.page.goto(address)
        visit.settle()
        if visit.page.locator("#fold").is_visible():
            # A phone shows the raw signals when they are asked for.
            assert not visit.page.locator("#emg").is_visible()
            visit.page.click("#fold")
        edges = visit.page.evaluate(EDGES)
        for left, right in edges[1:]:
            assert abs(left - edges[0][0]) <= 1
            assert abs(right - edges[0][1]) <= 1
        mark_left, mark_right, signal_left, signal_right = visit.page.evaluate(EXTENT)
        # The last stroke that is as high as that lies a little inside.
        assert -1 <= signal_left - mark_left <= 4
        assert -1 <= mark_right - signal_right <= 4


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_nothing_is_cut_off_and_nothing_scrolls_sideways(browser: Browser, address: str, scheme: str) -> None:
    with visiting(browser, color_scheme=scheme) as visit:
        for page in (address, address.removesuffix(f"/nights/{NIGHT}")):
            visit.page.goto(page)
            for width in (1440, 1100, 768, 390, 320):
                visit.page.set_viewport_size({"width": width, "height": 844})
                where = f"{page} at {width}"
                assert visit.page.evaluate(SIDEWAYS) <= 0, where
                assert visit.page.evaluate(CUT) == [], where
                assert visit.page.evaluate(SMALL) == [], where


def test_keys_zoom_and_move_and_the_address_carries_the_window(visit: Visit) -> None:
    visit.page.keyboard.press("n")
    visit.settle()
    start, end = visit.window()
    assert (start, end) == pytest.approx((BEGAN + 20 - 12, BEGAN + 40 + 12))
    visit.page.keyboard.press("+")
    assert visit.window() == pytest.approx((BEGAN + 19, BEGAN + 41))
    visit.page.keyboard.press("ArrowRight")
    assert visit.window()[0] == pytest.approx(BEGAN + 24.5)
    visit.page.keyboard.press("-")
    visit.settle()
    window = visit.window()
    visit.page.reload()
    visit.settle()
    assert visit.window() == window
    visit.page.keyboard.press("0")
    assert visit.window() == pytest.approx((BEGAN, BEGAN + SECONDS))


def test_zooming_goes_down_to_single_spikes_and_no_further(visit: Visit) -> None:
    visit.page.keyboard.press("n")
    for _ in range(20):
        visit.page.keyboard.press("+")
    visit.settle()
    start, end = visit.window()
    assert end - start == pytest.approx(0.05, abs=0.002)
    for _ in range(30):
        visit.page.keyboard.press("-")
    start, end = visit.window()
    assert (start, end) == pytest.approx((BEGAN, BEGAN + SECONDS))


def test_the_wheel_zooms_at_the_pointer(visit: Visit) -> None:
    x, y = middle(visit.page, "#emg .u-over", 0.25)
    visit.page.mouse.move(x, y)
    at = BEGAN + 0.25 * SECONDS
    for _ in range(5):
        visit.page.mouse.wheel(0, -100)
    visit.settle()
    start, end = visit.window()
    assert end - start < SECONDS / 2
    assert start + 0.25 * (end - start) == pytest.approx(at, abs=0.2)
    assert visit.page.evaluate("() => scrollY") == 0
    assert ":" in visit.page.inner_text("#readout")


def test_dragging_moves_the_signal_with_the_hand(visit: Visit) -> None:
    visit.page.keyboard.press("n")
    before = visit.window()
    x, y = middle(visit.page, "#envelope .u-over")
    width = visit.page.locator("#envelope .u-over").bounding_box()["width"]  # type: ignore[index]
    visit.page.mouse.move(x, y)
    visit.page.mouse.down()
    visit.page.mouse.move(x - width / 10, y, steps=5)
    visit.page.mouse.up()
    after = visit.window()
    assert after[0] - before[0] == pytest.approx((before[1] - before[0]) / 10, rel=0.02)


def test_the_strip_moves_the_window(visit: Visit) -> None:
    visit.page.keyboard.press("n")
    visit.page.keyboard.press("+")
    visit.page.mouse.click(*middle(visit.page, "#overview", 0.9))
    start, end = visit.window()
    assert start < BEGAN + 53 < end
    assert end - start == pytest.approx(22, abs=0.1)


def test_two_fingers_pinch(browser: Browser, address: str) -> None:
    with visiting(browser, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True) as visit:
        visit.page.goto(address)
        visit.settle()
        x, y = middle(visit.page, "#envelope .u-over")
        touch = visit.page.context.new_cdp_session(visit.page)
        for apart in (40, 60, 80, 100, 120):
            kind = "touchStart" if apart == 40 else "touchMove"
            points = [{"x": x - apart / 2, "y": y, "id": 1}, {"x": x + apart / 2, "y": y, "id": 2}]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        visit.settle()
        start, end = visit.window()
        assert end - start == pytest.approx(SECONDS / 3, rel=0.25)
        assert (start + end) / 2 == pytest.approx(BEGAN + SECONDS / 2, abs=3)


def test_an_event_is_shown_by_a_click_on_its_lane_or_its_row(visit: Visit) -> None:
    visit.page.click(".lane[data-lane=cramp] i")
    assert visit.window() == pytest.approx((BEGAN + 8, BEGAN + 52))
    assert visit.page.get_attribute("#rows tr[data-id='rec.1']", "aria-selected") == "true"
    visit.page.click("#rows tr[data-id='rec.2']")
    assert visit.window() == pytest.approx((BEGAN + 43, BEGAN + 49))


def test_the_table_is_travelled_by_keys_alone(visit: Visit) -> None:
    page = visit.page
    page.check("#all")
    page.focus("#all")
    page.keyboard.press("Tab")
    where = "() => document.activeElement.dataset.id"
    assert page.evaluate(where) == "rec.3"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(where) == "rec.2"
    page.keyboard.press("End")
    assert page.evaluate(where) == "rec.4"
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert visit.window() == pytest.approx((BEGAN + 8, BEGAN + 52))
    assert page.evaluate(where) == "rec.1"


def test_buttons_do_what_keys_do(visit: Visit) -> None:
    visit.page.click("#next")
    visit.page.click("#next")
    assert visit.window() == pytest.approx((BEGAN + 43, BEGAN + 49))
    visit.page.click("#previous")
    visit.page.click("#in")
    assert visit.window() == pytest.approx((BEGAN + 19, BEGAN + 41))
    visit.page.click("#out")
    visit.page.click("#whole")
    assert visit.window() == pytest.approx((BEGAN, BEGAN + SECONDS))


def test_lanes_say_in_words_what_they_show(visit: Visit) -> None:
    twin = visit.page.get_attribute(".lane[data-lane=cramp]", "aria-label")
    assert twin is not None
    assert "Cramp, 20 s" in twin
    assert visit.page.get_attribute(".lane[data-lane=tight]", "aria-label") == "Possible: none"


def test_neighbouring_nights_are_a_step_away(visit: Visit, tmp_path: Path) -> None:
    visit.page.click("a[rel=prev]")
    visit.page.wait_for_url("**/2026-11-20_left-calf")
    visit.settle()
    assert visit.page.inner_text("#date") == "Fri 20 to Sat 21 November 2026"


def test_what_is_shown_is_taken_along(visit: Visit) -> None:
    page = visit.page
    page.click("#rows tr[data-id='rec.1']")
    visit.settle()
    with page.expect_download() as picture:
        page.click("#export-png")
    assert picture.value.path().read_bytes().startswith(b"\x89PNG")
    assert picture.value.suggested_filename.endswith(".png")
    for kind, magic in (("edf", b"0       "), ("csv", b"time,emg")):
        with page.expect_download() as taken:
            page.click(f"#export-{kind}")
        assert taken.value.path().read_bytes().startswith(magic)


def test_how_the_leg_lay_is_a_lane_that_is_told_in_words(visit: Visit) -> None:
    twin = visit.page.get_attribute(".lane[data-lane=posture]", "aria-label")
    assert twin is not None
    assert "position 1" in twin
