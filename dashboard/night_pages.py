"""The pages of the nights, and the windows of signal that they ask for."""

import hashlib

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from dashboard.asking import BAD_REQUEST, NOT_FOUND, asked, number
from dashboard.doors import OWNER, Door
from dashboard.nights import Nights
from dashboard.rendering import page
from dashboard.texts import Texts
from dashboard.waveforms import TRACES

_NOT_MODIFIED = 304
# More than a week is no night.
_LONGEST_WINDOW_S = 7 * 24 * 3600.0


class NightPages:
    """The handlers, and what they share.

    Args:
        nights: The recordings.
        texts: What the pages say.
    """

    def __init__(self, nights: Nights, texts: Texts) -> None:
        self._nights = nights
        self._texts = texts

    def doors(self) -> list[Door]:
        """Return what may be asked for here."""
        return [
            Door("/nights", self.newest, OWNER),
            Door("/nights/{name}", self.show, OWNER),
            Door("/api/nights/{name}", self.night, OWNER),
            Door("/api/nights/{name}/wave", self.wave, OWNER),
        ]

    async def newest(self, _request: Request) -> Response:
        """Go to the newest night, or say that there is none."""
        names = await run_in_threadpool(self._nights.names)
        if names:
            return RedirectResponse(f"/nights/{names[0]}")
        return page(self._texts, "no_nights.html", "night", "nights", title=self._texts("nights"))

    async def show(self, request: Request) -> Response:
        """Show one night."""
        names = await run_in_threadpool(self._nights.names)
        name = request.path_params["name"]
        if name not in names:
            raise HTTPException(NOT_FOUND, "There is no such night.")
        at = names.index(name)
        older = names[at + 1] if at + 1 < len(names) else None
        newer = names[at - 1] if at else None
        date, _, sensor = name.partition("_")
        shown = {"name": name, "date": date, "sensor": sensor, "older": older, "newer": newer}
        return page(self._texts, "night.html", "night", "nights", title=f"{date} {sensor}", **shown)

    async def night(self, request: Request) -> Response:
        """Return a night's facts, lanes and events."""
        return JSONResponse(await asked(self._nights.night, request.path_params["name"]))

    async def wave(self, request: Request) -> Response:
        """Return the curves of a window as bytes (see `dashboard.wave_format`)."""
        start, end = number(request, "t0"), number(request, "t1")
        pixels = number(request, "px")
        curves = request.query_params.get("ch", "").split(",")
        if not 0 < end - start <= _LONGEST_WINDOW_S or not set(curves) <= set(TRACES):
            raise HTTPException(BAD_REQUEST, f"Expected t0 < t1 within a week and ch of {', '.join(TRACES)}.")
        name = request.path_params["name"]
        version = await asked(self._nights.version, name)
        tag = hashlib.sha256(f"{version} {start} {end} {pixels} {curves}".encode()).hexdigest()[:24]
        headers = {"etag": f'"{tag}"', "cache-control": "private, no-cache"}
        if request.headers.get("if-none-match") == headers["etag"]:
            return Response(status_code=_NOT_MODIFIED, headers=headers)
        body = await asked(self._nights.wave, name, start, end, int(pixels), list(dict.fromkeys(curves)))
        return Response(body, media_type="application/octet-stream", headers=headers)
