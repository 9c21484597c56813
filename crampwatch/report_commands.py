"""The subcommand for the morning: a report of a night."""

from pathlib import Path
from typing import Annotated

import typer

from crampwatch.options import Folder, SettingsFile


def report(
    night: Annotated[
        str | None,
        typer.Argument(metavar="NIGHT", help="Date of its evening, or its name; the newest if left out."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write (default: report-NIGHT.html here).")
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", help="Folder for nights.csv, cramps.csv and diary.csv of all nights."),
    ] = None,
    settings: SettingsFile = None,
    folder: Folder = None,
) -> None:
    """Write the morning report of a night: one page that opens offline and prints to A4, for you and for a doctor."""
    from crampwatch.report import write_report
    from crampwatch.settings import load_settings

    write_report(night, load_settings(settings), folder, out, csv)
