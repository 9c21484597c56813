"""Every route, and each new one: its headers, and who is refused."""

import json

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from dashboard.live import Live
from dashboard.report_style import STYLE_HASH
from tests.dashboard.addresses import ANSWERS, OURS, PORT, addresses, sending, sockets
from tests.dashboard.conftest import Told
from tests.dashboard.events import alarm


def test_every_answer_carries_the_policy(app: Starlette, client: TestClient) -> None:
    assert len(addresses(app)) >= 6
    for address in [*addresses(app), "/nothing", "/nights/../../etc/passwd", "/static/../app.py"]:
        answer = client.get(address, follow_redirects=False)
        policy = answer.headers["content-security-policy"]
        # One style inside a page: that of the report, which needs no other file.
        allowed = f"default-src 'none'; script-src 'self'; style-src 'self' '{STYLE_HASH}';"
        assert policy.startswith(allowed), address
        assert "require-trusted-types-for 'script'" in policy
        assert f"connect-src 'self' ws://127.0.0.1:{PORT};" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff", address
        assert answer.headers["referrer-policy"] == "no-referrer", address
        assert answer.status_code < 500, address


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_no_address_for_reading_can_be_changed(app: Starlette, client: TestClient, method: str) -> None:
    allowed = sending(app)
    for address in addresses(app):
        if (method, address) not in allowed:
            assert client.request(method, address, headers=OURS).status_code == 405, address


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example:8460"},
        {"host": "127.0.0.1:1"},
        {"host": "127.0.0.1"},
        {"host": f"127.0.0.1:{PORT}.evil.example"},
        {"host": ""},
        {"origin": "http://evil.example"},
        {"origin": f"https://127.0.0.1:{PORT}"},
        {"origin": f"http://127.0.0.1:{PORT}.evil.example"},
        {"origin": "null"},
    ],
)
def test_other_hosts_and_origins_are_refused(
    app: Starlette, client: TestClient, headers: dict[str, str]
) -> None:
    for address in addresses(app):
        answer = client.get(address, headers=headers)
        assert answer.status_code == 403, address
        assert "evil" not in answer.headers["content-security-policy"]
    for method, address in sending(app):
        assert client.request(method, address, headers=OURS | headers).status_code == 403, address
    for address in sockets(app):
        with pytest.raises(WebSocketDisconnect), client.websocket_connect(address, headers=OURS | headers):
            pass


def test_a_socket_without_an_origin_is_refused(app: Starlette, client: TestClient) -> None:
    assert "/ws/live" in sockets(app)
    for address in sockets(app):
        with (
            pytest.raises(WebSocketDisconnect),
            client.websocket_connect(address, headers={"host": OURS["host"]}),
        ):
            pass


def test_nothing_is_changed_without_an_origin(app: Starlette, client: TestClient) -> None:
    assert len(sending(app)) >= 2
    for method, address in sending(app):
        assert client.request(method, address, json={}).status_code == 403, address


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": "http://evil.example"},
        {"host": "evil.example:8460", "origin": "http://evil.example:8460"},
    ],
)
def test_nobody_else_answers_an_alarm(
    client: TestClient, live: Live, told: Told, headers: dict[str, str]
) -> None:
    live.tell_alarm(alarm())
    asked = {"id": "press-1", "occurrence_id": "left-calf.1", "answer": "ack"}
    assert client.post(ANSWERS, json=asked, headers=headers).status_code == 403
    assert told.publications == []
    assert client.post(ANSWERS, json=asked, headers=OURS).status_code == 202
    assert len(told.publications) == 1


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]"])
def test_this_machines_own_names_are_welcome(client: TestClient, name: str) -> None:
    headers = {"host": f"{name}:{PORT}", "origin": f"http://{name}:{PORT}"}
    assert client.get("/", headers=headers).status_code == 200
    with client.websocket_connect("/ws/live", headers=headers) as socket:
        assert json.loads(socket.receive_text())["type"] == "hello"


def test_the_disclaimer_is_on_every_page(app: Starlette, client: TestClient) -> None:
    answers = [client.get(address) for address in addresses(app)]
    pages = [answer for answer in answers if answer.headers.get("content-type", "").startswith("text/html")]
    assert len(pages) >= 5
    for answer in pages:
        assert "a comfort aid, not a medical device." in answer.text.lower(), answer.url


def test_nothing_but_files_meant_for_pages_is_served(client: TestClient) -> None:
    for name in ("", "..%2fapp.py", "%2e%2e/app.py", "night", "texts.py"):
        assert client.get(f"/static/{name}").status_code in {404, 405}, name
