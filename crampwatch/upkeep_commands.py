"""Subcommands that keep an installation well: doctor, backup, restore, recover, retention, erase."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crampwatch.options import AsJson, Folder, SettingsFile

if TYPE_CHECKING:
    from crampwatch.upkeep.erase import Erasure
    from crampwatch.upkeep.home import Home

_MEGABYTE = 1_000_000
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]


def doctor(settings: SettingsFile = None, folder: Folder = None, json: AsJson = False) -> None:
    """Say what is wrong now, and what to do: files, rights, disk, databases, processes, broker, clock, ports."""
    from crampwatch.upkeep.doctor import examine

    raise typer.Exit(examine(settings, folder, as_json=json))


def backup(
    destination: Annotated[Path, typer.Argument(metavar="DEST", help="A new folder, on another disk.")],
    raw: Annotated[bool, typer.Option("--raw", help="Take the recordings, too.")] = False,
    settings: SettingsFile = None,
    folder: Folder = None,
) -> None:
    """Copy everything that cannot be made again; a session may run meanwhile."""
    from crampwatch.settings import default_settings_file
    from crampwatch.upkeep.backup import back_up

    file = settings or default_settings_file()
    manifest = back_up(_home(settings, folder), file, destination, with_raw=raw)
    size = sum(one.bytes for one in manifest.files.values())
    typer.echo(
        f"{destination}: {len(manifest.files)} files, {size / _MEGABYTE:.1f} MB, every one with its SHA-256"
    )
    if not raw:
        typer.echo("- recordings are not in it; --raw takes them")
    typer.echo("- a PostgreSQL night log is not in it: use pg_dump")


def restore(
    source: Annotated[Path, typer.Argument(metavar="SRC", help="A folder that `backup` made.")],
    settings: SettingsFile = None,
    folder: Folder = None,
    force: Annotated[bool, typer.Option("--force", help="Move what is there aside first.")] = False,
) -> None:
    """Put a backup in place, once every file of it was found to be as it was written."""
    from crampwatch.settings import default_settings_file
    from crampwatch.upkeep.restore import restore as put_in_place

    home = _home(settings, folder)
    before = put_in_place(source, home, settings or default_settings_file(), force=force)
    typer.echo(f"{home.folder}: restored from {source}")
    if before is not None:
        typer.echo(f"- what was there lies in {before}; `crampwatch doctor` tells whether all is well")


def recover(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Recordings that were cut off.")],
) -> None:
    """Mend recordings that were cut off: valid to the last whole second, the file as it was kept beside."""
    from crampwatch.upkeep.recover import recover as mend

    for file in files:
        done = mend(file)
        if done.kept is None:
            typer.echo(f"{file}: {done.seconds:g} s, nothing to mend")
        else:
            typer.echo(
                f"{file}: {done.seconds:g} s; its header said {done.claimed} records, {done.records} are there; "
                f"{done.cut_bytes} bytes cut off; as it was: {done.kept}"
            )


def retention(settings: SettingsFile = None, folder: Folder = None, dry_run: DryRun = False) -> None:
    """Remove recordings that the settings no longer keep, as every session does by itself; events stay."""
    from crampwatch.settings import load_settings
    from crampwatch.upkeep.errors import UpkeepError
    from crampwatch.upkeep.home import Home
    from crampwatch.upkeep.retention import Rule, due, remove

    loaded = load_settings(settings)
    home = Home(folder or loaded.data_folder())
    rule = Rule(loaded.storage.nights_kept, loaded.storage.quota_bytes)
    removals = due(home, rule)
    for removal in removals:
        typer.echo(f"{removal.night.name}  {removal.bytes / _MEGABYTE:.1f} MB  {removal.reason}")
    failed = 0 if dry_run else remove(home, removals)
    what = "would go" if dry_run else "gone"
    typer.echo(f"{len(removals) - failed} nights {what}; a file named `keep` in a night's folder keeps it")
    if failed:
        raise UpkeepError(f"{failed} nights could not be removed: look who owns {home.nights}")


def erase(
    night: Annotated[
        str | None, typer.Argument(metavar="[NIGHT]", help="A night's name, such as 2026-11-21_left-calf.")
    ] = None,
    everything: Annotated[bool, typer.Option("--everything", help="All nights, and all else.")] = False,
    settings: SettingsFile = None,
    folder: Folder = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Erase one night or everything, so that nothing of it is left on this disk. It cannot be undone."""
    from crampwatch.upkeep import erase as erasing

    if (night is None) is not everything:
        raise typer.BadParameter("say which night, or --everything")
    home = _home(settings, folder)
    plan = erasing.plan_of_everything(home) if night is None else erasing.plan_of_night(home, night)
    _tell(plan)
    if dry_run:
        return
    if not yes:
        typer.confirm("Erase it for ever?", abort=True)
    done = erasing.erase_everything(home) if night is None else erasing.erase_night(home, night)
    typer.echo(f"erased: {len(done.files)} files and folders" + (f", {done.rows} rows" if done.rows else ""))


def _tell(plan: "Erasure") -> None:
    for path in plan.files:
        typer.echo(f"  {path}")
    if plan.rows is not None:
        typer.echo(f"  {plan.rows} rows of databases")
    typer.echo("Not touched:")
    for kept in plan.kept:
        typer.echo(f"- {kept}")


def _home(settings: Path | None, folder: Path | None) -> "Home":
    from crampwatch.settings import load_settings
    from crampwatch.upkeep.home import Home

    return Home(folder or load_settings(settings).data_folder())
