"""Push services on this machine: real servers that take, refuse, delay, hang, and keep what they were sent."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

Server = TypeVar("Server", bound=socketserver.BaseServer)
# How long a hanging service hangs: longer than any test waits, s.
HANG_S = 30.0


class PushServer(ThreadingHTTPServer):
    """Takes JSON pushes, and ntfy's publish API, and answers as its `answers` say: the last goes on for ever."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.attempts: list[dict[str, Any]] = []
        self.answers: list[int | str] = [200]
        self.over = threading.Event()
        self.gone = 0
        super().__init__(("127.0.0.1", 0), _PushHandler)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        """As Apprise's generic JSON service."""
        return f"json://127.0.0.1:{self.port}/push"

    @property
    def ntfy_url(self) -> str:
        """As a topic of an ntfy server."""
        return f"ntfy://127.0.0.1:{self.port}/night"

    def next_answer(self) -> int | str:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class _PushHandler(BaseHTTPRequestHandler):
    server: PushServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.attempts.append(body)
        match self.server.next_answer():
            case "hang":
                self.server.over.wait(HANG_S)
            case "drip":
                self._drip()
            case "slow":
                time.sleep(0.3)
                self._take(body)
            case "fickle":
                time.sleep(0.3)
                self._take_or_forget(body)
            case 200:
                self._take(body)
            case code:
                self.send_error(int(code))

    def _take(self, body: dict[str, Any]) -> None:
        self.server.received.append(body)
        # As ntfy answers a publication.
        answer = json.dumps(
            {"id": f"m{len(self.server.received)}", "event": "message", **_spoken(body)}
        ).encode()
        # Whoever asked may have been killed meanwhile.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    def _take_or_forget(self, body: dict[str, Any]) -> None:
        """Forget every second push whose sender is gone, as a service may that was still reading."""
        gone = bool(select.select([self.connection], [], [], 0)[0]) and not self.connection.recv(
            1, socket.MSG_PEEK
        )
        self.server.gone += gone
        if not gone or self.server.gone % 2:
            self._take(body)

    def _drip(self) -> None:
        """Answer one byte at a time, so that no single read ever takes long."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
            while not self.server.over.wait(0.05):
                self.wfile.write(b"x")
                self.wfile.flush()

    def log_message(self, *_arguments: object) -> None:
        pass


def _spoken(body: dict[str, Any]) -> dict[str, Any]:
    return {key: body[key] for key in ("topic", "title", "message") if key in body}


class MailServer(socketserver.ThreadingTCPServer):
    """As much SMTP as a client needs to hand a letter over."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, greeting: str = "220 ready") -> None:
        self.letters: list[str] = []
        self.greeting = greeting
        super().__init__(("127.0.0.1", 0), _MailHandler)

    @property
    def url(self) -> str:
        port = self.server_address[1]
        return f"mailto://127.0.0.1:{port}?smtp=127.0.0.1&mode=insecure&from=night@example.org&to=anna@example.org"


class _MailHandler(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say(self.server.greeting)
        while line := self.rfile.readline():
            word = line.split()[0].upper() if line.split() else b""
            if word == b"DATA":
                self._say("354 go on")
                self._keep()
            self._say("221 bye" if word == b"QUIT" else "250 ok")
            if word == b"QUIT":
                return

    def _keep(self) -> None:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line)
        self.server.letters.append(b"".join(lines).decode())

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        over = getattr(server, "over", None)
        if over is not None:
            over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def closed_port() -> int:
    """Return a port of this machine where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def until(condition: Callable[[], object], patience_s: float = 20.0) -> bool:
    """Wait until the condition holds; tell whether it ever did."""
    end_s = time.monotonic() + patience_s
    while time.monotonic() < end_s:
        if condition():
            return True
        time.sleep(0.01)
    return False
