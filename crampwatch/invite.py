"""Links that let a caregiver's phone open the page of care, and the QR codes of them.

InviteError    no link can be made: the pages cannot be reached from a phone, or the address is none
"""

import ipaddress
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from dashboard.invitations import Invitation

WELCOME = "/welcome"
# Light modules around a code, without which cameras do not find it (ISO/IEC 18004, section 6.3.8).
_QUIET_ZONE = 4
# Black on white whatever the terminal's colours are: a code the other way round is not read by every phone.
_ON_WHITE, _AS_BEFORE = "\x1b[30;107m", "\x1b[0m"
# Two modules of a column in one character: the upper one, then the lower one, dark or not.
_BLOCKS = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}


class InviteError(ValueError):
    """No link can be made; the text says what to set."""


def checked_page(page: str) -> str:
    """Return the address of the pages as links begin with it.

    Args:
        page: As a person writes it: ``https://NAME:PORT``.

    Raises:
        InviteError: a phone could not open it, or would open it unencrypted.
    """
    expected = "expected the pages' address as a phone reaches it, such as https://crampwatch.local:8461"
    try:
        parts = urlsplit(page.strip())
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise InviteError(f"page: {expected}, got {page!r:.120} ({error})") from error
    if (
        not host
        or not page.isprintable()
        or parts.path.strip("/")
        or parts.query
        or parts.fragment
        or "@" in page
    ):
        raise InviteError(f"page: {expected}, got {page!r:.120}")
    if _is_loopback(host):
        raise InviteError(
            f"page: {host} is this computer alone, so the link would open nothing on a phone; let others reach "
            "the pages: `crampwatch tls init NAME` says what to set, and `crampwatch account add` lets somebody in"
        )
    if parts.scheme != "https":
        raise InviteError(f"page: {expected}, got {page!r:.120}; nothing is sent to phones unencrypted")
    name = f"[{host}]" if ":" in host else host
    return f"https://{name}:{port}" if port else f"https://{name}"


def link(page: str, token: str) -> str:
    """Return the link of an invitation; ``page`` as `checked_page` gives it."""
    return f"{page}{WELCOME}?token={quote(token, safe='')}"


def code_lines(text: str) -> list[str]:
    """Return the QR code of a text, for a terminal."""
    import segno

    rows = [list(map(bool, row)) for row in segno.make_qr(text, error="m").matrix_iter(border=_QUIET_ZONE)]
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return [f"{_ON_WHITE}{_line(upper, lower)}{_AS_BEFORE}" for upper, lower in pairs]


def list_lines(invitations: Iterable["Invitation"], now: datetime) -> list[str]:
    """Return a line for each invitation: the name, and what has become of it."""
    return [f"{one.name}\t{_standing(one, now)}" for one in invitations]


def _standing(one: "Invitation", now: datetime) -> str:
    if one.used is not None:
        return f"came in {one.used.astimezone():%Y-%m-%d %H:%M}"
    return f"{'open until' if one.is_open(now) else 'expired'} {one.expires.astimezone():%Y-%m-%d %H:%M}"


def _line(upper: Sequence[bool], lower: Sequence[bool]) -> str:
    return "".join(_BLOCKS[pair] for pair in zip(upper, lower, strict=True))


def _is_loopback(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host.rstrip(".").casefold() == "localhost" or host.casefold().endswith(".localhost")
    return address.is_loopback or address.is_unspecified
