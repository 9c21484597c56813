"""The pages: requests as the server's own parser understands them, and sockets, on this machine and from elsewhere."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote, unquote

import h11

from dashboard.access import COOKIE
from tests.dashboard.addresses import HERE, PORT, addresses, sending, sockets
from tests.dashboard.recorded import NIGHT, START, record_night
from tests.fuzz.http_house import EXPOSED_PORT, NAME, House
from tests.fuzz.spoiling import json_spoilt, spoilt
from tests.fuzz.target import Entry, Target

LONGEST = 16_384
# What parts a request of a socket from its messages.
BETWEEN = b"\r\n--message--\r\n"
# A handler that is not done by then waits for something that does not come; seconds.
_LONGEST_S = 120.0
# So many requests one house answers before it is built anew.
_LIFE = 400
_ERROR = 400
# What is sent to an address that ends so.
BODIES: Mapping[str, bytes] = {
    "/labels": b'{"event_id":"rec.1","verdict":"cramp","by":"me","note":"x"}',
    "/undo": b'{"id":"rec.1~me","by":"me"}',
    "/comparison": b'{"first":"detector","second":"table","table":"onset\\tduration\\ttrial_type\\n1\\t2\\ttonic\\n"}',
    "/truth": b"onset\tduration\ttrial_type\n1\t2\ttonic\n",
    "/recordings": b"0       X X X X",
    "/nights": b'{"name":"2026-11-21_left-calf"}',
    "/answers": b'{"id":"p","occurrence_id":"left-calf.1","answer":"ack","who":"Kim"}',
    "/acts": b'{"id":"p","sensor":"left-calf","name":"standby","minutes":60}',
    "/denials": b'{"occurrence_id":"left-calf.1"}',
    "/login": b'{"name":"sleeper","password":"correct horse"}',
    "/welcome": b'{"token":"abc"}',
    "/profile": b'{"medicines":["magnesium"],"stretch_trial":"2026-11-01"}',
    "/2026-11-21_left-calf": b'{"alcohol":"yes","note":"slept well"}',
}
MORE_BODIES = (
    b'{"start":"2026-11-22T01:00:05+00:00","end":"2026-11-22T01:00:09+00:00","verdict":"spasm","by":"me"}',
    b'{"id":"p","sensor":"left-calf","name":"mode","mode":"observe"}',
    b'{"id":"p","occurrence_id":"left-calf.1","answer":"snooze","minutes":10}',
)
TOKENS = (
    *(
        b"%00",
        b"%2e%2e",
        b"%ff",
        b"../",
        b"//",
        b"nan",
        b"1e308",
        b"-1",
        b"inf",
        b"HEAD",
        b"OPTIONS",
        b"2026-11-21",
    ),
    *(
        b"Transfer-Encoding: chunked\r\n",
        b"Content-Length: 5\r\n",
        b"Range: bytes=0-1,5-,-9\r\n",
        b"Cookie: a=b; c",
    ),
    *(
        b"Origin: null\r\n",
        b"Accept-Language: de;q=9,*\r\n",
        b"If-None-Match: *\r\n",
        b"If-Modified-Since: x\r\n",
    ),
    *(
        b"Upgrade: websocket\r\n",
        b"Host: [::1]:8460\r\n",
        b"?by=",
        b"?id=rec.1",
        b"?name=x.edf",
        b"?sensor=left-calf",
    ),
    *(b"?from=0001-01-01&to=9999-12-31", b"?date=9999-12-31", b"/api/nights/", NIGHT.encode()),
    *(b"?t0=", b"&t1=", b"&px=", b"&ch=emg"),
)


WORDS = (
    *(
        b"nan",
        b"inf",
        b"-1",
        b"0",
        b"1e308",
        b"1" * 400,
        b"%00",
        b"%ff",
        b"%ED%A0%80",
        b"..",
        b"0001-01-01",
        b"",
    ),
    *(
        b"2026-02-30",
        b"9999-12-31",
        NIGHT.encode(),
        b"rec.1",
        b"emg,envelope",
        b"x",
        b"acc",
        b"rms",
        b"9" * 20,
    ),
)
# In this part of all requests only the address is spoilt.
_ADDRESS_SHARE = 0.4


class RefusedRequestError(Exception):
    """The answer was an error that is documented: a status of 400 and more, or no request at all."""


def seeds() -> list[bytes]:
    """Return a request to every address, with every kind of body, and a visit to every socket."""
    with TemporaryDirectory() as folder:
        record_night(Path(folder) / "nights")
        house = House(Path(folder) / "house", Path(folder))
        app, elsewhere = house.here, house.elsewhere
        house.close()
    own = f"Host: 127.0.0.1:{PORT}\r\nOrigin: {HERE}\r\n"
    far = f"Host: {NAME}:{EXPOSED_PORT}\r\nOrigin: https://{NAME}:{EXPOSED_PORT}\r\nCookie: {COOKIE}=@token@\r\n"
    window = f"?t0={START.timestamp()}&t1={START.timestamp() + 30}&px=100&ch=emg"
    read = [f"{path}{window if 'wave' in path or 'selection' in path else ''}" for path in addresses(app)]
    asked = [("GET", path, b"") for path in read]
    posts = [
        (way, path.replace("diary/2026-11-21_left-calf", "diary/2026-11-21"))
        for way, path in sending(elsewhere)
    ]
    asked += [
        (way, path, body) for way, path in posts for ending, body in BODIES.items() if path.endswith(ending)
    ]
    asked += [("POST", path, body) for path in ("/api/acts", "/api/answers") for body in MORE_BODIES[1:]]
    asked.append(("POST", f"/api/nights/{NIGHT}/labels", MORE_BODIES[0]))
    asked += [("POST", f"/api/diary/2026-11-21{undo}", b'{"alcohol":"yes"}') for undo in ("", "/undo")]
    said = [_request(method, path, own, body) for method, path, body in asked]
    said += [_request(way, path, far, body) for way, path, body in asked if body]
    said += [_request("GET", path, far, b"") for path in addresses(elsewhere)[:12]]
    said += [
        _request("GET", f"{path}?sensor=left-calf", f"{own}Upgrade: websocket\r\n", b"") + BETWEEN + b"ping"
        for path in sockets(app)
    ]
    return said


def _request(method: str, path: str, headers: str, body: bytes) -> bytes:
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    return f"{method} {path} HTTP/1.1\r\n{headers}{length}\r\n".encode() + body


@contextmanager
def opened(folder: Path) -> Iterator[Entry]:
    """Give what takes an input."""
    recorded = folder / "recorded"
    record_night(recorded / "nights")
    numbers, houses, loop = count(), list[House](), asyncio.new_event_loop()

    def leave() -> None:
        for house in houses:
            house.close()
            shutil.rmtree(folder / "house")
        houses.clear()

    def ask(content: bytes) -> None:
        if next(numbers) % _LIFE == 0:
            leave()
            houses.append(House(folder / "house", recorded))
        loop.run_until_complete(_answered(houses[0], content))

    yield ask
    leave()
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


async def _answered(house: House, content: bytes) -> None:
    shown = content.replace(b"@token@", house.token) if b"@token@" in content else content
    request, *messages = shown.split(BETWEEN)
    scope, body = _understood(request)
    is_socket = any(name == b"upgrade" and value.lower() == b"websocket" for name, value in scope["headers"])
    waiting: deque[dict[str, Any]]
    if is_socket:
        scope |= {"type": "websocket", "scheme": "ws", "subprotocols": []}
        said = ({"type": "websocket.receive", "bytes": one} for one in messages)
        waiting = deque(
            [{"type": "websocket.connect"}, *said, {"type": "websocket.disconnect", "code": 1001}]
        )
    else:
        waiting = deque({"type": "http.request", "body": piece, "more_body": True} for piece in body)
        waiting.append({"type": "http.request", "body": b"", "more_body": False})
    gone = {"type": "websocket.disconnect" if is_socket else "http.disconnect", "code": 1001}
    sent = list[dict[str, Any]]()

    async def receive() -> dict[str, Any]:
        return waiting.popleft() if waiting else gone

    async def send(message: Any) -> None:
        sent.append(dict(message))

    await asyncio.wait_for(house.app(scope["headers"])(scope, receive, send), _LONGEST_S)
    statuses = [message["status"] for message in sent if message["type"] == "http.response.start"]
    assert is_socket or len(statuses) == 1, f"expected one answer, got {statuses}"
    if any(status >= _ERROR for status in statuses):
        raise RefusedRequestError(str(statuses))


def _understood(request: bytes) -> tuple[dict[str, Any], Sequence[bytes]]:
    """Return what the server's parser makes of the bytes: the ASGI scope and the pieces of the body.

    Raises:
        RefusedRequestError: the server answers 400 by itself, or waits for the rest.
    """
    connection = h11.Connection(h11.SERVER)
    try:
        connection.receive_data(request)
        events = list(_events(connection))
    except h11.RemoteProtocolError as error:
        raise RefusedRequestError(str(error)) from error
    if not events or not isinstance(asked := events[0], h11.Request):
        raise RefusedRequestError("incomplete")
    path, _, query = asked.target.partition(b"?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": asked.http_version.decode("ascii"),
        "server": ("127.0.0.1", PORT),
        "client": ("127.0.0.1", 50_000),
        "scheme": "http",
        "method": asked.method.decode("ascii"),
        "root_path": "",
        "path": unquote(path.decode("ascii")),
        "raw_path": path,
        "query_string": query,
        "headers": list(asked.headers),
        "state": {},
    }
    return scope, [bytes(one.data) for one in events if isinstance(one, h11.Data)]


def _events(connection: h11.Connection) -> Iterator[Any]:
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA or event is h11.PAUSED:
            return
        yield event
        if isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
            return


def _spoilt_address(address: bytes, chance: Random) -> bytes:
    """Put something else in the place of a part of an address, or of a value of its query."""
    parts = re.split(rb"([/?&=])", address)
    number = chance.randrange(len(parts))
    parts[number] = spoilt(parts[number], chance, TOKENS) if chance.random() < 0.5 else chance.choice(WORDS)
    # Whatever no line of a request can hold, a browser writes as this.
    return quote(b"".join(parts), safe="/?&=%+,:;~*.-_").encode()


def reshape(content: bytes, chance: Random) -> bytes:
    """Spoil a value of the body and mend its length; spoil the address alone, or line and headers."""
    head, mark, body = content.partition(b"\r\n\r\n")
    method, _, after = head.partition(b" ")
    address, _, rest = after.partition(b" ")
    if chance.random() < _ADDRESS_SHARE:
        return b"%s %s %s" % (method, _spoilt_address(address, chance), rest) + mark + body
    if not (mark and body) or chance.random() < 0.4:
        return spoilt(head, chance, TOKENS) + mark + body
    body = chance.choice((*BODIES.values(), *MORE_BODIES)) if chance.random() < 0.2 else body
    body = json_spoilt(body, chance)
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length:")]
    return b"\r\n".join([*lines, b"Content-Length: %d" % len(body)]) + mark + body


TARGET = Target(seeds, opened, (RefusedRequestError,), reshape, LONGEST)
