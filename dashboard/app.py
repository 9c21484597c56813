"""The application: every page's doors, behind one guard."""

from collections.abc import Callable, Iterable
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from dashboard.answers import Answers
from dashboard.app_pages import AppPages
from dashboard.doors import Door
from dashboard.guard import Guard
from dashboard.household_doors import household_doors
from dashboard.lab_pages import LabPages
from dashboard.lab_recordings import LabRecordings
from dashboard.lab_shelf import Shelf
from dashboard.live import Live
from dashboard.night_doors import night_doors
from dashboard.night_log import NightLog
from dashboard.nights import Nights
from dashboard.openapi import ApiPages
from dashboard.standing_pages import StandingPages
from dashboard.viewing import Viewing

_STATIC = Path(__file__).parent / "static"


def all_doors(
    live: Live, log: NightLog, nights: Nights, answers: Answers | None = None, viewing: Viewing | None = None
) -> list[Door]:
    """Return every door of the pages.

    Args:
        live: What is known now.
        log: The night log.
        nights: The recordings.
        answers: Passes on what people answer; without, nobody is there to take it.
        viewing: Shows samples as they come; without, none are shown.
    """
    doors = [
        *StandingPages(live, log, answers or Answers(live, lambda _publication: False)).doors(),
        *AppPages(live.texts).doors(),
        *night_doors(nights, log, live.texts),
        *LabPages(live, viewing).doors(),
        *LabRecordings(Shelf(nights.kept_in.parent / "lab"), nights, live.texts).doors(),
        *household_doors(nights, log, live),
    ]
    return [*doors, *ApiPages(doors).doors()]


def build(doors: Iterable[Door], port: Callable[[], int]) -> Starlette:
    """Return the application; ``port`` tells which port it is served on, once that is known."""
    routes = [door.route for door in doors]
    routes.append(Mount("/static", StaticFiles(directory=_STATIC)))
    return Starlette(routes=routes, middleware=[Middleware(Guard, port=port)])
