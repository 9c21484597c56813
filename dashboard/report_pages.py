"""The report of a night: one page that holds all it needs, and the household's tables as CSV."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from dashboard.asking import asked
from dashboard.doors import OWNER, Door
from dashboard.evenings import Evening
from dashboard.household import Household
from dashboard.labels import Labels
from dashboard.night_hours import local_time
from dashboard.night_log import NightLog
from dashboard.night_queries import NightQueries
from dashboard.nights import Nights
from dashboard.rendering import rendered
from dashboard.report import NightTold, report
from dashboard.report_style import STYLE
from dashboard.texts import Texts

# Signs that make a spreadsheet take a text for a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
# As people write them.
_UNITS = {"uV": "µV"}
# Outcomes of a receipt that mean that somebody could perceive it.
_PERCEIVED = frozenset({"sent", "delivered", "shown", "answered"})


class Reports:
    """Makes reports; slow, so call it from a worker thread.

    Args:
        nights: The recordings.
        log: The night log.
        household: The other nights, the diary and the profile.
        texts: What the report says.
    """

    def __init__(self, nights: Nights, log: NightLog, household: Household, texts: Texts) -> None:
        self._nights = nights
        self._labels = Labels(log.database)
        self._queries = NightQueries(log.database)
        self._household = household
        self._texts = texts

    def html(self, name: str) -> str:
        """Return the report of a night as a page that needs nothing else.

        Raises:
            UnknownNightError: there is none of that name.
            NightLogError: the log cannot be read.
        """
        night, known = self._nights.night(name), self._household.known()
        labels = {
            label.event_id: (label.by, label.verdict)
            for label in self._labels.of_night(name)
            if label.event_id is not None
        }
        alarms = [alarm for row in night["events"] for alarm in self._alarms_of(row)]
        receipts = self._queries.receipts_of({alarm["id"] for alarm in alarms})
        woken = {receipt["occurrence_id"] for receipt in receipts if receipt["outcome"] in _PERCEIVED}
        told = NightTold(night, labels, alarms, frozenset(woken), _sensor(night))
        before = [one for one in known.nights if one.date.isoformat() <= night["date"]]
        shown = report(self._texts, told, before, known.profile, local_time, datetime.now(UTC).astimezone())
        return rendered(self._texts, "report.html", "report", style=Markup(STYLE), **shown)  # noqa: S704 - ours

    def _alarms_of(self, row: dict[str, Any]) -> list[dict[str, Any]]:
        return self._queries.alarms_of(row["id"]) if row["alert"] != "none" else []

    def tables(self) -> dict[str, str]:
        """Return the household's tables as CSV, by file name: one row a thing, units in the header.

        Raises:
            NightLogError: the log cannot be read.
        """
        known = self._household.known()
        return {
            "nights.csv": _nights_csv(known.nights),
            "cramps.csv": _cramps_csv(known.nights),
            "diary.csv": _csv(
                ("date", "question", "answer"),
                (
                    (sheet.date, key, str(said))
                    for sheet in known.sheets
                    for key, said in sheet.answers.items()
                ),
            ),
        }


class ReportPages:
    """The handlers, and what they share.

    Args:
        reports: Makes them.
    """

    def __init__(self, reports: Reports) -> None:
        self._reports = reports

    def doors(self) -> list[Door]:
        """Return what may be asked for here."""
        return [
            Door("/report/{name}.html", self.show, OWNER),
            Door("/api/tables/{name}.csv", self.table, OWNER),
        ]

    async def show(self, request: Request) -> Response:
        """Show the report of a night."""
        return HTMLResponse(await asked(self._reports.html, request.path_params["name"]))

    async def table(self, request: Request) -> Response:
        """Return one of the household's tables."""
        name = f"{request.path_params['name']}.csv"
        tables = await asked(self._reports.tables)
        if name not in tables:
            return Response(f"Expected one of {', '.join(tables)}.\n", 404, media_type="text/plain")
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(tables[name], media_type="text/csv; charset=utf-8", headers=headers)


def write_tables(tables: dict[str, str], folder: Path) -> list[Path]:
    """Write tables into a folder, made if need be, and return their files.

    Raises:
        OSError: they cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in tables.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return [folder / name for name in tables]


def _nights_csv(nights: Sequence[Evening]) -> str:
    head = ("date", "start", "end", "recorded_s", "usable_s", "cramps", "cramps_total_s", "rhythmic_runs")
    rows = (
        (
            night.date.isoformat(),
            _iso(night.spans[0][0]),
            _iso(night.spans[-1][1]),
            f"{night.recorded_s:.0f}",
            f"{night.usable_s:.0f}",
            str(len(night.cramps)),
            f"{sum(cramp.duration_s for cramp in night.cramps):.1f}",
            str(night.rhythmic),
        )
        for night in nights
    )
    return _csv(head, rows)


def _cramps_csv(nights: Sequence[Evening]) -> str:
    head = ("date", "event_id", "onset", "duration_s", "peak_uv", "times_resting", "answered_after_s")
    rows = (
        (
            night.date.isoformat(),
            cramp.event_id,
            _iso(cramp.onset),
            f"{cramp.duration_s:.1f}",
            _number(cramp.peak_uv),
            _number(cramp.times_resting),
            _number(cramp.answered_s),
        )
        for night in nights
        for cramp in night.cramps
    )
    return _csv(head, rows)


def _csv(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    for row in rows:
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row])
    return text.getvalue()


def _number(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.1f}"


def _sensor(night: dict[str, Any]) -> str:
    told = set()
    for part in night["parts"]:
        sites, unit = ", ".join(part["sites"]).replace("-", " "), _UNITS.get(part["unit"], part["unit"])
        told.add(f"{sites}, {part['rate_hz']:g} Hz, {unit}")
    return "; ".join(sorted(told)) or str(night["sensor"])


def _iso(at: float) -> str:
    return local_time(at).isoformat(timespec="seconds")
