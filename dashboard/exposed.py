"""The same pages for whoever comes from beyond this machine: encrypted, and with a keeper at every door."""

from collections.abc import Callable, Iterable
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from dashboard.access import Access
from dashboard.doorkeeper import Doorkeeper
from dashboard.doors import Door
from dashboard.guard import Guard
from dashboard.login_pages import LoginPages
from dashboard.texts import Texts

_STATIC = Path(__file__).parent / "static"


def build_exposed(
    doors: Iterable[Door], access: Access, texts: Texts, names: Iterable[str], port: Callable[[], int]
) -> Starlette:
    """Return the application.

    Args:
        doors: What there is on this machine, too.
        access: Who may come in.
        texts: What pages say.
        names: What the base station is called in addresses.
        port: Tells which port it is served on.
    """
    keeper = Doorkeeper(access, texts)
    routes = [keeper.route(door) for door in (*doors, *LoginPages(access, texts).doors())]
    routes.append(Mount("/static", StaticFiles(directory=_STATIC)))
    guard = Middleware(Guard, port=port, names=tuple(names), is_encrypted=True)
    return Starlette(routes=routes, middleware=[guard])
