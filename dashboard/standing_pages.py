"""The pages of how things stand, now and care: what they show, the line that tells them, and what people answer."""

import asyncio
import json
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from dashboard import views
from dashboard.answers import Answers, RefusedAnswerError
from dashboard.asking import BAD_REQUEST, UNAVAILABLE, asked, body_of
from dashboard.denials import Denials
from dashboard.doors import EVERYBODY, OWNER, Door
from dashboard.earlier import earlier_rows
from dashboard.labels import Labels
from dashboard.live import Listener, Live
from dashboard.night_log import NightLog, NightLogError
from dashboard.rendering import page
from dashboard.visitors import visitor
from detector.messages import iso
from detector.noon import began_at

_log = logging.getLogger(__name__)
# A page is told how things stand at least this often, and at once on change.
TICK_S = 1.0
# Pages open at once; a household has a handful.
MOST_PAGES = 64
# An answer is a few words.
_LONGEST_ANSWER_BYTES = 4096
_ACCEPTED = 202
_TRY_AGAIN_LATER = 1013
# What a live page still lists.
_RECENT_S = 24 * 3600.0


class StandingPages:
    """The handlers, and what they share.

    Args:
        live: What is known now.
        log: The night log.
        answers: Passes on what people answer.
    """

    def __init__(self, live: Live, log: NightLog, answers: Answers) -> None:
        self._answers = answers
        self._live = live
        self._log = log
        self._denials = Denials(live, Labels(log.database))

    def doors(self) -> list[Door]:
        """Return what may be asked for here."""
        return [
            Door("/", self.bedside, OWNER),
            Door("/now", self.now, OWNER),
            Door("/setup", self.setup, OWNER),
            Door("/care", self.care, EVERYBODY),
            Door("/api/answers", self.answer, EVERYBODY, ("POST",)),
            Door("/api/acts", self.act, OWNER, ("POST",)),
            Door("/api/denials", self.deny, OWNER, ("POST",)),
            Door("/api/earlier", self.earlier, EVERYBODY),
            Door("/ws/live", self.socket, EVERYBODY, is_socket=True),
        ]

    async def bedside(self, _request: Request) -> Response:
        """Show whoever sleeps here, with one eye and one thumb, how things stand."""
        return self._page("bedside")

    async def now(self, _request: Request) -> Response:
        """Show the signals of the last minute, and what was found in them."""
        return self._page("now")

    async def setup(self, _request: Request) -> Response:
        """Show what stands between now and a watched night, and whom it wakes."""
        return self._page("setup")

    async def care(self, _request: Request) -> Response:
        """Show what whoever looks after somebody needs to know."""
        return self._page("care")

    def _page(self, name: str) -> Response:
        texts = self._live.texts
        return page(texts, f"{name}.html", "standing", name, title=texts(f"menu.{name}"))

    async def answer(self, request: Request) -> Response:
        """Pass on what somebody answers to an alarm."""
        return await self._passed_on(request, self._answers.give)

    async def act(self, request: Request) -> Response:
        """Pass on what somebody asks of a night's watch."""
        return await self._passed_on(request, self._answers.act)

    async def deny(self, request: Request) -> Response:
        """Keep that what alarmed was no cramp."""
        return await self._passed_on(request, self._denials.give)

    async def earlier(self, _request: Request) -> Response:
        """Return the alarms of this night that are over."""
        return JSONResponse({"alarms": await asked(self._earlier)})

    def _earlier(self) -> list[dict[str, Any]]:
        since = began_at(self._live.clock.wall().astimezone())
        return earlier_rows(self._live.texts, self._log.last_changes(iso(since)), since)

    async def _passed_on(self, request: Request, give: Callable[[object], None]) -> Response:
        """Pass on what is sent; the guard has seen where it comes from."""
        try:
            said = json.loads(await body_of(request, _LONGEST_ANSWER_BYTES))
            came = visitor.get()
            if came is not None and isinstance(said, dict):
                # Whoever logged in speaks in no other name.
                said["who"] = came.name
            await run_in_threadpool(give, said)
        except RefusedAnswerError as error:
            return JSONResponse({"why": str(error)}, error.status)
        except NightLogError as error:
            _log.warning("pages: %s", error)
            return JSONResponse({"why": self._live.texts("not_kept_now")}, UNAVAILABLE)
        except (ValueError, RecursionError):
            return JSONResponse({"why": self._live.texts("not_understood")}, BAD_REQUEST)
        return JSONResponse({}, _ACCEPTED)

    async def socket(self, socket: WebSocket) -> None:
        """Tell a live page everything that comes, and how things stand each second."""
        if self._live.listeners >= MOST_PAGES:
            await socket.close(_TRY_AGAIN_LATER)
            return
        await socket.accept()
        listener = self._live.listen()
        came = visitor.get()
        # A caregiver learns how things stand; the signal is the sleeper's own.
        sees_signal = came is None or came.role != "caregiver"
        hearing = asyncio.create_task(_hear(socket))
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        try:
            while not hearing.done():
                await self._tell(socket, listener, sees_signal=sees_signal)
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

    async def _tell(self, socket: WebSocket, listener: Listener, *, sees_signal: bool) -> None:
        if listener.greet:
            listener.greet = False
            await socket.send_text(json.dumps(await run_in_threadpool(self._greeting), ensure_ascii=False))
            for levels in self._live.levels() if sees_signal else ():
                await socket.send_bytes(levels)
        for said in listener.take():
            if not isinstance(said, bytes):
                await socket.send_text(said)
            elif sees_signal:
                await socket.send_bytes(said)

    def _greeting(self) -> dict[str, Any]:
        try:
            since = self._live.clock.wall().timestamp() - _RECENT_S
            rows = map(partial(views.event_row, self._live.texts), self._log.recent())
            events = [row for row in rows if row["start"] >= since]
        except NightLogError as error:
            # The curve and the light are worth showing without the list.
            _log.warning("%s", error)
            events = []
        return {"type": "hello", "events": events}


async def _hear(socket: WebSocket) -> None:
    """Wait until a page goes; it has nothing to say."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass
