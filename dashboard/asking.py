"""What handlers do with what they are asked: numbers and bodies read, slow answers had from a worker thread."""

import logging
from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request

from dashboard.night_log import NightLogError
from dashboard.nights import UnknownNightError
from firmware_bridge.recordings import RecordingError

_log = logging.getLogger(__name__)
BAD_REQUEST, NOT_FOUND, UNAVAILABLE = 400, 404, 503
# Where the year 9999 begins, s since 1970: the calendar of Python ends with it.
_LAST_MOMENT_S = 253_370_764_800.0


async def body_of(request: Request, at_most: int) -> bytes:
    """Return what was sent.

    Args:
        request: Who asks.
        at_most: Bytes that it may have.

    Raises:
        ValueError: it has more.
    """
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > at_most:
            raise ValueError(f"body: expected at most {at_most} bytes")
    return body


async def asked(ask: Callable[..., Any], *arguments: object) -> Any:  # noqa: ANN401 - as the callable gives it
    """Ask what is slow on a worker thread, and turn its errors into answers."""
    try:
        return await run_in_threadpool(ask, *arguments)
    except UnknownNightError as error:
        raise HTTPException(NOT_FOUND, "There is no such night.") from error
    except (RecordingError, NightLogError, OSError) as error:
        _log.warning("pages: %s", error)
        raise HTTPException(UNAVAILABLE, str(error)) from error


def number(request: Request, key: str) -> float:
    """Return a number that the address names.

    Raises:
        HTTPException: there is none, or it is not finite.
    """
    try:
        found = float(request.query_params.get(key, ""))
    except ValueError:
        found = float("nan")
    if not abs(found) < float("inf"):
        raise HTTPException(BAD_REQUEST, f"Expected {key} as a number.")
    return found


def moment(request: Request, key: str) -> float:
    """Return a moment that the address names, s since 1970.

    Raises:
        HTTPException: there is none, or no calendar holds it.
    """
    found = number(request, key)
    if not 0 <= found < _LAST_MOMENT_S:
        raise HTTPException(BAD_REQUEST, f"Expected {key} as seconds since 1970, before the year 9999.")
    return found
