"""The doors of the pages: what may be asked for, who answers, and which roles may come in from elsewhere.

Every route and every socket is one row here; there is no other way in. On this machine alone everybody in the
household may use every door; beyond it the roles of a row are what is asked for.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from starlette.routing import BaseRoute, Route, WebSocketRoute

Role = Literal["sleeper", "caregiver", "researcher"]
# A caregiver sees how things stand and answers; nights and their signals are the sleeper's own.
EVERYBODY: frozenset[Role] = frozenset({"sleeper", "caregiver", "researcher"})
OWNER: frozenset[Role] = frozenset({"sleeper", "researcher"})
# What anybody may ask for: it tells nothing of anybody.
OPEN: frozenset[Role] = frozenset()


@dataclass(frozen=True, slots=True)
class Door:
    """One row of the table.

    Attributes:
        path: As Starlette writes it.
        handler: Who answers.
        roles: Who may come in from beyond this machine; `OPEN` for everybody, known or not.
        methods: Ways to ask.
        is_socket: Whether it is a WebSocket.
    """

    path: str
    handler: Callable[..., Awaitable[Any]]
    roles: frozenset[Role]
    methods: tuple[str, ...] = ("GET",)
    is_socket: bool = False

    @property
    def route(self) -> BaseRoute:
        """The same, for Starlette."""
        if self.is_socket:
            return WebSocketRoute(self.path, self.handler)
        return Route(self.path, self.handler, methods=list(self.methods))
