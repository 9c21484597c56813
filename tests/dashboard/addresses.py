"""Where the pages are in tests, and every address that they have."""

import re

from starlette.applications import Starlette
from starlette.routing import Mount, Route, WebSocketRoute

from tests.dashboard.recorded import NIGHT

PORT = 8460
HERE = f"http://127.0.0.1:{PORT}"
ANSWERS = "/api/answers"
# A page names where it came from when it opens a socket; the test client names a host of its own.
OURS = {"host": f"127.0.0.1:{PORT}", "origin": HERE}


def addresses(app: Starlette) -> list[str]:
    """Return an address for every route that is for reading, so that a new one is covered as well."""
    found = []
    for route in app.routes:
        if isinstance(route, Route) and "GET" in (route.methods or ()):
            found.append(filled(route.path))
        elif isinstance(route, Mount):
            found.append(f"{route.path}/crampwatch.css")
    return found


def sending(app: Starlette) -> list[tuple[str, str]]:
    """Return method and address of every route that changes something."""
    routes = [route for route in app.routes if isinstance(route, Route)]
    ways = [(method, filled(route.path)) for route in routes for method in sorted(route.methods or ())]
    return [way for way in ways if way[0] not in {"GET", "HEAD"}]


def sockets(app: Starlette) -> list[str]:
    """Return the address of every socket."""
    return [filled(route.path) for route in app.routes if isinstance(route, WebSocketRoute)]


def filled(path: str) -> str:
    """Return a route's path with a night's name in its places."""
    return re.sub(r"\{\w+(:\w+)?\}", NIGHT, path)
