"""Subcommands that prepare a computer: what is done once, by whoever sets the system up."""

from pathlib import Path
from typing import Annotated

import typer


def setup(
    mosquitto: Annotated[
        bool,
        typer.Option(
            "--mosquitto",
            help="Write configuration, logins for every role, access list and TLS for a mosquitto.",
        ),
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for it (default: mosquitto in the data folder).")
    ] = None,
    host: Annotated[
        str, typer.Option("--host", help="Name or address by which others reach this computer.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="TCP port of the broker.")] = 8883,
    no_tls: Annotated[
        bool, typer.Option("--no-tls", help="Do not encrypt; only for this computer's own address.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace what lies in the folder, logins included.")
    ] = False,
    service: Annotated[
        bool,
        typer.Option("--service", help="Start at boot on a Debian or Raspberry Pi, as a user of its own."),
    ] = False,
    arm_at: Annotated[
        str, typer.Option("--arm-at", metavar="22:30", help="When watching begins by itself, for --service.")
    ] = "",
    undo: Annotated[
        bool, typer.Option("--undo", help="Take the --service away; nights and settings stay.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="For --service: print all that would be done, and do nothing.")
    ] = False,
) -> None:
    """Prepare a broker of your own (`--mosquitto`), or a service that starts at boot (`--service`)."""
    from crampwatch.mosquitto_setup import set_up
    from crampwatch.settings import load_settings

    if mosquitto is service:
        raise typer.BadParameter("say what to set up: --mosquitto or --service")
    if service:
        set_up_service(arm_at, undo=undo, dry_run=dry_run)
        return
    folder = (out or load_settings(None).data_folder() / "mosquitto").resolve()
    written = set_up(
        folder,
        host=host,
        port=port,
        tls=not no_tls,
        force=force,
        say=lambda text: typer.echo(f"  {text}", err=True),
    )
    typer.echo(f"Written to {written.folder}, for you alone. Start it with\n\n  {written.command}\n")
    typer.echo(f'and write into the settings\n\n  [broker]\n  credentials = "{written.folder}/credentials"\n')
    home = load_settings(None).data_folder()
    for note in (*written.notes, *missing_outside(home)):
        typer.echo(f"- {note}")


def set_up_service(arm_at: str, *, undo: bool, dry_run: bool) -> None:
    """Make this computer start the session at boot, or no longer."""
    from crampwatch.upkeep.service import (
        check_root,
        shown,
        steps_to_set_up,
        steps_to_undo,
        take,
        this_program,
    )
    from crampwatch.upkeep.service_files import HOME, Host

    host = Host(this_program())
    steps = steps_to_undo(host) if undo else steps_to_set_up(host, arm_at=arm_at)
    if dry_run:
        for line in shown(steps):
            typer.echo(line)
        return
    check_root()
    take(steps, typer.echo)
    if undo:
        typer.echo(f"- nights and settings stay in {HOME}: `crampwatch erase --everything --folder {HOME}`")
    else:
        typer.echo("- what it says: journalctl --namespace=crampwatch -u crampwatch")
        typer.echo(
            f"- pair the sensor: sudo -u crampwatch XDG_CONFIG_HOME={HOME}/configuration crampwatch pair"
        )


def missing_outside(home: Path) -> list[str]:
    """Return what nobody inside this house can make up for: here, that a power cut is silent for a phone."""
    from detector.alerter.caregivers import FILE_NAME, CaregiversError, load_household
    from detector.alerter.dead_man import WITHOUT_ONE

    try:
        has_watchdog = bool(load_household(home / FILE_NAME).watchdog_url)
    except CaregiversError as error:
        return [str(error)]
    return [] if has_watchdog else [f"{WITHOUT_ONE}: set watchdog in {home / FILE_NAME}"]
