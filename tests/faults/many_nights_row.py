"""Row H6: four hundred nights in the log and on the disk."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from urllib.request import urlopen

from dashboard.night_log import NightLog
from firmware_bridge.recorder import NightRecorder
from tests.dashboard.browsing import served
from tests.dashboard.events import event
from tests.detector.mqtt_world import BEGAN
from tests.detector.signals import Scene, sensor
from tests.detector.test_monitor import NOBODY
from tests.faults.row import Outcome, row

# RELIABILITY H6; of a page its processor's seconds, which other programs' work does not lengthen.
START_S, PAGE_S, INTEGRITY_S = 10.0, 2.0, 600.0
EVENTS_A_NIGHT = 100
# What the pages are asked for: the list, the newest night; and, without a promise, the trends of all nights.
TRENDS = "/trends"
PAGES = ("/nights", "/nights/{night}", "/api/nights/{night}", TRENDS)


@row(
    "H6",
    "many nights in the night log, a recording each",
    "starts <= 10 s, a page of nights <= 2 s of a processor, integrity checked <= 10 min",
    pr=20,
    nightly=400,
)
def many_nights(repetitions: int) -> Outcome:
    """Make so many short nights of as many events as long ones, and look at them."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        newest = made(folder, repetitions)
        began_s = time.monotonic()
        with served(folder, NOBODY) as address:
            start_s = time.monotonic() - began_s
            took_s = {page: answered(address + page.format(night=newest)) for page in PAGES}
        began_s = time.monotonic()
        with closing(sqlite3.connect(folder / "log.sqlite")) as connection:
            (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
        check_s = time.monotonic() - began_s
        size_mb = (folder / "log.sqlite").stat().st_size / 1e6
    slowest_s = max(used_s for page, (_, used_s) in took_s.items() if page != TRENDS)
    return Outcome(
        lost=int(verdict != "ok"),
        wrong=0,
        passed=verdict == "ok" and start_s <= START_S and slowest_s <= PAGE_S and check_s <= INTEGRITY_S,
        figures=f"{repetitions} nights, {repetitions * EVENTS_A_NIGHT} events, log of {size_mb:.0f} MB: started in "
        f"{start_s:.2f} s, integrity {verdict} in {check_s:.2f} s; "
        + ", ".join(
            f"{page} {used_s:.2f} s, answered in {at_s:.2f} s" for page, (at_s, used_s) in took_s.items()
        ),
        worst_delay_s=max(at_s for page, (at_s, _) in took_s.items() if page != TRENDS),
    )


def answered(address: str) -> tuple[float, float]:
    """Return how long an answer of this process takes, and how much of a processor, s."""
    began_s, used_s = time.monotonic(), time.process_time()
    with urlopen(address) as said:
        said.read()
    return time.monotonic() - began_s, time.process_time() - used_s


def made(folder: Path, nights: int) -> str:
    """Make the nights; return the name of the newest."""
    block = Scene(10.0, info=sensor(250.0, 25.0)).block()
    name = ""
    with closing(NightLog(folder / "log.sqlite")) as log:
        for number in range(nights):
            when = BEGAN + timedelta(days=number)
            name = f"{when:%Y-%m-%d}_left-calf"
            (folder / "nights" / name).mkdir(parents=True)
            recording = f"left-calf-{when:%Y%m%dT%H%M%S}"
            path = folder / "nights" / name / "signal.edf"
            with NightRecorder(path, block.info, recording_id=recording, start=when) as recorder:
                recorder.write(block)
            log.add(
                event(number * EVENTS_A_NIGHT + place + 1, f"{recording}.{place}")
                | {
                    "recording_id": recording,
                    "onset_at": (when + timedelta(minutes=place)).isoformat(timespec="milliseconds"),
                }
                for place in range(EVENTS_A_NIGHT)
            )
    return name
