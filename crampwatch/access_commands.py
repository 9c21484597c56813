"""Subcommands that let others reach the pages: who has an account, and the certificate that keeps them private."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from crampwatch.options import Folder, SettingsFile

if TYPE_CHECKING:
    from dashboard.access_store import AccessStore

account = typer.Typer(help="Say who may see the pages from beyond this computer.", no_args_is_help=True)
tls = typer.Typer(help="Make what keeps the pages private on their way.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="NAME", help="What to call them.")]


@account.command("add")
def add_account(
    name: Name,
    role: Annotated[
        Literal["sleeper", "caregiver", "researcher"],
        typer.Option(
            "--role", help="A caregiver sees how things stand and answers; nights are for the other two."
        ),
    ],
    settings: SettingsFile = None,
    folder: Folder = None,
) -> None:
    """Make an account, or give one another role and password; the password is asked for, or read from a pipe."""
    from datetime import UTC, datetime

    from dashboard.passwords import kept_form

    password = (
        typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        if sys.stdin.isatty()
        else sys.stdin.readline().rstrip("\r\n")
    )
    _store(settings, folder).add(name, role, kept_form(password), now=datetime.now(UTC))
    typer.echo(f"{name} may come in as {role}.")


@account.command("list")
def list_accounts(settings: SettingsFile = None, folder: Folder = None) -> None:
    """List who has an account."""
    for one in _store(settings, folder).accounts():
        typer.echo(f"{one.name}\t{one.role}\tsince {one.made:%Y-%m-%d}")


@account.command("remove")
def remove_account(name: Name, settings: SettingsFile = None, folder: Folder = None) -> None:
    """Remove an account; whoever is logged in by it is out within seconds."""
    from dashboard.access_store import AccountError

    if not _store(settings, folder).remove(name):
        raise AccountError(f"name: expected one of `crampwatch account list`, got {name!r:.80}")
    typer.echo(f"{name} has no account any more.")


@tls.command("init")
def init_tls(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME...",
            help="What others write in the address line: this computer's name or address, the main one first.",
        ),
    ],
    settings: SettingsFile = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for it (default: tls in the data folder).")
    ] = None,
) -> None:
    """Make an authority of your own and a certificate for the pages; an authority that is there is used again."""
    from crampwatch.certificates import make_certificate
    from crampwatch.settings import load_settings

    made = make_certificate((out or load_settings(settings).data_folder() / "tls").resolve(), names)
    typer.echo(
        f'Write into the settings\n\n  [dashboard]\n  host = "0.0.0.0"\n  name = "{names[0]}"\n'
        f'  certificate = "{made.certificate}"\n  key = "{made.key}"\n'
    )
    typer.echo(f"- Install {made.authority} on each phone, by hand; it is no secret.")
    typer.echo(
        f"- Keep {made.authority.with_suffix('.key')} away from the network: whoever has it can pose as you."
    )


def _store(settings: Path | None, folder: Path | None) -> "AccessStore":
    from crampwatch.settings import load_settings, private_folder
    from dashboard.access_store import FILE_NAME, AccessStore

    return AccessStore(private_folder(folder or load_settings(settings).data_folder()) / FILE_NAME)
