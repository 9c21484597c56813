"""The dashboard's process: night log and pages, until told to stop."""

import logging
import threading
from collections.abc import Callable, Sequence

from dashboard.answers import Answers
from dashboard.app import all_doors, build
from dashboard.database import Database
from dashboard.doors import Door
from dashboard.elsewhere import NotExposedError
from dashboard.ingest import Ingest
from dashboard.listeners import Service, listen, run
from dashboard.live import Live
from dashboard.next_steps import Callers
from dashboard.night_log import NightLog
from dashboard.nights import Nights
from dashboard.settings import DashboardError, DashboardSettings
from dashboard.texts import texts_in
from dashboard.viewing import Viewing
from detector.alerter.caregivers import FILE_NAME
from firmware_bridge.clock import Clock

_log = logging.getLogger(__name__)


def serve(
    settings: DashboardSettings, stop: threading.Event, on_ready: Callable[[], None] = lambda: None
) -> None:
    """Keep the night log and serve the pages until ``stop`` is set.

    Raises:
        DashboardError: the port cannot be had.
        NightLogError: the database cannot be opened.
    """
    listener = listen(settings.host, settings.port)
    texts = texts_in(settings.language, settings.hours)
    live = Live(Clock.from_text(settings.clock) if settings.clock else Clock(), texts)
    log = NightLog(Database(settings.night_log_url or settings.database, settings.night_log_password))
    ingest = Ingest(settings.broker, log, live, settings.pages_broker)
    live.trouble, live.is_logging = lambda: ingest.trouble, lambda: ingest.is_logging
    live.policy = Callers(settings.database.parent / FILE_NAME).policy
    if log.quarantined is not None:
        live.notes.append(live.texts("put_aside", name=log.quarantined.name))
    nights = Nights(settings.nights, settings.overviews, log, texts)
    nights.tidy()
    viewing = Viewing(settings.pages_broker or settings.broker, live.clock)
    doors = all_doors(live, log, nights, Answers(live, ingest.publish), viewing)
    port = listener.getsockname()[1]
    services = [Service(build(doors, lambda: port), listener), *_elsewhere(settings, live, doors)]
    ingest.start()
    try:
        run(services, live, stop, on_ready)
    finally:
        ingest.close()
        log.close()


def _elsewhere(settings: DashboardSettings, live: Live, doors: Sequence[Door]) -> list[Service]:
    """Return the pages for whoever comes from beyond this machine; without, the reason is on the pages."""
    asked = settings.elsewhere
    if asked is None:
        return []
    try:
        asked.check()
        listener = listen(asked.host, asked.port)
    except (NotExposedError, DashboardError) as error:
        # Whoever is at this machine must not lose the pages by it.
        _log.warning("pages from elsewhere: %s", error)
        live.notes.append(live.texts("not_exposed", why=error))
        return []
    return [Service(asked.app(doors, live.texts), listener, (asked.certificate, asked.key))]
