"""Whose opinions of a night there are, and how two of them compare."""

import json
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_args

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dashboard.asking import NOT_FOUND, asked, body_of
from dashboard.comparison import Comparison, Kind, Row, Said, compare
from dashboard.doors import OWNER, Door
from dashboard.label_pages import LabelPages
from dashboard.nights import Nights
from dashboard.texts import Texts
from detector.event_files import EventFileError, read_events
from detector.scoring_labels import ScoringError, labels_of

# A table of a night has some hundred rows.
_LONGEST_TABLE_BYTES = 2_000_000
_BAD_REQUEST = 400
_DETECTOR, _TABLE, _EVERYBODY, _PERSON = "detector", "table", "labels", "by:"
# The detector's verdicts and people's words, in the words of the comparison.
_OF_ALERTS: Mapping[str, str] = {"cramp": "cramp", "clonic": "spasm", "tonic_clonic": "spasm"}
_OF_LABELS: Mapping[str, str] = {"cramp": "cramp", "spasm": "spasm"}
# Who says "don't know" has no opinion.
_NO_OPINION = "unknown"

Spans = list[tuple[float, float]]


class ComparisonPages:
    """The handlers, and what they share.

    Args:
        nights: The recordings.
        said: What people said.
        texts: What the pages say.
    """

    def __init__(self, nights: Nights, said: LabelPages, texts: Texts) -> None:
        self._nights = nights
        self._said = said
        self._texts = texts

    def doors(self) -> list[Door]:
        """Return what may be asked for here."""
        return [
            Door("/api/nights/{name}/opinions", self.opinions, OWNER),
            Door("/api/nights/{name}/comparison", self.comparison, OWNER, ("POST",)),
        ]

    async def opinions(self, request: Request) -> Response:
        """Return whose opinions of a night there are."""
        return JSONResponse(await asked(self._opinions, request.path_params["name"]))

    async def comparison(self, request: Request) -> Response:
        """Compare two: ``{"first", "second", "table"?}``; ``table`` is the text of an event table."""
        try:
            body = json.loads(await body_of(request, _LONGEST_TABLE_BYTES))
            told = await asked(
                self._compared, request.path_params["name"], body if isinstance(body, dict) else {}
            )
        except (EventFileError, ScoringError) as error:
            # The temporary file's name says nothing to anybody.
            why = str(error).rpartition("table.tsv")[2].lstrip(",: ")
            return JSONResponse({"why": self._texts("table_refused", why=why)}, _BAD_REQUEST)
        except (ValueError, RecursionError):
            return JSONResponse({"why": self._texts("label_refused")}, _BAD_REQUEST)
        return JSONResponse(told)

    def _opinions(self, name: str) -> list[dict[str, str]]:
        self._nights.check(name)
        people = sorted({row["by"] for row in self._said.rows(name)})
        fixed = [(_DETECTOR, self._texts("opinion_detector"))]
        if people:
            fixed.append((_EVERYBODY, self._texts("opinion_everybody")))
        named = [(f"{_PERSON}{person}", person) for person in people]
        return [
            {"id": own, "name": called}
            for own, called in [*fixed, *named, (_TABLE, self._texts("opinion_table"))]
        ]

    def _compared(self, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
        night = self._nights.night(name)
        labels = self._said.rows(name)
        table = body.get(_TABLE)
        first, first_unasked = self._side(night, labels, body.get("first"), table)
        second, second_unasked = self._side(night, labels, body.get("second"), table)
        # An event that neither was asked about is one event.
        unasked = sorted({*first_unasked, *second_unasked})
        found = compare(first, second, unasked, (night["start"], night["end"]))
        return {
            "figures": self._figures(found, len(unasked)),
            "rows": [self._row(row) for row in found.rows],
            "sides": [[(one.start, one.end, one.what) for one in side] for side in (first, second)],
        }

    def _side(
        self, night: Mapping[str, Any], labels: Iterable[Mapping[str, Any]], who: object, table: object
    ) -> tuple[list[Said], Spans]:
        """Return what one side says, and spans that it was never asked about."""
        events = {event["id"]: event for event in night["events"] if event["alert"] in _OF_ALERTS}
        if who == _DETECTOR:
            own = [Said(one["start"], one["end"], _OF_ALERTS[one["alert"]]) for one in events.values()]
            return own, []
        if who == _TABLE and isinstance(table, str):
            return self._of_table(night, table), []
        if who == _EVERYBODY:
            return _of_labels(night, events, labels)
        if isinstance(who, str) and who.startswith(_PERSON):
            return _of_labels(
                night, events, [one for one in labels if one["by"] == who.removeprefix(_PERSON)]
            )
        raise ValueError(f"side: expected one of the opinions, got {who!r:.40}")

    def _of_table(self, night: Mapping[str, Any], text: str) -> list[Said]:
        parts = night["parts"]
        if not parts:
            raise HTTPException(NOT_FOUND, self._texts("nothing_to_export"))
        # A table counts from its recording's start: a night that was interrupted has its longest one.
        start = max(parts, key=lambda part: part["end"] - part["start"])["start"]
        with tempfile.TemporaryDirectory(prefix="crampwatch-") as folder:
            path = Path(folder) / "table.tsv"
            path.write_text(text, "utf-8", newline="")
            rows = labels_of(read_events(path), "table.tsv")
        named = [(row, _OF_ALERTS[row.alert]) for row in rows if row.alert in _OF_ALERTS]
        return [
            Said(start + row.onset_s, start + row.end_s, what)
            for row, what in named
            if row.end_s > row.onset_s
        ]

    def _figures(self, found: Comparison, unasked: int) -> list[dict[str, str]]:
        t = self._texts
        counted = [(t(f"compared.{kind}"), str(found.count(kind))) for kind in get_args(Kind)]
        unknown = t("nothing")
        rest = [
            (t("compared.f1"), unknown if found.f1 is None else f"{found.f1:.2f}"),
            (t("compared.kappa"), unknown if found.kappa is None else f"{found.kappa:.2f}"),
            (
                t("compared.onset"),
                unknown if found.onset_difference_s is None else f"{found.onset_difference_s:.1f} s",
            ),
            (t("compared.unasked"), str(unasked)),
        ]
        return [{"name": name, "value": value} for name, value in [*counted, *rest]]

    def _row(self, row: Row) -> dict[str, Any]:
        words = {
            key: self._texts(f"label_is.{one.what}") if one else self._texts("nothing")
            for key, one in (("first", row.first), ("second", row.second))
        }
        return {
            "kind": row.kind,
            "start": row.start,
            "end": row.end,
            "word": self._texts(f"compared.{row.kind}"),
            **words,
        }


def _of_labels(
    night: Mapping[str, Any], events: Mapping[str, Mapping[str, Any]], labels: Iterable[Mapping[str, Any]]
) -> tuple[list[Said], Spans]:
    """Return what labels say, the last of each event, and the events that none of them speaks of."""
    all_events = {event["id"]: event for event in night["events"]}
    words: dict[str, tuple[Mapping[str, Any], str]] = {}
    for label in labels:
        about = all_events.get(label["event_id"], label)
        if about["start"] is not None:
            words[label["event_id"] or label["id"]] = about, label["verdict"]
    said = [
        Said(about["start"], about["end"], _OF_LABELS[verdict])
        for about, verdict in words.values()
        if verdict in _OF_LABELS
    ]
    open_ones = [
        (event["start"], event["end"])
        for name, event in events.items()
        if name not in words or words[name][1] == _NO_OPINION
    ]
    return said, open_ones
