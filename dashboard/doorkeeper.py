"""Stands at every door of pages that are reached from beyond this machine: who comes in, and who does not."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute
from starlette.websockets import WebSocket

from dashboard.access import RECHECK_S, Access, token_in
from dashboard.doors import Door
from dashboard.rendering import page
from dashboard.texts import Texts
from dashboard.visitors import HOME, Visitor, visitor
from detector.durable_sqlite import DurableFileError

_log = logging.getLogger(__name__)
LOGIN = "/login"
_UNAUTHORIZED, _FORBIDDEN, _SEE_OTHER = 401, 403, 303
# Policy violation (RFC 6455, section 7.4.1).
_REFUSED = 1008


class Doorkeeper:
    """Lets through whoever a door is for.

    Args:
        access: Knows who comes.
        texts: What pages say.
    """

    def __init__(self, access: Access, texts: Texts) -> None:
        self._access = access
        self._texts = texts

    def route(self, door: Door) -> BaseRoute:
        """Return a door with the keeper before it; one that is open to all has none."""
        if not door.roles:
            return door.route
        keep = self._socket if door.is_socket else self._page
        return replace(door, handler=keep(door)).route

    def _page(self, door: Door) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            came = await self._who(request)
            if came is None:
                return self._unknown(request)
            if came.role not in door.roles:
                return self._not_for(request, came)
            before = visitor.set(came)
            try:
                found: Response = await door.handler(request)
                return found
            finally:
                visitor.reset(before)

        return answer

    def _socket(self, door: Door) -> Callable[[WebSocket], Awaitable[None]]:
        async def answer(socket: WebSocket) -> None:
            if not await self._may(socket, door):
                await socket.close(_REFUSED)
                return
            visitor.set(await self._who(socket))
            served = asyncio.ensure_future(door.handler(socket))
            try:
                while not (await asyncio.wait({served}, timeout=RECHECK_S))[0]:
                    # Taken back or over since: an open line is no way to stay.
                    if not await self._may(socket, door):
                        served.cancel()
                        await asyncio.wait({served})
                        await socket.close(_REFUSED)
                        return
                await served
            finally:
                served.cancel()

        return answer

    async def _may(self, socket: WebSocket, door: Door) -> bool:
        came = await self._who(socket)
        return came is not None and came.role in door.roles

    async def _who(self, connection: HTTPConnection) -> Visitor | None:
        token = token_in(connection.headers.get("cookie", ""))
        try:
            return await run_in_threadpool(self._access.visitor_of, token)
        except DurableFileError as error:
            # Nobody is let in on the strength of a file that cannot be read.
            _log.warning("pages: %s", error)
            return None

    def _unknown(self, request: Request) -> Response:
        if _is_for_people(request):
            wanted = quote(request.url.path, safe="/")
            return RedirectResponse(f"{LOGIN}?next={wanted}", _SEE_OTHER)
        return JSONResponse({"why": self._texts("login_first")}, _UNAUTHORIZED)

    def _not_for(self, request: Request, came: Visitor) -> Response:
        if not _is_for_people(request):
            return JSONResponse({"why": self._texts("not_for_you")}, _FORBIDDEN)
        if request.url.path == "/":
            return RedirectResponse(HOME[came.role], _SEE_OTHER)
        before = visitor.set(came)
        try:
            told: dict[str, Any] = {"title": self._texts("not_for_you_title"), "home": HOME[came.role]}
            refusal = page(self._texts, "not_for_you.html", "login", "login", **told)
        finally:
            visitor.reset(before)
        refusal.status_code = _FORBIDDEN
        return refusal


def _is_for_people(request: Request) -> bool:
    """Tell a page from what its scripts ask for."""
    return request.method in {"GET", "HEAD"} and not request.url.path.startswith("/api/")
