"""The subcommand that invites a caregiver."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crampwatch.options import Folder, SettingsFile

if TYPE_CHECKING:
    from dashboard.invitations import Invitations

_DAYS = 7.0


def invite(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Whom; the page says it beside answers.")
    ] = None,
    valid: Annotated[
        float,
        typer.Option("--valid", min=0.01, max=90, metavar="DAYS", help="How long the link opens the page."),
    ] = _DAYS,
    page: Annotated[
        str,
        typer.Option(
            "--page", metavar="URL", help="The pages' address as phones reach it (default: by the settings)."
        ),
    ] = "",
    listing: Annotated[bool, typer.Option("--list", help="List who has been invited.")] = False,
    revoke: Annotated[
        str | None, typer.Option("--revoke", metavar="NAME", help="Take an invitation back, used or not.")
    ] = None,
    settings: SettingsFile = None,
    folder: Folder = None,
) -> None:
    """Invite a caregiver: prints a QR code whose link lets a phone open the page of care, once, for a while."""
    if [name is not None, listing, revoke is not None].count(True) != 1:
        raise typer.BadParameter("expected one of NAME, --list and --revoke NAME")
    if name is not None:
        _invite(name, valid, page, settings, folder)
    elif revoke is not None:
        _revoke(revoke, settings, folder)
    else:
        _list(settings, folder)


def _invite(name: str, valid_days: float, page: str, settings: Path | None, folder: Path | None) -> None:
    from datetime import UTC, datetime, timedelta

    from crampwatch.invite import checked_page, code_lines, link

    # Before anything is made: a link that opens nothing is none.
    address = checked_page(page or _own_page(settings, folder))
    valid, now = timedelta(days=valid_days), datetime.now(UTC)
    opened = link(address, _invitations(settings, folder).make(name, now=now, valid=valid))
    if not sys.stdout.isatty():
        typer.echo(opened)
        return
    for line in code_lines(opened):
        typer.echo(line)
    typer.echo(f"\n{opened}\n")
    typer.echo(f"For {name} alone, once, until {(now + valid).astimezone():%A %d %B, %H:%M}.")
    typer.echo("Whoever has the link first can come in by it: show it, or send it where nobody else reads.")


def _list(settings: Path | None, folder: Path | None) -> None:
    from datetime import UTC, datetime

    from crampwatch.invite import list_lines

    for line in list_lines(_invitations(settings, folder).listed(), datetime.now(UTC)):
        typer.echo(line)


def _revoke(name: str, settings: Path | None, folder: Path | None) -> None:
    from crampwatch.invite import InviteError

    if not _invitations(settings, folder).revoke(name):
        raise InviteError(f"--revoke: expected one of `crampwatch invite --list`, got {name!r:.80}")
    typer.echo(f"{name} is no longer invited; whoever came in by the link is out within seconds.")


def _own_page(settings: Path | None, folder: Path | None) -> str:
    """Return the pages' address by the settings, once it is seen that they would be served there."""
    from crampwatch.pages_plan import pages_plan
    from crampwatch.settings import load_settings

    said = load_settings(settings)
    elsewhere = pages_plan(said).elsewhere(folder or said.data_folder())
    if elsewhere is None:
        return f"http://127.0.0.1:{said.dashboard.port}"
    elsewhere.check()
    return f"https://{elsewhere.hosts[0]}:{elsewhere.port}"


def _invitations(settings: Path | None, folder: Path | None) -> "Invitations":
    from crampwatch.settings import load_settings, private_folder
    from dashboard.invitations import FILE_NAME, Invitations

    return Invitations(private_folder(folder or load_settings(settings).data_folder()) / FILE_NAME)
