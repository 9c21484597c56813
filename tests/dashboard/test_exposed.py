"""Every door there is, reached from elsewhere: shut without a login, shut to the wrong role, open to the right one."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from dashboard import doorkeeper, passwords
from dashboard.access import COOKIE, Access
from dashboard.access_store import AccessStore
from dashboard.answers import Answers
from dashboard.app import all_doors
from dashboard.doors import Door, Role
from dashboard.exposed import build_exposed
from dashboard.invitations import Invitations
from dashboard.live import Live
from dashboard.login_pages import LoginPages
from dashboard.night_log import NightLog
from dashboard.nights import Nights
from dashboard.passwords import kept_form
from dashboard.texts import texts_in
from tests.dashboard.addresses import filled
from tests.dashboard.conftest import Told
from tests.dashboard.events import alarm, levels
from tests.dashboard.recorded import record_night

NAME, PORT = "crampwatch.local", 8461
THERE = f"https://{NAME}:{PORT}"
FROM = {"host": f"{NAME}:{PORT}", "origin": THERE}
PASSWORD = "correct horse"
ROLES: tuple[Role, ...] = ("sleeper", "caregiver", "researcher")


@dataclass
class House:
    """The exposed pages, and how to come in."""

    client: TestClient
    doors: list[Door]
    store: AccessStore
    invitations: Invitations

    def come_in(self, role: Role) -> None:
        answer = self.client.post("/api/login", json={"name": role, "password": PASSWORD}, headers=FROM)
        assert answer.status_code == 200, answer.text


@pytest.fixture
def house(
    tmp_path: Path, log: NightLog, live: Live, told: Told, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    monkeypatch.setattr(passwords, "_COST", 16)
    record_night(tmp_path / "nights")
    nights = Nights(tmp_path / "nights", tmp_path / "overviews", log)
    store = AccessStore(tmp_path / "accounts.sqlite")
    invitations = Invitations(tmp_path / "invitations.sqlite")
    for role in ROLES:
        store.add(role, role, kept_form(PASSWORD), now=datetime.now(UTC))
    access = Access(store, invitations, texts_in())
    doors = all_doors(live, log, nights, Answers(live, told))
    app = build_exposed(doors, access, texts_in(), [NAME], lambda: PORT)
    every = [*doors, *LoginPages(access, texts_in()).doors()]
    with TestClient(app, base_url=THERE) as client:
        yield House(client, every, store, invitations)


def ask(house: House, door: Door) -> int:
    """Return the status that a door answers with; of a socket, 101 where it opens and its code where it does not."""
    address = filled(door.path)
    if door.is_socket:
        try:
            with house.client.websocket_connect(f"{THERE.replace('https', 'wss')}{address}", headers=FROM):
                return 101
        except WebSocketDisconnect as refused:
            return int(refused.code)
    answer = house.client.request(door.methods[0], address, headers=FROM, follow_redirects=False)
    if answer.status_code == 303:
        assert answer.headers["location"].startswith("/login?next=/") or address == "/"
    return answer.status_code


def test_every_door_is_shut_to_whoever_is_not_logged_in(house: House) -> None:
    shut = [door for door in house.doors if door.roles]
    assert len(shut) >= 10
    for door in shut:
        is_page = not door.is_socket and "GET" in door.methods and not door.path.startswith("/api/")
        expected = 1008 if door.is_socket else 303 if is_page else 401
        assert ask(house, door) == expected, door.path


@pytest.mark.parametrize("role", ROLES)
def test_every_door_is_shut_to_the_wrong_role_and_open_to_the_right_one(house: House, role: Role) -> None:
    house.come_in(role)
    # Last, since it ends the session.
    for door in sorted(house.doors, key=lambda door: door.path == "/api/logout"):
        answered = ask(house, door)
        if not door.roles or role in door.roles:
            assert answered not in {303, 401, 403, 1008}, door.path
        else:
            assert answered == (1008 if door.is_socket else 303 if door.path == "/" else 403), door.path


def test_what_is_open_to_all_tells_nothing_of_anybody(house: House) -> None:
    opened = {door.path for door in house.doors if not door.roles}
    # Whoever adds to these has thought about it.
    known = {
        "/login",
        "/welcome",
        "/api/login",
        "/api/welcome",
        "/manifest.webmanifest",
        "/sw.js",
        "/offline",
    }
    assert opened <= known


def test_the_cookie_is_for_this_host_alone_and_for_no_script(house: House) -> None:
    answer = house.client.post("/api/login", json={"name": "sleeper", "password": PASSWORD}, headers=FROM)
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith(COOKIE.lower())
    assert {"httponly", "secure", "path=/", "samesite=strict"} <= {part.strip() for part in cookie.split(";")}
    assert "domain" not in cookie
    assert answer.json() == {"home": "/"}


def test_who_is_in_is_named_and_out_after_leaving(house: House) -> None:
    house.come_in("caregiver")
    assert house.client.get("/api/visitor").json() == {
        "name": "caregiver",
        "role": "caregiver",
        "home": "/care",
    }
    assert house.client.get("/", follow_redirects=False).headers["location"] == "/care"
    page = house.client.get("/care").text
    assert 'href="/nights"' not in page
    assert 'id="leave"' in page
    refused = house.client.get("/nights")
    assert refused.status_code == 403
    assert "the sleeper&#39;s own" in refused.text
    assert house.client.post("/api/logout", headers=FROM).status_code == 200
    assert house.client.get("/api/visitor").status_code == 401


def test_nobody_answers_in_the_name_of_somebody_else(house: House, live: Live, told: Told) -> None:
    live.tell_alarm(alarm())
    house.come_in("caregiver")
    asked = {"id": "press-1", "occurrence_id": "left-calf.1", "answer": "going", "who": "Mallory"}
    assert house.client.post("/api/answers", json=asked, headers=FROM).status_code == 202
    assert json.loads(told.publications[0].payload)["who"] == "caregiver"


def test_an_invitation_is_used_by_a_press_and_not_by_looking(house: House) -> None:
    token = house.invitations.make("Bob", now=datetime.now(UTC))
    for _ in range(3):
        assert house.client.get(f"/welcome?token={token}").status_code == 200
    answer = house.client.post("/api/welcome", json={"token": token}, headers=FROM)
    assert answer.json() == {"home": "/care"}
    assert house.client.get("/care").status_code == 200
    again = house.client.post("/api/welcome", json={"token": token}, headers=FROM)
    assert again.status_code == 401


def test_a_socket_ends_when_whoever_holds_it_is_taken_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doorkeeper, "RECHECK_S", 0.05)
    monkeypatch.setattr("dashboard.access.RECHECK_S", 0.0)
    house.come_in("sleeper")
    with house.client.websocket_connect(f"wss://{NAME}:{PORT}/ws/live", headers=FROM) as socket:
        assert socket.receive_json()["type"] == "hello"
        house.store.remove("sleeper")
        ended = next(said for said in iter(socket.receive, None) if said["type"] == "websocket.close")
        assert ended["code"] == 1008


@pytest.mark.parametrize(
    "said",
    [b"", b"[]", b"{}", b'{"name": 1, "password": "x"}', b'{"name": "x"}', b"\xff", b"[" * 2000, b"x" * 5000],
)
def test_what_is_no_login_is_refused(house: House, said: bytes) -> None:
    for address in ("/api/login", "/api/welcome"):
        assert house.client.post(address, content=said, headers=FROM).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"host": f"127.0.0.1:{PORT}"},
        {"host": f"evil.example:{PORT}"},
        {"origin": f"http://{NAME}:{PORT}"},
        {"origin": "https://evil.example"},
    ],
)
def test_other_names_and_origins_are_refused_even_with_a_session(
    house: House, headers: dict[str, str]
) -> None:
    house.come_in("sleeper")
    assert house.client.get("/", headers=FROM).status_code == 200
    assert house.client.get("/", headers=FROM | headers).status_code == 403
    assert house.client.post("/api/answers", json={}, headers=FROM | headers).status_code == 403


def test_the_policy_holds_there_as_well(house: House) -> None:
    answer = house.client.get("/login")
    assert f"connect-src 'self' wss://{NAME}:{PORT};" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(("role", "sees"), [("sleeper", True), ("caregiver", False)])
def test_a_caregiver_learns_how_things_stand_and_not_the_signal(
    house: House, live: Live, role: Role, *, sees: bool
) -> None:
    live.tell_levels(live.sensor("left-calf"), levels())
    house.come_in(role)
    with house.client.websocket_connect(f"wss://{NAME}:{PORT}/ws/live", headers=FROM) as socket:
        assert socket.receive_json()["type"] == "hello"
        second = socket.receive()
        assert ("bytes" in second and second["bytes"] is not None) == sees
