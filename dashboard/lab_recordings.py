"""The lab's recordings over HTTP: taken, looked through, shown with what the detector saw, held against a truth."""

import json
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from dashboard.asking import BAD_REQUEST, NOT_FOUND, UNAVAILABLE, asked, body_of, number
from dashboard.doors import OWNER, Door
from dashboard.lab_results import event_rows, scored, seen_trace, truth_rows
from dashboard.lab_run import EVENTS
from dashboard.lab_shelf import NoRoomError, Shelf, ShelfError, Shelved, clean_name
from dashboard.nights import MOST_PIXELS, Nights, longest
from dashboard.rendering import page
from dashboard.texts import Texts
from dashboard.wave_format import encode
from dashboard.waveforms import TRACES, Overview
from detector.event_files import EventFileError, read_events
from detector.observed_pipeline import SEEN
from detector.scoring_labels import ScoringError

_LONGEST_BODY_BYTES = 4096
_LONGEST_TABLE_BYTES = 2_000_000
_FULL, _BUSY, _TAKEN = 507, 409, 201
# A recording that does not say when it began is shown as if at midnight.
_NO_START = datetime(2000, 1, 1)  # noqa: DTZ001 - the base station's local midnight


class LabRecordings:
    """The handlers, and what they share.

    Args:
        shelf: The recordings.
        nights: Those of the log.
        texts: What the pages say.
    """

    def __init__(self, shelf: Shelf, nights: Nights, texts: Texts) -> None:
        self._shelf = shelf
        self._nights = nights
        self._texts = texts
        self._overviews: dict[str, Overview] = {}

    def doors(self) -> list[Door]:
        """Return what may be asked for here."""
        one = "/api/lab/recordings/{item}"
        return [
            Door("/lab/recordings", self.show_all, OWNER),
            Door("/lab/recordings/{item}", self.show, OWNER),
            Door("/api/lab/recordings", self.upload, OWNER, ("POST",)),
            Door("/api/lab/nights", self.night, OWNER, ("POST",)),
            Door(one, self.facts, OWNER),
            Door(f"{one}/wave", self.wave, OWNER),
            Door(f"{one}/events.tsv", self.events, OWNER),
            Door(f"{one}/run", self.run, OWNER, ("POST",)),
            Door(f"{one}/stop", self.stop, OWNER, ("POST",)),
            Door(f"{one}/remove", self.remove, OWNER, ("POST",)),
            Door(f"{one}/truth", self.truth, OWNER, ("POST",)),
        ]

    async def show_all(self, _request: Request) -> Response:
        """Show what is on the shelf, and how something comes there."""
        found = await asked(self._shelf.all)
        names = await asked(self._nights.names)
        title = self._texts("lab_recordings")
        return page(
            self._texts, "lab_recordings.html", "lab", "lab", title=title, shelved=found, nights=names
        )

    async def show(self, request: Request) -> Response:
        """Show one recording."""
        item = self._item(request)
        curves = [name for name in SEEN if name != "rest"]
        return page(
            self._texts, "lab_recording.html", "lab", "lab", title=item.name, item=item, curves=curves
        )

    async def upload(self, request: Request) -> Response:
        """Take the recording that is sent as the body, called ``name``."""
        length = request.headers.get("content-length", "")
        expected = int(length) if length.isdecimal() else None
        try:
            item = await self._shelf.take_upload(
                request.query_params.get("name", ""), expected, request.stream()
            )
        except NoRoomError as error:
            return JSONResponse({"why": self._texts("no_room", why=error)}, _FULL)
        except ShelfError as error:
            return JSONResponse({"why": self._texts("no_recording", why=error)}, BAD_REQUEST)
        except OSError as error:
            return JSONResponse({"why": self._texts("no_room", why=error.strerror or error)}, UNAVAILABLE)
        return JSONResponse({"id": item.id}, _TAKEN)

    async def night(self, request: Request) -> Response:
        """Put a night on the shelf: ``{"name"}``; its longest recording."""
        try:
            name = json.loads(await body_of(request, _LONGEST_BODY_BYTES))["name"]
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise HTTPException(BAD_REQUEST, self._texts("label_refused")) from error
        item = await asked(self._take_night, str(name))
        return JSONResponse({"id": item.id}, _TAKEN)

    async def facts(self, request: Request) -> Response:
        """Return a recording's facts, how far the detector is, and what it found."""
        return JSONResponse(await asked(self._facts, self._item(request)))

    async def wave(self, request: Request) -> Response:
        """Return curves of a window as bytes (see `dashboard.wave_format`): signals, and what the detector saw."""
        item, curves = self._item(request), request.query_params.get("ch", "").split(",")
        start, end, pixels = (number(request, key) for key in ("t0", "t1", "px"))
        if not start < end or not set(curves) <= {*TRACES, *SEEN}:
            raise HTTPException(BAD_REQUEST, f"Expected t0 < t1 and ch of {', '.join((*TRACES, *SEEN))}.")
        window = (start, end, min(max(1, int(pixels)), MOST_PIXELS))
        return Response(await asked(self._wave, item, window, curves), media_type="application/octet-stream")

    async def events(self, request: Request) -> Response:
        """Give what was found as an event table."""
        item = self._item(request)
        if self._shelf.state(item)[0] != "done":
            raise HTTPException(NOT_FOUND, self._texts("not_run"))
        return FileResponse(
            item.folder / EVENTS,
            media_type="text/tab-separated-values",
            filename=f"{Path(clean_name(item.name)).stem}_events.tsv",
        )

    async def run(self, request: Request) -> Response:
        """Begin to look a recording through."""
        has_begun = await asked(self._shelf.begin, self._item(request))
        return JSONResponse(
            {} if has_begun else {"why": self._texts("lab_busy")}, 200 if has_begun else _BUSY
        )

    async def stop(self, request: Request) -> Response:
        """Stop looking a recording through."""
        return await self._done(self._shelf.stop, request)

    async def remove(self, request: Request) -> Response:
        """Take a recording off the shelf."""
        self._overviews.pop(request.path_params["item"], None)
        return await self._done(self._shelf.remove, request)

    async def truth(self, request: Request) -> Response:
        """Hold what was found against a truth: the body is an event table."""
        item = self._item(request)
        if self._shelf.state(item)[0] != "done":
            return JSONResponse({"why": self._texts("not_run")}, _BUSY)
        try:
            text = (await body_of(request, _LONGEST_TABLE_BYTES)).decode()
            return JSONResponse(await asked(self._truth, item, text))
        except (EventFileError, ScoringError) as error:
            why = str(error).rpartition("truth.tsv")[2].lstrip(",: ")
            return JSONResponse({"why": self._texts("truth_refused", why=why)}, BAD_REQUEST)
        except ValueError:
            return JSONResponse({"why": self._texts("truth_refused", why="UTF-8")}, BAD_REQUEST)

    async def _done(self, act: Callable[[Shelved], None], request: Request) -> Response:
        await asked(act, self._item(request))
        return JSONResponse({})

    def _item(self, request: Request) -> Shelved:
        try:
            return self._shelf.get(request.path_params["item"])
        except KeyError as error:
            raise HTTPException(NOT_FOUND, self._texts("not_on_shelf")) from error

    def _take_night(self, name: str) -> Shelved:
        parts = self._nights.recorded(name)
        if not parts:
            raise HTTPException(NOT_FOUND, self._texts("nothing_readable_here"))
        return self._shelf.take_night(longest(parts).overview.path, name)

    def _overview(self, item: Shelved) -> Overview:
        if item.id not in self._overviews:
            self._overviews[item.id] = Overview(item.path, item.folder / "overview")
        return self._overviews[item.id]

    def _start(self, item: Shelved) -> float:
        return (self._overview(item).recording.start or _NO_START).timestamp()

    def _facts(self, item: Shelved) -> dict[str, Any]:
        recording, start = self._overview(item).recording, self._start(item)
        state, share, why = self._shelf.state(item)
        return {
            "name": item.name,
            "start": start,
            "end": start + recording.duration_s,
            "site": recording.info.sites[0],
            "unit": recording.info.emg_scales[0].unit,
            "has_acc": recording.info.acc_scale is not None,
            "warnings": list(recording.warnings),
            "state": state,
            "share": share,
            "why": why,
            "events": event_rows(self._texts, item.folder, start) if state == "done" else [],
        }

    def _wave(self, item: Shelved, window: tuple[float, float, int], curves: list[str]) -> bytes:
        overview, start = self._overview(item), self._start(item)
        begin, end, pixels = window[0] - start, window[1] - start, window[2]
        card = self._shelf.card(item) if set(curves) & set(SEEN) else {}
        chunks = []
        for place, name in enumerate(curves):
            if name in TRACES:
                trace = overview.trace(name, max(0.0, begin), max(0.0, end), pixels)
            else:
                seen = card["seen"]
                trace = seen_trace(
                    item.folder, seen.index(name), len(seen), card["hop_s"], (begin, end, pixels)
                )
            chunks.append(encode(trace, place, start))
        return b"".join(chunks)

    def _truth(self, item: Shelved, text: str) -> dict[str, Any]:
        with tempfile.TemporaryDirectory(prefix="crampwatch-") as folder:
            path = Path(folder) / "truth.tsv"
            path.write_text(text, "utf-8", newline="")
            records = read_events(path)
        duration_s = self._overview(item).recording.duration_s
        return {
            "events": truth_rows(self._texts, records, self._start(item)),
            "scores": scored(self._texts, item.folder, records, "truth.tsv", duration_s),
        }
