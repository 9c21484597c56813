"""The pages and what they ask for: a table of routes."""

import asyncio
import hashlib
import json
import logging
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
from dashboard.answers import Answers, RefusedAnswerError
from dashboard.guard import Guard
from dashboard.live import Listener, Live
from dashboard.night_log import NightLog, NightLogError
from dashboard.nights import Nights, UnknownNightError
from dashboard.waveforms import TRACES
from firmware_bridge.recordings import RecordingError

_log = logging.getLogger(__name__)
_HERE = Path(__file__).parent
# A page is told how things stand at least this often, and at once on change.
TICK_S = 1.0
# Pages open at once; a household has a handful.
MOST_PAGES = 64
# An answer is a few words.
_LONGEST_ANSWER_BYTES = 4096
_ACCEPTED = 202
_BAD_REQUEST, _NOT_FOUND, _UNAVAILABLE, _NOT_MODIFIED = 400, 404, 503, 304
_TRY_AGAIN_LATER = 1013
# What a live page still lists.
_RECENT_S = 24 * 3600.0
# More than a week is no night.
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
        answers: Passes on what people answer; without, nobody is there to take it.
    """

    def __init__(self, live: Live, log: NightLog, nights: Nights, answers: Answers | None = None) -> None:
        self._answers = answers or Answers(live, lambda _publication: False)
        self._live = live
        self._log = log
        self._nights = nights

    async def live_page(self, _request: Request) -> Response:
        """Show what happens now."""
        return _page("live.html", title=texts.PAGE["now"], here="live")

    async def care_page(self, _request: Request) -> Response:
        """Show what whoever looks after somebody needs to know."""
        return _page("care.html", title=texts.PAGE["care"], here="care")

    async def nights_page(self, _request: Request) -> Response:
        """Go to the newest night, or say that there is none."""
        names = await run_in_threadpool(self._nights.names)
        if names:
            return RedirectResponse(f"/nights/{names[0]}")
        return _page("no_nights.html", title=texts.PAGE["nights"], here="nights")

    async def night_page(self, request: Request) -> Response:
        """Show one night."""
        names = await run_in_threadpool(self._nights.names)
        name = request.path_params["name"]
        if name not in names:
            raise HTTPException(_NOT_FOUND, "There is no such night.")
        at = names.index(name)
        older = names[at + 1] if at + 1 < len(names) else None
        newer = names[at - 1] if at else None
        date, _, sensor = name.partition("_")
        around = {"older": older, "newer": newer}
        return _page(
            "night.html",
            title=f"{date} {sensor}",
            here="nights",
            name=name,
            date=date,
            sensor=sensor,
            **around,
        )

    async def night(self, request: Request) -> Response:
        """Return a night's facts, lanes and events."""
        return JSONResponse(await _asked(self._nights.night, request.path_params["name"]))

    async def wave(self, request: Request) -> Response:
        """Return the curves of a window as bytes (see `dashboard.wave_format`)."""
        start, end = _number(request, "t0"), _number(request, "t1")
        pixels = _number(request, "px")
        curves = request.query_params.get("ch", "").split(",")
        if not 0 < end - start <= _LONGEST_WINDOW_S or not set(curves) <= set(TRACES):
            raise HTTPException(
                _BAD_REQUEST, f"Expected t0 < t1 within a week and ch of {', '.join(TRACES)}."
            )
        name = request.path_params["name"]
        version = await _asked(self._nights.version, name)
        tag = hashlib.sha256(f"{version} {start} {end} {pixels} {curves}".encode()).hexdigest()[:24]
        headers = {"etag": f'"{tag}"', "cache-control": "private, no-cache"}
        if request.headers.get("if-none-match") == headers["etag"]:
            return Response(status_code=_NOT_MODIFIED, headers=headers)
        body = await _asked(self._nights.wave, name, start, end, int(pixels), list(dict.fromkeys(curves)))
        return Response(body, media_type="application/octet-stream", headers=headers)

    async def answer(self, request: Request) -> Response:
        """Pass on what somebody answers to an alarm; the guard has seen where it comes from."""
        try:
            asked = json.loads(await _body(request))
            await run_in_threadpool(self._answers.give, asked)
        except RefusedAnswerError as error:
            return JSONResponse({"why": str(error)}, error.status)
        except (ValueError, RecursionError):
            return JSONResponse({"why": texts.NOT_UNDERSTOOD}, _BAD_REQUEST)
        return JSONResponse({}, _ACCEPTED)

    async def socket(self, socket: WebSocket) -> None:
        """Tell a live page everything that comes, and how things stand each second."""
        if self._live.listeners >= MOST_PAGES:
            await socket.close(_TRY_AGAIN_LATER)
            return
        await socket.accept()
        listener = self._live.listen()
        hearing = asyncio.create_task(_hear(socket))
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        try:
            while not hearing.done():
                await self._tell(socket, listener)
                if listener.is_standing_due or loop.time() >= due_s:
                    listener.is_standing_due, due_s = False, loop.time() + TICK_S
                    standing = self._live.standing() | {"dropped": listener.dropped}
                    await socket.send_text(json.dumps(standing, ensure_ascii=False))
                await listener.wait(due_s - loop.time())
        except (WebSocketDisconnect, RuntimeError):
            # The page has gone; there is nobody to tell.
            pass
        finally:
            self._live.leave(listener)
            hearing.cancel()

    async def _tell(self, socket: WebSocket, listener: Listener) -> None:
        if listener.greet:
            listener.greet = False
            await socket.send_text(json.dumps(await run_in_threadpool(self._greeting), ensure_ascii=False))
            for levels in self._live.levels():
                await socket.send_bytes(levels)
        for said in listener.take():
            await (socket.send_bytes(said) if isinstance(said, bytes) else socket.send_text(said))

    def _greeting(self) -> dict[str, Any]:
        try:
            since = self._live.clock.wall().timestamp() - _RECENT_S
            rows = map(views.event_row, self._log.recent())
            events = [row for row in rows if row["start"] >= since]
        except NightLogError as error:
            # The curve and the light are worth showing without the list.
            _log.warning("%s", error)
            events = []
        return {"type": "hello", "events": events}


def build(pages: Pages, port: Callable[[], int]) -> Starlette:
    """Return the application; ``port`` tells which port it is served on, once that is known."""
    routes = [
        Route("/", pages.live_page),
        Route("/care", pages.care_page),
        Route("/nights", pages.nights_page),
        Route("/nights/{name}", pages.night_page),
        Route("/api/nights/{name}", pages.night),
        Route("/api/nights/{name}/wave", pages.wave),
        Route("/api/answers", pages.answer, methods=["POST"]),
        WebSocketRoute("/ws/live", pages.socket),
        Mount("/static", StaticFiles(directory=_HERE / "static")),
    ]
    return Starlette(routes=routes, middleware=[Middleware(Guard, port=port)])


def _page(template: str, **values: object) -> Response:
    return HTMLResponse(_pages.get_template(template).render(t=texts.PAGE, **values))


async def _body(request: Request) -> bytes:
    """Return what was sent, as far as an answer may go.

    Raises:
        ValueError: it goes further.
    """
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST_ANSWER_BYTES:
            raise ValueError("answer: too long")
    return body


async def _hear(socket: WebSocket) -> None:
    """Wait until a page goes; it has nothing to say."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


async def _asked(ask: Callable[..., Any], *arguments: object) -> Any:  # noqa: ANN401 - as the callable gives it
    """Ask what is slow on a worker thread, and turn its errors into answers."""
    try:
        return await run_in_threadpool(ask, *arguments)
    except UnknownNightError as error:
        raise HTTPException(_NOT_FOUND, "There is no such night.") from error
    except (RecordingError, NightLogError, OSError) as error:
        _log.warning("pages: %s", error)
        raise HTTPException(_UNAVAILABLE, str(error)) from error


def _number(request: Request, key: str) -> float:
    try:
        number = float(request.query_params.get(key, ""))
    except ValueError:
        number = float("nan")
    if not abs(number) < float("inf"):
        raise HTTPException(_BAD_REQUEST, f"Expected {key} as a number.")
    return number
