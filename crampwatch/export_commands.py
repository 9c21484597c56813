"""Subcommands that give what the night log holds to other programs."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from crampwatch.options import Folder, Force, SettingsFile

export = typer.Typer(help="Give what the night log holds to other programs.", no_args_is_help=True)


@export.callback(invoke_without_command=True)
def export_night(
    context: typer.Context,
    share: Annotated[
        bool, typer.Option("--share", help="Make a copy of a night, cleaned of its owner, to give away.")
    ] = False,
    night: Annotated[
        str | None, typer.Option("--night", help="Date of its evening, or its name (default: the newest).")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder to write; it must not be there yet.")
    ] = None,
    licence: Annotated[
        str,
        typer.Option("--licence", metavar="SPDX", help="CC0-1.0, CC-BY-4.0, CC-BY-SA-4.0 or CC-BY-NC-4.0."),
    ] = "",
    consent: Annotated[
        str | None,
        typer.Option(
            "--consent", help='The wearer\'s words, "I wore it and I share it", instead of the question.'
        ),
    ] = None,
    zipped: Annotated[bool, typer.Option("--zip", help="Make a ZIP file of it as well.")] = False,
    synthetic: Annotated[
        bool, typer.Option("--synthetic", help="A simulator made it; the card says so.")
    ] = False,
    settings: SettingsFile = None,
    folder: Folder = None,
) -> None:
    """Give nights, and what the night log holds, to other programs and people."""
    if context.invoked_subcommand is not None:
        return
    if not (share and out and licence):
        raise typer.BadParameter("expected a subcommand, or --share with --out and --licence")
    from crampwatch.settings import load_settings
    from crampwatch.share import ShareRequest
    from crampwatch.share import share as share_night
    from crampwatch.share_night import recordings_of

    loaded = load_settings(settings)
    home = folder or loaded.data_folder()
    recordings = recordings_of(loaded, home, night)
    share_night(ShareRequest(recordings, home, out, licence, consent, zipped, synthetic))


@export.command("labels")
def export_labels(
    night: Annotated[
        str | None,
        typer.Argument(metavar="NIGHT", help="Date of its evening, or its name; the newest if left out."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write (default: NIGHT_labels.tsv here).")
    ] = None,
    by: Annotated[
        str, typer.Option("--by", help="One person's labels; of all people the last word counts.")
    ] = "",
    force: Force = False,
    settings: SettingsFile = None,
    folder: Folder = None,
) -> None:
    """Write what people said of a night as an event table, as `calibrate --labels` and `score` read it."""
    from crampwatch.kept_nights import kept_nights
    from crampwatch.report import chosen_night
    from crampwatch.settings import load_settings
    from dashboard.export_pages import label_rows
    from dashboard.label_table import EXTRA
    from dashboard.labels import Labels
    from detector.event_files import EventFileError, write_rows

    loaded = load_settings(settings)
    home = folder or loaded.data_folder()
    with kept_nights(loaded, home) as (nights, log, _):
        name = chosen_night(night, nights.names(), home)
        rows = label_rows(nights, Labels(log.database), name, by)
    file = out or Path(f"{name}_labels.tsv")
    try:
        write_rows(file, rows, extra=EXTRA, force=force)
    except OSError as error:
        raise EventFileError(
            f"{file}: cannot be written ({error.strerror}); choose another place with --out"
        ) from error
    sys.stdout.write(f"{file}: {len(rows)} labels\n")


@export.command("all")
def export_all(
    destination: Annotated[Path, typer.Argument(metavar="DEST", help="A new folder.")],
    settings: SettingsFile = None,
    folder: Folder = None,
) -> None:
    """Write everything that is kept about a person, in open formats: EDF, TSV, JSON lines, TOML."""
    from crampwatch.pages_plan import pages_plan
    from crampwatch.settings import default_settings_file, load_settings
    from crampwatch.upkeep.everything import export_everything
    from crampwatch.upkeep.home import Home

    loaded = load_settings(settings)
    home, pages = Home(folder or loaded.data_folder()), pages_plan(loaded)
    file = settings or default_settings_file()
    log = pages.night_log_url or home.night_log
    written = export_everything(home, file, destination, log, pages.night_log_password)
    sys.stdout.write(f"{destination}: {written} rows and files; README.txt says what is what\n")
