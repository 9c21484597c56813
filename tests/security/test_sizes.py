"""What is sent is read no further than anything of ours is long, and none of it stays in memory (RELIABILITY S17)."""

from __future__ import annotations

import asyncio
import http.client
import json
import tracemalloc
from collections.abc import MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from detector.commands import LONGEST, RefusedCommandError, read_command
from detector.topics import command_topic
from tests.dashboard.addresses import OURS, sending, sockets
from tests.dashboard.test_server import free_port, served, settings

PIECE = b"[" * 65_536
# Event tables are the longest that is taken; what is uploaded goes to the disk, and is bounded there.
MOST_BYTES = 2_000_000
UPLOAD = "/api/lab/recordings"


def sent_without_end(app: Starlette, method: str, address: str) -> tuple[int, int]:
    """Return the status of a request whose body does not end, and how much of it was read."""
    read, status = 0, 0

    async def receive() -> dict[str, Any]:
        nonlocal read
        read += len(PIECE)
        assert read < 4 * MOST_BYTES, "it would read for ever"
        return {"type": "http.request", "body": PIECE, "more_body": True}

    async def send(message: MutableMapping[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": address,
        "raw_path": address.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in OURS.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8460),
    }
    asyncio.run(app(scope, receive, send))
    return status, read


def test_no_door_reads_what_does_not_end(app: Starlette) -> None:
    doors = [door for door in sending(app) if door[1] != UPLOAD]
    assert len(doors) >= 8
    tracemalloc.start()
    try:
        for method, address in doors:
            status, read = sent_without_end(app, method, address)
            assert 200 <= status < 500, address
            assert read <= MOST_BYTES + 2 * len(PIECE), address
        kept, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 16 * MOST_BYTES
    assert kept < MOST_BYTES


DEEP = (b'{"name": ' + b"[" * 2000, b"9" * 2000)


def test_no_door_falls_over_what_is_deep(app: Starlette, client: TestClient) -> None:
    for method, address in sending(app):
        for body in DEEP:
            answer = client.request(method, address, content=body, headers=OURS)
            assert answer.status_code < 500, (address, body[:10], answer.text)


def how_it_ends(page: ClientConnection) -> int:
    """Listen until the other end closes; return the code that it gives."""
    try:
        while True:
            page.recv(10)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 0


def test_a_socket_that_is_told_too_much_is_closed_and_a_heading_without_end_refused(
    tmp_path: Path, app: Starlette
) -> None:
    port = free_port()
    host = f"127.0.0.1:{port}"
    with served(settings(tmp_path, port)):
        with connect(f"ws://{host}{sockets(app)[0]}", origin=Origin(f"http://{host}"), max_size=None) as page:
            page.send("x" * 65_537)
            # "Message too big" (RFC 6455, section 7.4.1).
            assert how_it_ends(page) == 1009
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            connection.request("GET", "/", headers={"x-long": "x" * 1_000_000})
            assert connection.getresponse().status >= 400
        except ConnectionError:
            # Closed while it was still being written to.
            pass
        finally:
            connection.close()


@pytest.mark.parametrize("length", [LONGEST + 1, 65_536, 1_000_000])
def test_a_command_that_is_too_long_is_not_even_parsed(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json, "loads", pytest.fail)
    with pytest.raises(RefusedCommandError) as told:
        read_command(
            command_topic("left-calf", "caregiver", "ack"),
            b"[" * length,
            retained=False,
            now=datetime.now(UTC),
        )
    assert told.value.refusal == "oversized"
