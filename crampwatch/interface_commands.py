"""Subcommands for programs that speak with crampwatch: its interface, described."""

import json
import tempfile
from pathlib import Path

import typer


def openapi() -> None:
    """Print the pages' HTTP and WebSocket interface as an OpenAPI document."""
    from dashboard.access import Access
    from dashboard.access_store import AccessStore
    from dashboard.app import all_doors
    from dashboard.invitations import Invitations
    from dashboard.live import Live
    from dashboard.login_pages import LoginPages
    from dashboard.night_log import NightLog
    from dashboard.nights import Nights
    from dashboard.openapi import describe
    from dashboard.texts import texts_in
    from firmware_bridge.clock import Clock

    with tempfile.TemporaryDirectory(prefix="crampwatch-") as name:
        folder, texts = Path(name), texts_in()
        log = NightLog(folder / "log.sqlite")
        doors = all_doors(Live(Clock(), texts), log, Nights(folder / "nights", folder / "overviews", log))
        access = Access(AccessStore(folder / "accounts"), Invitations(folder / "invitations"), texts)
        typer.echo(json.dumps(describe([*doors, *LoginPages(access, texts).doors()]), indent=2))
        log.close()
