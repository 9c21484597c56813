"""The pages over HTTP: headers on everything, nobody else's pages, and bad requests told."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from dashboard.app import Pages, build
from dashboard.live import Live
from dashboard.night_log import NightLog
from dashboard.nights import Nights
from tests.dashboard.events import event
from tests.dashboard.recorded import NIGHT, START, record_night

PORT = 8460
# The test client names a host of its own for sockets.
OURS = {"host": f"127.0.0.1:{PORT}"}
HERE = f"http://127.0.0.1:{PORT}"
PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}",
    "javascript:alert(1)",
    "' OR 1=1 --",
)


@pytest.fixture
def log(tmp_path: Path) -> NightLog:
    return NightLog(tmp_path / "log.sqlite")


@pytest.fixture
def app(tmp_path: Path, log: NightLog) -> Starlette:
    record_night(tmp_path / "nights")
    pages = Pages(Live(), log, Nights(tmp_path / "nights", log), lambda: {"connected": True})
    return build(pages, lambda: PORT)


@pytest.fixture
def client(app: Starlette) -> Iterator[TestClient]:
    with TestClient(app, base_url=HERE) as client:
        yield client


def addresses(app: Starlette) -> list[str]:
    """Return an address for every route, so that a new one is covered as well."""
    found = []
    for route in app.routes:
        if isinstance(route, Route):
            found.append(route.path.replace("{name}", NIGHT))
        elif isinstance(route, Mount):
            found.append(f"{route.path}/crampwatch.css")
        else:
            assert isinstance(route, WebSocketRoute)
    return found


def test_every_answer_carries_the_policy(app: Starlette, client: TestClient) -> None:
    assert len(addresses(app)) >= 6
    for address in [*addresses(app), "/nothing", "/nights/../../etc/passwd"]:
        answer = client.get(address, follow_redirects=False)
        assert "default-src 'none'" in answer.headers["content-security-policy"], address
        assert answer.headers["x-content-type-options"] == "nosniff", address
        assert answer.status_code < 500, address


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example:8460"},
        {"host": "127.0.0.1:1"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
    ],
)
def test_other_hosts_and_origins_are_refused(
    app: Starlette, client: TestClient, headers: dict[str, str]
) -> None:
    for address in addresses(app):
        assert client.get(address, headers=headers).status_code == 403, address
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/ws/live", headers=OURS | headers):
        pass


def test_a_night_tells_what_was_found(client: TestClient, log: NightLog) -> None:
    log.add([event(1, recording_id="rec", onset_at=START.isoformat(), duration_s=9.0)])
    night = client.get(f"/api/nights/{NIGHT}").json()
    assert night["headline"] == "1 cramp, 9 s in all; monitored 30 s of 30 s."
    assert [row["lane"] for row in night["events"]] == ["cramp"]
    assert night["start"] == START.timestamp()


def test_a_window_comes_as_traces(client: TestClient) -> None:
    answer = client.get(
        f"/api/nights/{NIGHT}/wave?ch=emg,envelope,movement&t0={START.timestamp()}&t1={START.timestamp() + 30}&px=800"
    )
    assert answer.status_code == 200
    assert answer.content.count(b"CW01") >= 3


def test_a_window_beside_the_night_is_empty(client: TestClient) -> None:
    assert client.get(f"/api/nights/{NIGHT}/wave?ch=emg&t0=0&t1=10&px=100").content == b""


@pytest.mark.parametrize(
    "query",
    [
        "",
        "t0=1&t1=0&px=1&ch=emg",
        "t0=a&t1=2&px=1&ch=emg",
        "t0=nan&t1=2&px=1&ch=emg",
        "t0=0&t1=inf&px=5&ch=emg",
        "t0=0&t1=9e9&px=5&ch=emg",
        "t0=0&t1=1&px=5&ch=eeg",
        "t0=0&t1=1&px=5",
    ],
)
def test_a_bad_window_is_told(client: TestClient, query: str) -> None:
    answer = client.get(f"/api/nights/{NIGHT}/wave?{query}")
    assert answer.status_code == 400
    assert "Expected" in answer.text


@pytest.mark.parametrize(
    "name", ["2020-01-01_left-calf", "nonsense", "..%2F..%2Fetc", "2026-11-21_left-calf%00"]
)
def test_a_night_that_is_not_there_is_not_found(client: TestClient, name: str) -> None:
    for address in (
        f"/nights/{name}",
        f"/api/nights/{name}",
        f"/api/nights/{name}/wave?ch=emg&t0=0&t1=1&px=1",
    ):
        assert client.get(address).status_code == 404, address


def test_a_damaged_recording_does_not_hide_the_night(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "nights" / NIGHT / "signal-2.edf").write_bytes(b"not a recording")
    assert client.get(f"/api/nights/{NIGHT}").json()["parts"]


def test_nights_lead_to_the_newest(client: TestClient) -> None:
    assert client.get("/nights", follow_redirects=False).headers["location"] == f"/nights/{NIGHT}"


def test_without_a_night_the_page_says_how_to_begin(tmp_path: Path, log: NightLog) -> None:
    pages = Pages(Live(), log, Nights(tmp_path / "none", log), dict)
    with TestClient(build(pages, lambda: PORT), base_url=HERE) as client:
        assert "crampwatch run" in client.get("/nights").text


def test_a_live_page_is_greeted_with_what_is_known(client: TestClient, log: NightLog) -> None:
    for n, payload in enumerate(PAYLOADS, 1):
        log.add([event(n, f"rec.{n}", reason=payload)])
    with client.websocket_connect("/ws/live", headers=OURS) as socket:
        said: dict[str, Any] = json.loads(socket.receive_text())
    assert said["type"] == "hello"
    assert {row["reason"] for row in said["events"]} == set(PAYLOADS)
    assert said["never"] == "No sensor has been heard yet."


def test_the_disclaimer_is_on_every_page(app: Starlette, client: TestClient) -> None:
    pages = [address for address in addresses(app) if not address.startswith(("/api", "/static"))]
    assert len(pages) == 3
    for address in pages:
        assert "A comfort aid, not a medical device." in client.get(address).text
