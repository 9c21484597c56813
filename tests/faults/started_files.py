"""Every file that a process reads when it starts: how it comes about, and what is done with it then."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from crampwatch.broker_login import keep_logins
from crampwatch.last_good import settings_to_start
from crampwatch.settings import Settings
from crampwatch.settings_text import settings_text, write_settings
from dashboard.access_store import AccessStore
from dashboard.ingest import Ingest
from dashboard.live import Live
from dashboard.night_log import NightLog
from detector.alarms import store
from detector.alarms.schedule import Schedule
from detector.alarms.values import Moment
from detector.alerter.caregivers import FILE_NAME, CaregiversError, load_household
from detector.alerter.journal import Journal
from detector.bundle import shipped_bundle
from detector.features import FEATURES
from detector.model_at_hand import model_at_hand
from detector.outbox import Outbox
from detector.personal_fit import PersonalFit, PersonalFitError, fit_file, fit_text, fitted_settings
from detector.settings import DetectorSettings
from detector.sign_of_life import SignOfLife, host_boot_id, read_sign
from firmware_bridge.clock import Clock
from tests.dashboard.events import alarm, event
from tests.detector.alerter.world import write_household
from tests.detector.mqtt_world import BEGAN, TOPICS
from tests.detector.test_monitor import NOBODY

AT = Moment(1000.0, BEGAN)


@dataclass(frozen=True)
class Subject:
    """Files of one kind, and what is done with them at a start.

    Attributes:
        make: Makes them, with something in them, in an empty folder.
        start: Opens and uses them as the program does when it starts; whatever it raises has kept it from starting.
    """

    kind: str
    make: Callable[[Path], None]
    start: Callable[[Path], None]


def make_outbox(folder: Path) -> None:
    """Leave what a killed monitor leaves: some rows in the file, some still in its log."""
    with Outbox(folder / "box.sqlite") as outbox:
        engine = store.load(outbox, "left-calf", "guarded", AT, boot_id=host_boot_id(), schedule=Schedule())
        for number in range(30):
            with outbox.transaction() as transaction:
                transaction.append(TOPICS.event, {"n": number, "text": "x" * 200})
                store.write(transaction, engine, ())
        for file in list(folder.iterdir()):
            shutil.copy(file, folder / f"kept-{file.name}")
    for file in folder.glob("kept-*"):
        file.replace(folder / file.name.removeprefix("kept-"))


def start_outbox(folder: Path) -> None:
    with Outbox(folder / "box.sqlite") as outbox:
        engine = store.load(outbox, "left-calf", "guarded", AT, boot_id=host_boot_id(), schedule=Schedule())
        with outbox.transaction() as transaction:
            transaction.append(TOPICS.event, {"n": "new"})
            store.write(transaction, engine, ())
        assert outbox.pending(limit=1000)


def make_night_log(folder: Path) -> None:
    with closing(NightLog(folder / "night_log.sqlite")) as log:
        for number in range(20):
            log.add([event(number + 1, f"rec.{number}")], [alarm(f"left-calf.{number}")])
            if number == 12:
                log.database.close()


def start_night_log(folder: Path) -> None:
    with closing(NightLog(folder / "night_log.sqlite")) as log:
        log.add([event(1000, "rec.new")])
        assert any(message["id"] == "rec.new" for message in log.recent(1000))
        Ingest(NOBODY, log, Live(Clock())).remember()


def make_journal(folder: Path) -> None:
    journal = Journal(folder / "journal.sqlite", host_boot_id(), AT)
    for number in range(30):
        journal.remember(f"fact-{number}", "x" * 200)
    journal.close()


def start_journal(folder: Path) -> None:
    journal = Journal(folder / "journal.sqlite", host_boot_id(), AT)
    journal.remember("fact", "new")
    assert journal.recall("fact") == "new"
    journal.close()


def make_access(folder: Path) -> None:
    AccessStore(folder / "access.sqlite").add("anna", "caregiver", "a long password", now=BEGAN)


def start_access(folder: Path) -> None:
    accounts = AccessStore(folder / "access.sqlite")
    accounts.accounts()
    accounts.add(f"ben-{time.monotonic_ns()}", "caregiver", "a long password", now=BEGAN)


DATABASES = (
    Subject("outbox", make_outbox, start_outbox),
    Subject("night log", make_night_log, start_night_log),
    Subject("journal", make_journal, start_journal),
    Subject("accounts", make_access, start_access),
)


def make_settings(folder: Path) -> None:
    write_settings(settings_text(Settings()), folder / "settings.toml")
    # The first start keeps a copy of what has worked.
    start_settings(folder)


def start_settings(folder: Path) -> None:
    assert settings_to_start(folder / "settings.toml").settings == Settings()


def make_model(folder: Path) -> None:
    for file in shipped_bundle().iterdir():
        shutil.copy(file, folder / file.name)


def start_model(folder: Path) -> None:
    hand = model_at_hand(folder)
    probabilities = hand.classifier.probabilities(np.zeros((3, len(FEATURES))))
    assert np.isfinite(probabilities).all()


def make_sign(folder: Path) -> None:
    SignOfLife(folder / "left-calf.alive", Clock(), "b").beat(watching=True)


def start_sign(folder: Path) -> None:
    sign = folder / "left-calf.alive"
    read_sign(sign, 1.0)
    assert SignOfLife(sign, Clock(), "b2").beat(watching=True)
    assert read_sign(sign, Clock().mono_s()) is not None


def make_logins(folder: Path) -> None:
    keep_logins(folder / "login.toml", ("owner", "monitor"))


def start_logins(folder: Path) -> None:
    assert keep_logins(folder / "login.toml", ("owner", "monitor"))["owner"].password


def make_household(folder: Path) -> None:
    write_household(folder, {"Anna": ["json://127.0.0.1:9/anna"], "Ben": ["json://127.0.0.1:9/ben"]})


def start_household(folder: Path) -> None:
    """Read it as the alerter does, which tells what is wrong with it and goes on."""
    with suppress(CaregiversError):
        load_household(folder / FILE_NAME)


def make_fit(folder: Path) -> None:
    fit = PersonalFit(3.0, 200.0, 4.0, 12.0, 20.0)
    fit_file(folder, "left-calf").parent.mkdir()
    fit_file(folder, "left-calf").write_text(fit_text(fit))


def start_fit(folder: Path) -> None:
    """Read it as the monitor does, which tells what is wrong with it and takes the usual limits."""
    with suppress(PersonalFitError):
        fitted_settings(folder, "left-calf", DetectorSettings())


SETTINGS = (Subject("settings", make_settings, start_settings),)
MODELS = (Subject("model", make_model, start_model),)
STATES = (
    Subject("signs of life", make_sign, start_sign),
    Subject("logins", make_logins, start_logins),
    Subject("caregivers", make_household, start_household),
    Subject("personal limits", make_fit, start_fit),
)
