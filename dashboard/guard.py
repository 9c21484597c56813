"""What every answer carries and every request must show: the headers, the host, and the origin."""

from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# UX.md section 2.6: nothing from elsewhere, nothing inline, never in a frame. Older Safari does not take 'self'
# for a socket's address: it stands there by name.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'{socket}; media-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
# Policy violation (RFC 6455, section 7.4.1).
_REFUSED = 1008
_FORBIDDEN = 403
# Ways to ask that change nothing; a link from elsewhere comes without an origin.
_READING = ("GET", "HEAD")


class Guard:
    """Answers only to this machine's own names, and only to pages that came from here.

    A name that somebody else's server was given for 127.0.0.1 (DNS rebinding) and a page that another site
    has open in the same browser are both refused: the first by ``Host``, the second by ``Origin``, without
    which no socket opens and nothing is asked for.

    Args:
        app: What answers.
        port: Tells which port that is served on.
    """

    def __init__(self, app: ASGIApp, port: Callable[[], int]) -> None:
        self._app = app
        self._port = port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        is_ours = self._is_ours(host, headers.get("origin"), is_reading=scope.get("method") in _READING)
        answer = _with_headers(send, f" ws://{host}" if is_ours else "")
        if is_ours:
            await self._app(scope, receive, answer)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": _REFUSED})
        else:
            refusal = PlainTextResponse("This page answers to this machine alone.\n", _FORBIDDEN)
            await refusal(scope, receive, answer)

    def _is_ours(self, host: str, origin: str | None, *, is_reading: bool) -> bool:
        allowed = {f"{name}:{self._port()}" for name in ("127.0.0.1", "localhost", "[::1]")}
        if origin is None:
            return host in allowed and is_reading
        return host in allowed and origin in {f"http://{name}" for name in allowed}


def _with_headers(send: Send, socket: str) -> Send:
    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update({**HEADERS, "content-security-policy": POLICY.format(socket=socket)})
            # What may not be kept says so itself; everything else is asked for anew.
            headers.setdefault("cache-control", "no-cache")
        await send(message)

    return answer
