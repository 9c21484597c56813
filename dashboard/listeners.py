"""Servers of the pages on their ports, all in one event loop, until told to stop."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from dashboard.bounded_listener import BoundedListener
from dashboard.live import Live
from dashboard.settings import DashboardError

# How long open connections may take to end.
_FAREWELL_S = 2
_BACKLOG = 128
# Nothing of ours is longer: a page sends nothing but its own pings.
_LONGEST_WS_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Service:
    """What answers on one port.

    Attributes:
        app: The application.
        listener: The port, open.
        certificate: Certificate and key where it is encrypted.
    """

    app: Starlette
    listener: socket.socket
    certificate: tuple[Path, Path] | None = None

    @property
    def config(self) -> uvicorn.Config:
        """The same, as the server wants it."""
        certificate, key = self.certificate or (None, None)
        return uvicorn.Config(
            self.app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws_max_size=_LONGEST_WS_BYTES,
            timeout_graceful_shutdown=_FAREWELL_S,
            server_header=False,
            ssl_certfile=certificate,
            ssl_keyfile=key,
        )


def listen(host: str, port: int) -> socket.socket:
    """Open a port.

    Raises:
        DashboardError: it cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = BoundedListener(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise DashboardError(
            f"pages: port {port} on {host}: expected it free, got: {error.strerror}; choose another with --port"
        ) from error
    listener.listen(_BACKLOG)
    return listener


def run(services: Sequence[Service], live: Live, stop: threading.Event, on_ready: Callable[[], None]) -> None:
    """Serve until ``stop`` is set; ``on_ready`` is called once all of them do."""
    servers = [_Server(service.config) for service in services]
    threading.Thread(target=_end, args=(stop, servers), daemon=True).start()

    async def serve() -> None:
        live.bind()
        served = [
            asyncio.ensure_future(server.serve(sockets=[service.listener]))
            for server, service in zip(servers, services, strict=True)
        ]
        for server in servers:
            await server.is_up.wait()
        on_ready()
        await asyncio.gather(*served)

    asyncio.run(serve())


class _Server(uvicorn.Server):
    """A server that leaves signals to its process, and tells when it serves."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take none."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to serve."""
        try:
            await super().startup(sockets)
        finally:
            self.is_up.set()


def _end(stop: threading.Event, servers: Sequence[uvicorn.Server]) -> None:
    stop.wait()
    for server in servers:
        server.should_exit = True
