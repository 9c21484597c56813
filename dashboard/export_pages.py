"""What may be taken along from a night: a stretch of its signals, and what people said of it."""

import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.concurrency import iterate_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from dashboard.asking import NOT_FOUND, UNAVAILABLE, asked, moment
from dashboard.doors import OWNER, Door
from dashboard.exports import ExportError, Stretch, csv_lines, notes_of, write_edf
from dashboard.label_pages import LabelPages
from dashboard.label_table import EXTRA, label_table
from dashboard.labels import Labels
from dashboard.nights import Nights, longest
from dashboard.texts import Texts
from detector.event_files import Value, write_rows
from firmware_bridge.recorder import RecorderError


class ExportPages:
    """The handlers, and what they share.

    Args:
        nights: The recordings.
        labels: What people said.
        said: Turns that into rows.
        texts: What the pages say.
    """

    def __init__(self, nights: Nights, labels: Labels, said: LabelPages, texts: Texts) -> None:
        self._nights = nights
        self._labels = labels
        self._said = said
        self._texts = texts

    def doors(self) -> list[Door]:
        """Return what may be asked for here."""
        return [
            Door("/api/nights/{name}/selection.edf", self.edf, OWNER),
            Door("/api/nights/{name}/selection.csv", self.csv, OWNER),
            Door("/api/nights/{name}/labels.tsv", self.table, OWNER),
        ]

    async def edf(self, request: Request) -> Response:
        """Give a stretch as EDF+, of the recording that holds most of it, with what was found and said."""
        name, start, end = self._asked_for(request)
        folder = tempfile.TemporaryDirectory(prefix="crampwatch-")
        path = Path(folder.name) / f"{_stem(name, start)}.edf"
        try:
            await asked(self._write_edf, path, name, start, end)
        except BaseException:
            folder.cleanup()
            raise
        return FileResponse(
            path,
            media_type="application/octet-stream",
            filename=path.name,
            background=BackgroundTask(folder.cleanup),
        )

    async def csv(self, request: Request) -> Response:
        """Give a stretch as CSV, as it is read."""
        name, start, end = self._asked_for(request)
        lines = await asked(self._csv, name, start, end)
        headers = {"content-disposition": f'attachment; filename="{_stem(name, start)}.csv"'}
        return StreamingResponse(iterate_in_threadpool(lines), media_type="text/csv", headers=headers)

    async def table(self, request: Request) -> Response:
        """Give what people said of a night as an event table, of its longest recording; ``by`` one person alone."""
        name = request.path_params["name"]
        text = await asked(self._table, name, request.query_params.get("by", ""))
        headers = {"content-disposition": f'attachment; filename="{name}_labels.tsv"'}
        return Response(text, media_type="text/tab-separated-values", headers=headers)

    def _asked_for(self, request: Request) -> tuple[str, float, float]:
        return request.path_params["name"], moment(request, "t0"), moment(request, "t1")

    def _stretches(self, name: str, start: float, end: float) -> list[Stretch]:
        parts = self._nights.recorded(name)
        found = [Stretch.of(part.overview.recording, part.start, start, end) for part in parts]
        stretches = [stretch for stretch in found if stretch is not None]
        if not stretches:
            raise HTTPException(NOT_FOUND, self._texts("nothing_to_export"))
        return stretches

    def _write_edf(self, path: Path, name: str, start: float, end: float) -> None:
        stretch = max(self._stretches(name, start, end), key=lambda one: one.samples)
        notes = notes_of(self._nights.night(name)["events"], self._said.rows(name))
        try:
            write_edf(path, stretch, notes)
        except (ExportError, RecorderError) as error:
            raise HTTPException(UNAVAILABLE, str(error)) from error

    def _csv(self, name: str, start: float, end: float) -> Iterator[bytes]:
        stretches = self._stretches(name, start, end)
        first = stretches[0].recording.info
        # Another sensor's columns would be other columns.
        return csv_lines([one for one in stretches if one.recording.info.same_signal(first)])

    def _table(self, name: str, by: str) -> str:
        rows = label_rows(self._nights, self._labels, name, by)
        with tempfile.TemporaryDirectory(prefix="crampwatch-") as folder:
            path = Path(folder) / "labels.tsv"
            write_rows(path, rows, extra=EXTRA)
            return path.read_text("utf-8")


def label_rows(nights: Nights, labels: Labels, name: str, by: str) -> list[dict[str, Value]]:
    """Return what people said of a night, of its longest recording, for `detector.event_files.write_rows`.

    Args:
        nights: The recordings.
        labels: What people said.
        name: The night.
        by: Whose labels; empty for everybody's.

    Raises:
        UnknownNightError: there is no such night.
        NightLogError: the log cannot be read.
    """
    parts = nights.recorded(name)
    if not parts:
        return []
    part = longest(parts)
    found = nights.found(name)
    events = {message["id"]: message for own, message in found if own.recording_id == part.recording_id}
    return label_table(labels.of_night(name), events, part.start, part.end - part.start, by)


def _stem(name: str, start: float) -> str:
    return f"{name}_{datetime.fromtimestamp(start).astimezone():%H%M%S}"
