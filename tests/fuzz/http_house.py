"""A household for the fuzzer of the pages: a night, an alarm, an account, and both ways in."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from starlette.applications import Starlette

from dashboard import lab_pages, passwords, standing_pages
from dashboard.access import Access
from dashboard.access_store import AccessStore
from dashboard.answers import Answers
from dashboard.app import all_doors, build
from dashboard.exposed import build_exposed
from dashboard.invitations import Invitations
from dashboard.live import Live
from dashboard.night_log import NightLog
from dashboard.nights import Nights
from dashboard.texts import texts_in
from firmware_bridge.clock import Clock
from tests.dashboard.addresses import PORT
from tests.dashboard.events import alarm, event, heartbeat, levels, receipt, state
from tests.dashboard.recorded import START

NAME, EXPOSED_PORT = "crampwatch.local", 8461
# scrypt's cost for the fuzzer's accounts: what a password costs on purpose is not what is looked for.
_CHEAP = 2
# How often a socket is told something; seconds.
_TICK_S = 0.005


class House:
    """Both ways to the pages, with a night and an alarm in them."""

    def __init__(self, folder: Path, recorded: Path) -> None:
        _hurried()
        shutil.copytree(recorded, folder)
        self.log = NightLog(folder / "log.sqlite")
        live = Live(Clock(1.000001, origin_wall=START))
        live.tell_alarm(alarm())
        live.tell_receipt(receipt())
        sensor = live.sensor("left-calf")
        sensor.online, sensor.state, sensor.heartbeat = True, state(), (heartbeat(), live.clock.mono_s())
        live.tell_levels(sensor, levels())
        self.log.add([event(1), event(2, "rec.2", onset_index=25_000)], [alarm()], [receipt()])
        nights = Nights(folder / "nights", folder / "overviews", self.log)
        doors = all_doors(live, self.log, nights, Answers(live, lambda _publication: True))
        self.here = build(doors, lambda: PORT)
        self._access = _accounts(folder)
        self._token = ""
        self.elsewhere = build_exposed(doors, self._access, texts_in(), [NAME], lambda: EXPOSED_PORT)

    @property
    def token(self) -> bytes:
        """What somebody who is logged in shows; anew where a request has logged them out."""
        if self._access.visitor_of(self._token) is None:
            self._token = self._access.log_in("sleeper", "correct horse", "127.0.0.9")
        return self._token.encode()

    def app(self, headers: Sequence[tuple[bytes, bytes]]) -> Starlette:
        """Return who answers to a host."""
        return self.elsewhere if dict(headers).get(b"host", b"").startswith(NAME.encode()) else self.here

    def close(self) -> None:
        """Let go of the files."""
        self.log.close()


def _hurried() -> None:
    """Let nothing wait, and nothing cost what it costs on purpose."""
    passwords._COST = _CHEAP
    standing_pages.TICK_S = lab_pages._TICK_S = _TICK_S


def _accounts(folder: Path) -> Access:
    store = AccessStore(folder / "accounts.sqlite")
    store.add("sleeper", "sleeper", passwords.kept_form("correct horse"), now=datetime.now(UTC))
    return Access(store, Invitations(folder / "invitations.sqlite"), texts_in())
