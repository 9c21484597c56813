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
) -> None:
    """Prepare a broker of your own: `crampwatch setup --mosquitto`."""
    from crampwatch.mosquitto_setup import set_up
    from crampwatch.settings import load_settings

    if not mosquitto:
        raise typer.BadParameter("say what to set up: --mosquitto")
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


def missing_outside(home: Path) -> list[str]:
    """Return what nobody inside this house can make up for: here, that a power cut is silent for a phone."""
    from detector.alerter.caregivers import FILE_NAME, CaregiversError, load_household
    from detector.alerter.dead_man import WITHOUT_ONE

    try:
        has_watchdog = bool(load_household(home / FILE_NAME).watchdog_url)
    except CaregiversError as error:
        return [str(error)]
    return [] if has_watchdog else [f"{WITHOUT_ONE}: set watchdog in {home / FILE_NAME}"]
