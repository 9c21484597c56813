"""The pages of the nights, and the windows of signal that they ask for."""

import hashlib
from datetime import date
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dashboard.asking import BAD_REQUEST, NOT_FOUND, asked, moment, number
from dashboard.database import NightLogError
from dashboard.doors import OWNER, Door
from dashboard.night_hours import local_time
from dashboard.night_list import listed, night_title
from dashboard.night_queries import NightQueries
from dashboard.nights import Nights
from dashboard.rendering import page
from dashboard.texts import Texts
from dashboard.waveforms import TRACES

_NOT_MODIFIED = 304
# More than a week is no night.
_LONGEST_WINDOW_S = 7 * 24 * 3600.0
# A board has no more (WIRE.md).
_MOST_CHANNELS = 64
# Rows of the list at once: two months, so that 400 nights load as fast as ten.
_ROWS = 60
# Nights that nobody has looked at yet are read for so long; the rest waits for the next look.
_READING_S = 0.8


class NightPages:
    """The handlers, and what they share.

    Args:
        nights: The recordings.
        queries: What the log tells of many nights.
        texts: What the pages say.
    """

    def __init__(self, nights: Nights, queries: NightQueries, texts: Texts) -> None:
        self._nights = nights
        self._queries = queries
        self._texts = texts

    def doors(self) -> list[Door]:
        """Return what may be asked for here."""
        return [
            Door("/nights", self.nights, OWNER),
            Door("/nights/{name}", self.show, OWNER),
            Door("/api/nights/{name}", self.night, OWNER),
            Door("/api/nights/{name}/wave", self.wave, OWNER),
        ]

    async def nights(self, request: Request) -> Response:
        """List the nights, or say that there is none."""
        names = await run_in_threadpool(self._nights.names)
        if not names:
            return page(self._texts, "no_nights.html", "night", "nights", title=self._texts("nights"))
        before = request.query_params.get("before", "")
        # Names begin with their dates: a name that is not there any more has its place all the same.
        first = next((at for at, name in enumerate(names) if name < before), len(names)) if before else 0
        shown = names[first : first + _ROWS]
        older = f"?before={shown[-1]}" if first + _ROWS < len(names) else None
        newer = None if not first else f"?before={names[first - _ROWS - 1]}" if first > _ROWS else ""
        told = await run_in_threadpool(self._listed, shown)
        several = len({name.partition("_")[2] for name in names}) > 1
        return page(
            self._texts,
            "nights.html",
            "night",
            "nights",
            title=self._texts("nights"),
            older=older,
            newer=newer,
            several=several,
            **told,
        )

    def _listed(self, names: list[str]) -> dict[str, Any]:
        glances = self._nights.index.glances(names, _READING_S)
        recordings = [span.recording_id for glance in glances.values() if glance for span in glance.spans]
        trouble = ""
        try:
            findings = self._queries.findings(recordings)
            labelled = self._queries.labelled(one.id for one in findings)
        except NightLogError as error:
            # That nothing is known of the events must not look like nights without a cramp.
            findings, labelled, trouble = [], set(), str(error)
        found = listed(self._texts, glances, findings, labelled, local_time)
        return {"nights": found.nights, "lines": found.lines, "trouble": trouble}

    async def show(self, request: Request) -> Response:
        """Show one night."""
        names = await run_in_threadpool(self._nights.names)
        name = request.path_params["name"]
        if name not in names:
            raise HTTPException(NOT_FOUND, "There is no such night.")
        evening, _, sensor = name.partition("_")
        own = [other for other in names if other.endswith(f"_{sensor}")]
        at = own.index(name)
        older = own[at + 1] if at + 1 < len(own) else None
        newer = own[at - 1] if at else None
        day = night_title(self._texts, date.fromisoformat(evening))
        shown = {"name": name, "day": day, "sensor": sensor, "older": older, "newer": newer}
        return page(self._texts, "night.html", "night", "nights", title=f"{day} · {sensor}", **shown)

    async def night(self, request: Request) -> Response:
        """Return a night's facts, lanes and events."""
        return JSONResponse(await asked(self._nights.night, request.path_params["name"]))

    async def wave(self, request: Request) -> Response:
        """Return the curves of a window as bytes (see `dashboard.wave_format`)."""
        start, end = moment(request, "t0"), moment(request, "t1")
        pixels = number(request, "px")
        curves = request.query_params.get("ch", "").split(",")
        if not 0 < end - start <= _LONGEST_WINDOW_S or not set(curves) <= set(TRACES):
            raise HTTPException(BAD_REQUEST, f"Expected t0 < t1 within a week and ch of {', '.join(TRACES)}.")
        channel = int(number(request, "channel")) if "channel" in request.query_params else 0
        if not 0 <= channel < _MOST_CHANNELS:
            raise HTTPException(BAD_REQUEST, f"Expected a channel from 0 to {_MOST_CHANNELS - 1}.")
        name = request.path_params["name"]
        version = await asked(self._nights.version, name)
        tag = hashlib.sha256(f"{version} {start} {end} {pixels} {curves} {channel}".encode()).hexdigest()[:24]
        headers = {"etag": f'"{tag}"', "cache-control": "private, no-cache"}
        if request.headers.get("if-none-match") == headers["etag"]:
            return Response(status_code=_NOT_MODIFIED, headers=headers)
        body = await asked(
            self._nights.wave, name, start, end, int(pixels), list(dict.fromkeys(curves)), channel
        )
        return Response(body, media_type="application/octet-stream", headers=headers)
