"""What every answer carries and every request must show: the headers, the host, and the origin."""

from collections.abc import Callable, Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.report_style import STYLE_HASH

# UX.md section 2.6: nothing from elsewhere, nothing inline, never in a frame. Older Safari does not take 'self'
# for a socket's address: it stands there by name.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' '{style}'; img-src 'self' data:; "
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
# This machine's own names.
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
# Browsers leave out the port that a scheme has anyway.
_USUAL_PORT = {"http": 80, "https": 443}
# Ways to ask that change nothing; a link from elsewhere comes without an origin.
_READING = ("GET", "HEAD")


class Guard:
    """Answers only to the names that are the base station's own, and only to pages that came from here.

    A name that somebody else's server was given for its address (DNS rebinding) and a page that another site
    has open in the same browser are both refused: the first by ``Host``, the second by ``Origin``, without
    which no socket opens and nothing is asked for.

    Args:
        app: What answers.
        port: Tells which port that is served on.
        names: What the base station is called in addresses.
        is_encrypted: Whether it is served by TLS.
    """

    def __init__(
        self,
        app: ASGIApp,
        port: Callable[[], int],
        names: Iterable[str] = LOOPBACK_NAMES,
        *,
        is_encrypted: bool = False,
    ) -> None:
        self._app = app
        self._port = port
        self._names = tuple(names)
        self._scheme = "https" if is_encrypted else "http"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        is_ours = self._is_ours(host, headers.get("origin"), is_reading=scope.get("method") in _READING)
        socket = "wss" if self._scheme == "https" else "ws"
        answer = _with_headers(send, f" {socket}://{host}" if is_ours else "")
        if is_ours:
            await self._app(scope, receive, answer)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": _REFUSED})
        else:
            refusal = PlainTextResponse("This page does not answer to that name.\n", _FORBIDDEN)
            await refusal(scope, receive, answer)

    def _is_ours(self, host: str, origin: str | None, *, is_reading: bool) -> bool:
        port = self._port()
        allowed = {f"{name}:{port}" for name in self._names}
        if port == _USUAL_PORT[self._scheme]:
            allowed |= set(self._names)
        if origin is None:
            return host in allowed and is_reading
        return host in allowed and origin in {f"{self._scheme}://{name}" for name in allowed}


def _with_headers(send: Send, socket: str) -> Send:
    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(
                {**HEADERS, "content-security-policy": POLICY.format(socket=socket, style=STYLE_HASH)}
            )
            # What may not be kept says so itself; everything else is asked for anew.
            headers.setdefault("cache-control", "no-cache")
        await send(message)

    return answer
