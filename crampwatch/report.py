"""``crampwatch report``: the morning report of a night, without the pages having to run.

ReportError    there is no such night, or the report cannot be written
"""

import sys
from pathlib import Path

from crampwatch.settings import Settings


class ReportError(Exception):
    """There is no such night, or the report cannot be written; the text says which, and what to do."""


def write_report(
    night: str | None, settings: Settings, folder: Path | None, out: Path | None, tables: Path | None
) -> None:
    """Write the report of a night, and the household's tables where they are asked for.

    Args:
        night: Its name, its date, or None for the newest.
        settings: Where everything lies, and in which words it is told.
        folder: Of the sessions, in place of the settings' own.
        out: The file; None for ``report-NIGHT.html`` here.
        tables: Folder for ``nights.csv``, ``cramps.csv`` and ``diary.csv``; None for none.

    Raises:
        ReportError: there is no such night, or something cannot be written.
        NightLogError: the night log cannot be read.
    """
    from crampwatch.kept_nights import kept_nights
    from dashboard.household import Household
    from dashboard.report_pages import Reports, write_tables
    from firmware_bridge.clock import Clock

    home = folder or settings.data_folder()
    with kept_nights(settings, home) as (nights, log, texts):
        name = chosen_night(night, nights.names(), home)
        reports = Reports(nights, log, Household(nights, log, Clock()), texts)
        file = out or Path(f"report-{name}.html")
        try:
            file.write_text(reports.html(name), encoding="utf-8")
            written = [file, *(write_tables(reports.tables(), tables) if tables else [])]
        except OSError as error:
            raise ReportError(
                f"report: cannot be written ({error}); choose another place with --out"
            ) from error
    for path in written:
        sys.stdout.write(f"{path}\n")


def chosen_night(night: str | None, names: list[str], home: Path) -> str:
    """Return the name of the night that somebody means: by name, by date, or the newest.

    Raises:
        ReportError: there is none, or more than one.
    """
    if not names:
        raise ReportError(
            f"night: expected nights in {home / 'nights'}, got none; record one with `crampwatch run`"
        )
    if night is None:
        return names[0]
    found = [name for name in names if name == night or name.startswith(f"{night}_")]
    if len(found) == 1:
        return found[0]
    what = f"got {len(found)} of them" if found else f"got {night!r}"
    raise ReportError(f"night: expected one of {', '.join((found or names)[:8])}, {what}")
