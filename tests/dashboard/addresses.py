"""Where the pages are in tests, and every address that they have."""

from starlette.applications import Starlette
from starlette.routing import Mount, Route, WebSocketRoute

from tests.dashboard.recorded import NIGHT

PORT = 8460
HERE = f"http://127.0.0.1:{PORT}"
# The one address that is not for reading.
ANSWERS = "/api/answers"
# A page names where it came from when it opens a socket; the test client names a host of its own.
OURS = {"host": f"127.0.0.1:{PORT}", "origin": HERE}


def addresses(app: Starlette) -> list[str]:
    """Return an address for every route, so that a new one is covered as well."""
    found = []
    for route in app.routes:
        if isinstance(route, Route) and "GET" not in (route.methods or ()):
            assert route.path == ANSWERS
        elif isinstance(route, Route):
            found.append(route.path.replace("{name}", NIGHT))
        elif isinstance(route, Mount):
            found.append(f"{route.path}/crampwatch.css")
        else:
            assert isinstance(route, WebSocketRoute)
    return found
