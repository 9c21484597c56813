"""The doors that people come in by from beyond this machine: a password, or an invitation's link."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dashboard.access import COOKIE, SESSION, Access, TurnedAwayError, token_in
from dashboard.asking import BAD_REQUEST, UNAVAILABLE, body_of
from dashboard.doorkeeper import LOGIN
from dashboard.doors import EVERYBODY, OPEN, Door
from dashboard.places import place_of
from dashboard.rendering import page
from dashboard.texts import Texts
from dashboard.visitors import HOME, visitor
from detector.durable_sqlite import DurableFileError

# A name and a password, or a token.
_LONGEST_BYTES = 2048


class LoginPages:
    """The handlers, and what they share.

    Args:
        access: Lets people in.
        texts: What pages say.
    """

    def __init__(self, access: Access, texts: Texts) -> None:
        self._access = access
        self._texts = texts

    def doors(self) -> list[Door]:
        """Return what may be asked for here."""
        return [
            Door(LOGIN, self.login, OPEN),
            Door("/welcome", self.welcome, OPEN),
            Door("/api/login", self.log_in, OPEN, ("POST",)),
            Door("/api/welcome", self.come_in, OPEN, ("POST",)),
            Door("/api/visitor", self.who, EVERYBODY),
            Door("/api/logout", self.log_out, EVERYBODY, ("POST",)),
        ]

    async def login(self, _request: Request) -> Response:
        """Ask for name and password."""
        return page(self._texts, "login.html", "login", "login", title=self._texts("login_title"))

    async def welcome(self, _request: Request) -> Response:
        """Greet whoever follows an invitation's link; it is used by a press alone, since programs open links, too."""
        return page(self._texts, "welcome.html", "login", "login", title=self._texts("welcome_title"))

    async def log_in(self, request: Request) -> Response:
        """Let somebody in by ``{"name", "password"}``."""
        return await self._let_in(request, ("name", "password"), self._access.log_in)

    async def come_in(self, request: Request) -> Response:
        """Let somebody in by ``{"token"}`` of an invitation."""
        return await self._let_in(request, ("token",), self._access.welcome)

    async def who(self, _request: Request) -> Response:
        """Return ``{"name", "role", "home"}`` of whoever asks."""
        came = visitor.get()
        told = {"name": came.name, "role": came.role, "home": HOME[came.role]} if came else {}
        return JSONResponse(told)

    async def log_out(self, request: Request) -> Response:
        """Forget whoever asks."""
        await run_in_threadpool(self._access.log_out, token_in(request.headers.get("cookie", "")))
        answer = JSONResponse({"home": LOGIN})
        answer.delete_cookie(COOKIE, secure=True, httponly=True, samesite="strict")
        return answer

    async def _let_in(self, request: Request, keys: tuple[str, ...], by: Callable[..., str]) -> Response:
        try:
            said = _words(json.loads(await body_of(request, _LONGEST_BYTES)), keys)
        except (ValueError, RecursionError):
            return JSONResponse({"why": self._texts("not_understood")}, BAD_REQUEST)
        address = place_of(request.client.host) if request.client else ""
        try:
            token = await run_in_threadpool(by, *said, address)
            came = await run_in_threadpool(self._access.visitor_of, token)
        except TurnedAwayError as error:
            headers = {"retry-after": f"{error.wait_s:.0f}"} if error.wait_s else None
            return JSONResponse({"why": str(error)}, error.status, headers)
        except DurableFileError:
            return JSONResponse({"why": self._texts("login_broken")}, UNAVAILABLE)
        answer = JSONResponse({"home": HOME[came.role] if came else LOGIN})
        answer.set_cookie(
            COOKIE, token, max_age=int(SESSION.total_seconds()), secure=True, httponly=True, samesite="strict"
        )
        return answer


def _words(said: Any, keys: tuple[str, ...]) -> list[str]:  # noqa: ANN401 - whatever was sent
    if not isinstance(said, Mapping) or not all(isinstance(said.get(key), str) for key in keys):
        raise ValueError(f"expected the texts {', '.join(keys)}")
    return [said[key] for key in keys]
