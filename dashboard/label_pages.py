"""What people say that a night's events were, and all that is known of one event: asked for and kept."""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dashboard.asking import NOT_FOUND, asked, body_of
from dashboard.doors import OWNER, Door
from dashboard.event_details import alarm_history, measured
from dashboard.labels import VERDICTS, Label, Labels, label_id
from dashboard.night_queries import NightQueries
from dashboard.nights import Nights
from dashboard.texts import Texts
from detector.messages import iso

# A verdict, a name and a note.
_LONGEST_BODY_BYTES = 16_384
_REFUSED = 400
# A span that somebody drew is part of a night, and no night is longer.
_LONGEST_SPAN_S = 24 * 3600.0


class LabelPages:
    """The handlers, and what they share.

    Args:
        nights: The recordings.
        labels: What people said.
        queries: What the log tells of an event.
        texts: What the pages say.
        now: Tells the time at which somebody says something, aware.
    """

    def __init__(
        self,
        nights: Nights,
        labels: Labels,
        queries: NightQueries,
        texts: Texts,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._nights = nights
        self._labels = labels
        self._queries = queries
        self._texts = texts
        self._now = now

    def doors(self) -> list[Door]:
        """Return what may be asked for here."""
        return [
            Door("/api/nights/{name}/labels", self.labels, OWNER),
            Door("/api/nights/{name}/labels", self.say, OWNER, ("POST",)),
            Door("/api/nights/{name}/labels/undo", self.undo, OWNER, ("POST",)),
            Door("/api/nights/{name}/event", self.event, OWNER),
        ]

    async def labels(self, request: Request) -> Response:
        """Return what people said of a night."""
        return JSONResponse(await asked(self._said, request.path_params["name"]))

    async def say(self, request: Request) -> Response:
        """Keep what somebody says: ``{"event_id" | "start", "end", "verdict", "note"?, "by"?}``."""
        return await self._changed(request, self._say)

    async def undo(self, request: Request) -> Response:
        """Take back what was said last: ``{"id"}``."""
        return await self._changed(request, self._undo)

    async def event(self, request: Request) -> Response:
        """Return all that is known of one event."""
        event_id = request.query_params.get("id", "")
        return JSONResponse(await asked(self._event, request.path_params["name"], event_id))

    async def _changed(self, request: Request, change: Callable[[str, Mapping[str, Any]], None]) -> Response:
        name = request.path_params["name"]
        try:
            said = json.loads(await body_of(request, _LONGEST_BODY_BYTES))
            await asked(change, name, said if isinstance(said, Mapping) else {})
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
            return JSONResponse({"why": self._texts("label_refused")}, _REFUSED)
        return JSONResponse(await asked(self._said, name))

    def _said(self, name: str) -> dict[str, Any]:
        self._nights.check(name)
        return {"labels": self.rows(name)}

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Return what people said of a night, as pages show it.

        Raises:
            NightLogError: the log cannot be read.
        """
        return [self._row(label) for label in self._labels.of_night(name)]

    def _say(self, name: str, said: Mapping[str, Any]) -> None:
        self._nights.check(name)
        if said.get("verdict") not in VERDICTS:
            raise ValueError(f"verdict: expected one of {', '.join(VERDICTS)}")
        by = _text(said, "by") or self._texts("somebody")
        label = partial(
            Label, night=name, by=by, verdict=said["verdict"], at=iso(self._now()), note=_text(said, "note")
        )
        self._labels.put(
            self._drawn(label, name, said) if "event_id" not in said else self._told(label, said)
        )

    def _told(self, label: Callable[..., Label], said: Mapping[str, Any]) -> Label:
        """Return what somebody says of an event."""
        event_id, own = _text(said, "event_id"), label(id="", event_id="")
        if not self._nights.has_event(own.night, event_id):
            raise HTTPException(NOT_FOUND, self._texts("no_such_event"))
        return replace(own, id=label_id(event_id, own.by), event_id=event_id)

    def _drawn(self, label: Callable[..., Label], name: str, said: Mapping[str, Any]) -> Label:
        """Return what somebody says of a span that no event tells of; one that is there already is said anew."""
        start, end = _moment(said, "start"), _moment(said, "end")
        if not 0 < (end - start).total_seconds() <= _LONGEST_SPAN_S:
            raise ValueError(f"label: expected a span within a day, got {start} to {end}")
        known = _text(said, "id")
        if known and known not in {one.id for one in self._labels.of_night(name) if one.event_id is None}:
            raise HTTPException(NOT_FOUND, self._texts("no_such_event"))
        return label(id=known or uuid.uuid4().hex, onset_at=iso(start), ended_at=iso(end))

    def _undo(self, name: str, said: Mapping[str, Any]) -> None:
        self._nights.check(name)
        history = self._labels.history(_text(said, "id"))
        if not history or history[-1].night != name:
            raise HTTPException(NOT_FOUND, self._texts("no_such_event"))
        self._labels.undo(history[-1].id, at=iso(self._now()))

    def _event(self, name: str, event_id: str) -> dict[str, Any]:
        message = self._queries.event(event_id) if self._nights.has_event(name, event_id) else None
        if message is None:
            raise HTTPException(NOT_FOUND, self._texts("no_such_event"))
        alarms = self._queries.alarms_of(event_id)
        receipts = self._queries.receipts_of({alarm["id"] for alarm in alarms})
        return {
            "measured": measured(self._texts, message),
            "alarms": alarm_history(self._texts, alarms, receipts),
        }

    def _row(self, label: Label) -> dict[str, Any]:
        return {
            "id": label.id,
            "event_id": label.event_id,
            "by": label.by,
            "verdict": label.verdict,
            "word": self._texts(f"label_is.{label.verdict}"),
            "note": label.note,
            "at": datetime.fromisoformat(label.at).timestamp(),
            "start": _seconds(label.onset_at),
            "end": _seconds(label.ended_at),
        }


def _text(said: Mapping[str, Any], key: str) -> str:
    value = said.get(key, "")
    if not isinstance(value, str):
        raise TypeError(f"{key}: expected text, got {type(value).__name__}")
    return value.strip()


def _moment(said: Mapping[str, Any], key: str) -> datetime:
    value = said.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{key}: expected seconds since 1970, got {value!r:.40}")
    return datetime.fromtimestamp(value, UTC)


def _seconds(moment: str | None) -> float | None:
    return None if moment is None else datetime.fromisoformat(moment).timestamp()
