"""Whoever has come in from beyond this machine, while what they ask for is being answered."""

from contextvars import ContextVar
from dataclasses import dataclass

from dashboard.doors import Role

# Where somebody of each role is at home.
HOME: dict[Role, str] = {"sleeper": "/", "caregiver": "/care", "researcher": "/nights"}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who has come in."""

    name: str
    role: Role


# None on this machine itself, where nobody logs in.
visitor: ContextVar[Visitor | None] = ContextVar("visitor", default=None)
