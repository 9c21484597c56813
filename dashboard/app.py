"""The pages and what they ask for: a table of routes."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

from dashboard import texts, views
from dashboard.guard import Guard
from dashboard.live import Live
from dashboard.night_log import NightLog
from dashboard.nights import Nights, UnknownNightError

_HERE = Path(__file__).parent
# The page is told how things stand at least this often, and at once on change.
TICK_S = 1.0
TRACES = ("emg", "envelope", "movement")
_BAD_REQUEST, _NOT_FOUND = 400, 404
# A second either side of nothing is no window; more than a week is no night.
_LONGEST_WINDOW_S = 7 * 24 * 3600.0

_pages = Environment(
    loader=FileSystemLoader(_HERE / "templates"), autoescape=select_autoescape(), undefined=StrictUndefined
)


class Pages:
    """The handlers, and what they share.

    Args:
        live: What is known now.
        log: The night log.
        nights: The recordings.
        health: Tells how the night log's own connection goes.
    """

    def __init__(
        self, live: Live, log: NightLog, nights: Nights, health: Callable[[], dict[str, Any]]
    ) -> None:
        self._live = live
        self._log = log
        self._nights = nights
        self._health = health

    async def live_page(self, _request: Request) -> Response:
        """Show what happens now."""
        return _page("live.html", title="Now", here="live")

    async def nights_page(self, _request: Request) -> Response:
        """Go to the newest night, or say that there is none."""
        names = await run_in_threadpool(self._nights.names)
        if names:
            return RedirectResponse(f"/nights/{names[0]}")
        return _page("no_nights.html", title="Nights", here="nights")

    async def night_page(self, request: Request) -> Response:
        """Show one night."""
        names = await run_in_threadpool(self._nights.names)
        name = request.path_params["name"]
        if name not in names:
            raise HTTPException(_NOT_FOUND, "There is no such night.")
        at = names.index(name)
        older = names[at + 1] if at + 1 < len(names) else None
        newer = names[at - 1] if at else None
        return _page("night.html", title=name, here="nights", name=name, older=older, newer=newer)

    async def night(self, request: Request) -> Response:
        """Return a night's facts, lanes and events."""
        try:
            return JSONResponse(await run_in_threadpool(self._nights.night, request.path_params["name"]))
        except UnknownNightError as error:
            raise HTTPException(_NOT_FOUND, "There is no such night.") from error

    async def wave(self, request: Request) -> Response:
        """Return the signals of a window as bytes (UX.md section 2.5)."""
        start, end = _number(request, "t0"), _number(request, "t1")
        pixels = _number(request, "px")
        wanted = request.query_params.get("ch", "").split(",")
        if not 0 < end - start <= _LONGEST_WINDOW_S or not set(wanted) <= set(TRACES):
            raise HTTPException(
                _BAD_REQUEST, f"Expected t0 < t1 within a week and ch of {', '.join(TRACES)}."
            )
        name = request.path_params["name"]
        try:
            body = await run_in_threadpool(self._nights.wave, name, start, end, int(pixels), wanted)
        except UnknownNightError as error:
            raise HTTPException(_NOT_FOUND, "There is no such night.") from error
        return Response(body, media_type="application/octet-stream", headers={"cache-control": "no-store"})

    async def socket(self, socket: WebSocket) -> None:
        """Tell a live page everything that comes, and how things stand each second."""
        await socket.accept()
        queue = self._live.listen()
        try:
            await socket.send_text(json.dumps(await run_in_threadpool(self._greeting)))
            hearing = asyncio.create_task(self._hear(socket))
            while not hearing.done():
                with contextlib.suppress(TimeoutError):
                    await socket.send_text(await asyncio.wait_for(queue.get(), TICK_S))
                    if not queue.empty():
                        continue
                await socket.send_text(json.dumps(self._standing()))
        except (WebSocketDisconnect, RuntimeError):
            # The page has gone; there is nobody to tell.
            pass
        finally:
            self._live.leave(queue)

    async def _hear(self, socket: WebSocket) -> None:
        """Wait until the page goes; it has nothing to say."""
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                await socket.receive_text()

    def _greeting(self) -> dict[str, Any]:
        sensors = {name: list(sensor.levels) for name, sensor in self._live.sensors.items()}
        events = [views.event_row(message) | {"sensor": message["sensor"]} for message in self._log.recent()]
        return {**self._standing(), "type": "hello", "levels": sensors, "events": events}

    def _standing(self) -> dict[str, Any]:
        sensors = {
            name: {"light": sensor.light()._asdict(), "online": sensor.online, "state": sensor.state}
            for name, sensor in sorted(self._live.sensors.items())
        }
        return {"type": "standing", "sensors": sensors, "log": self._health(), "never": texts.NEVER_HEARD}


def build(pages: Pages, port: Callable[[], int]) -> Starlette:
    """Return the application; ``port`` tells which port it is served on, once that is known."""
    routes = [
        Route("/", pages.live_page),
        Route("/nights", pages.nights_page),
        Route("/nights/{name}", pages.night_page),
        Route("/api/nights/{name}", pages.night),
        Route("/api/nights/{name}/wave", pages.wave),
        WebSocketRoute("/ws/live", pages.socket),
        Mount("/static", StaticFiles(directory=_HERE / "static")),
    ]
    return Starlette(routes=routes, middleware=[Middleware(Guard, port=port)])


def _page(template: str, **values: object) -> Response:
    return HTMLResponse(_pages.get_template(template).render(disclaimer=texts.DISCLAIMER, **values))


def _number(request: Request, key: str) -> float:
    try:
        number = float(request.query_params.get(key, ""))
    except ValueError:
        number = float("nan")
    if not abs(number) < float("inf"):
        raise HTTPException(_BAD_REQUEST, f"Expected {key} as a number.")
    return number
