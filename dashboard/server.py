"""The dashboard's process: night log and pages, until told to stop."""

import socket
import threading
from collections.abc import Callable

import uvicorn

from dashboard.answers import Answers
from dashboard.app import all_doors, build
from dashboard.ingest import Ingest
from dashboard.live import Live
from dashboard.next_steps import Callers
from dashboard.night_log import NightLog
from dashboard.nights import Nights
from dashboard.settings import DashboardError, DashboardSettings
from detector.alerter.caregivers import FILE_NAME
from firmware_bridge.clock import Clock

# How long open connections may take to end.
_FAREWELL_S = 2
_BACKLOG = 128
# Nothing of ours is longer: a page sends nothing but its own pings.
_LONGEST_WS_BYTES = 65_536


def serve(
    settings: DashboardSettings, stop: threading.Event, on_ready: Callable[[], None] = lambda: None
) -> None:
    """Keep the night log and serve the pages until ``stop`` is set.

    Raises:
        DashboardError: the port cannot be had.
        NightLogError: the database cannot be opened.
    """
    listener = _listen(settings)
    live = Live(Clock.from_text(settings.clock) if settings.clock else Clock())
    log = NightLog(settings.database)
    ingest = Ingest(settings.broker, log, live, settings.pages_broker)
    live.trouble, live.is_logging = lambda: ingest.trouble, lambda: ingest.is_logging
    live.policy = Callers(settings.database.parent / FILE_NAME).policy
    if log.quarantined is not None:
        live.notes.append(live.texts("put_aside", name=log.quarantined.name))
    nights = Nights(settings.nights, settings.overviews, log)
    nights.tidy()
    doors = all_doors(live, log, nights, Answers(live, ingest.publish))
    port = listener.getsockname()[1]
    app = build(doors, lambda: port)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws_max_size=_LONGEST_WS_BYTES,
        timeout_graceful_shutdown=_FAREWELL_S,
        server_header=False,
    )
    server = _Server(config, live, on_ready)
    threading.Thread(target=_end, args=(stop, server), daemon=True).start()
    ingest.start()
    try:
        server.run(sockets=[listener])
    finally:
        ingest.close()
        log.close()


class _Server(uvicorn.Server):
    """A server that leaves signals to its process, and says when it serves."""

    def __init__(self, config: uvicorn.Config, live: Live, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._live = live
        self._on_ready = on_ready

    def install_signal_handlers(self) -> None:
        """Install none."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to serve."""
        self._live.bind()
        await super().startup(sockets)
        self._on_ready()


def _end(stop: threading.Event, server: uvicorn.Server) -> None:
    stop.wait()
    server.should_exit = True


def _listen(settings: DashboardSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise DashboardError(
            f"pages: port {settings.port} on {settings.host}: expected it free, got: {error.strerror}; "
            "choose another with --port"
        ) from error
    listener.listen(_BACKLOG)
    return listener
