"""The nights of a data folder, and the night log that tells of them, opened for a command: no page has to run."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from crampwatch.pages_plan import pages_plan
from crampwatch.settings import Settings
from dashboard.database import Database
from dashboard.night_log import NightLog
from dashboard.nights import Nights
from dashboard.texts import Texts, texts_in


class KeptNights(NamedTuple):
    """What is kept, and in which words this household reads of it."""

    nights: Nights
    log: NightLog
    texts: Texts


@contextmanager
def kept_nights(settings: Settings, home: Path) -> Iterator[KeptNights]:
    """Open them for as long as they are needed: the log that the settings name, or else the file in the folder.

    Raises:
        SettingsError: the pages' language is none, or the file of the log's password cannot be used.
        NightLogError: the log cannot be read.
    """
    plan = pages_plan(settings)
    log = NightLog(Database(plan.night_log_url or home / "night_log.sqlite", plan.night_log_password))
    texts = texts_in(plan.language, plan.hours)
    try:
        yield KeptNights(Nights(home / "nights", home / "overviews", log, texts), log, texts)
    finally:
        log.close()
