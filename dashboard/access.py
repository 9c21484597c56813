"""Who may come in from beyond this machine: by an account's password, or by an invitation's link.

TurnedAwayError    nobody is let in by that; the text is for the person
"""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.cookies import CookieError, SimpleCookie

from dashboard.access_store import AccessStore, Kind, Session
from dashboard.attempts import Attempts
from dashboard.doors import Role
from dashboard.invitations import Invitations
from dashboard.passwords import fits
from dashboard.texts import Texts
from dashboard.visitors import Visitor

# The prefix makes browsers take it from this host alone, encrypted alone (RFC 6265bis, section 4.1.3.2).
COOKIE = "__Host-crampwatch"
# A screen at the bed and a caregiver's phone must not meet a login at 3 a.m. of the second week.
SESSION = timedelta(days=30)
# How soon somebody who was taken back is out, s: sessions are looked up anew after this.
RECHECK_S = 5.0
_MOST_REMEMBERED = 500
_TOKEN_BYTES = 32
# Status codes.
_UNAUTHORIZED, _TOO_MANY = 401, 429


class TurnedAwayError(Exception):
    """Somebody who is not let in.

    Args:
        status: HTTP status code.
        why: In words.
        wait_s: How long to wait before another try.
    """

    def __init__(self, status: int, why: str, wait_s: float = 0.0) -> None:
        super().__init__(why)
        self.status = status
        self.wait_s = wait_s


class Access:
    """Lets people in, and knows them again. Slow: call it from a worker thread.

    Args:
        store: Accounts and sessions.
        invitations: Who has been invited.
        texts: What pages say.
        now: The time.
        mono_s: A monotonic clock.
    """

    def __init__(
        self,
        store: AccessStore,
        invitations: Invitations,
        texts: Texts,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        mono_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._invitations = invitations
        self._texts = texts
        self._now = now
        self._mono_s = mono_s
        self._attempts = Attempts(mono_s)
        self._lock = threading.Lock()
        # By token: who it is, and when that was seen.
        self._known: OrderedDict[str, tuple[Visitor, float]] = OrderedDict()

    def log_in(self, name: str, password: str, address: str) -> str:
        """Let somebody in by a password; return the session's token.

        One at a time: a password costs memory, and tries must be counted before the next.

        Raises:
            TurnedAwayError: it is not theirs, there is no such account, or there were too many tries.
        """
        with self._lock:
            self._hold_back(address)
            account = self._store.account(name)
            if not fits(password, account.password if account else None) or account is None:
                self._attempts.note_failure(address)
                raise TurnedAwayError(_UNAUTHORIZED, self._texts("login_wrong"))
        return self._begin(account.name, "account", account.role)

    def welcome(self, token: str, address: str) -> str:
        """Let somebody in by an invitation, which is used up by that; return the session's token.

        Raises:
            TurnedAwayError: it opens nothing, or no longer, or there were too many tries.
        """
        with self._lock:
            self._hold_back(address)
            invitee = self._invitations.redeem(token, now=self._now())
            if invitee is None:
                self._attempts.note_failure(address)
                raise TurnedAwayError(_UNAUTHORIZED, self._texts("invitation_over"))
        return self._begin(invitee.name, "invitation", "caregiver")

    def visitor_of(self, token: str) -> Visitor | None:
        """Return whose token that is; what was seen some seconds ago is believed."""
        known = self._known.get(token)
        if known is not None and self._mono_s() - known[1] < RECHECK_S:
            return known[0]
        self._known.pop(token, None)
        session = self._store.session(token, now=self._now()) if token else None
        if session is None or (session.kind == "invitation" and not self._invitations.stands(session.name)):
            return None
        found = Visitor(session.name, session.role)
        self._known[token] = (found, self._mono_s())
        while len(self._known) > _MOST_REMEMBERED:
            self._known.popitem(last=False)
        return found

    def log_out(self, token: str) -> None:
        """Forget a session."""
        self._known.pop(token, None)
        self._store.end(token)

    def _hold_back(self, address: str) -> None:
        wait_s = self._attempts.wait_s(address)
        if wait_s:
            raise TurnedAwayError(_TOO_MANY, self._texts("login_slow", seconds=f"{wait_s:.0f}"), wait_s)

    def _begin(self, name: str, kind: Kind, role: Role) -> str:
        token, now = secrets.token_urlsafe(_TOKEN_BYTES), self._now()
        self._store.begin(token, Session(name, kind, role, now + SESSION), now=now)
        return token


def token_in(cookies: str) -> str:
    """Return the session's token in a request's ``Cookie`` header; empty where there is none."""
    try:
        morsel = SimpleCookie(cookies).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel is not None else ""
