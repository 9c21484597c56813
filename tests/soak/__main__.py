"""Soaks a session: ``python -m tests.soak [--minutes 40] [--warm-up 10] [--rate 60] [--out FOLDER]``, or ``make soak``.

It prints and draws what grew and what was lost, and ends with 1 if something grew past its bound, or an event or a
change of an alarm was lost or shown twice.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sqlite3
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dashboard.night_log import NightLog
from tests.detector.mqtt_world import until
from tests.faults import ledger
from tests.soak.drawing import draw
from tests.soak.footprint import Footprint, Slope, footprint, wal_mb
from tests.soak.soaked_night import PATIENCE_S, SoakedNight, soaking

LOOK_EVERY_S = 2.0
# Between two looks the pages' browser gets its turn.
TURN_S = 0.1
# Bounds: what all our processes together may grow by, and descriptors and threads of each about their median.
MAX_RSS_SLOPE_MB_PER_H, MAX_DRIFT, MAX_WAL_MB = 2.0, 2, 64.0
# Those that are ours and are meant to live on; the board is pulled by killing it, the broker is another's program.
OURS = ("monitor", "alerter", "dashboard")
EVERYTHING = 10_000_000


@dataclass
class Readings:
    """What was read over the soak, after the warm-up."""

    times_s: list[float] = field(default_factory=list)
    processes: dict[str, list[Footprint]] = field(default_factory=lambda: defaultdict(list))
    wals_mb: dict[str, list[float]] = field(default_factory=dict)
    heaps_mb: list[list[float]] = field(default_factory=list)

    def look(self, night: SoakedNight, now_s: float) -> None:
        """Read once."""
        read = {name: footprint(pid) for name, pid in night.pids().items()}
        if any(read.get(name) is None for name in OURS):
            return
        self.times_s.append(now_s)
        for name in OURS:
            reading = read[name]
            assert reading is not None
            self.processes[name].append(reading)
        sizes_mb = wal_mb(night.folder)
        for name in sizes_mb.keys() | self.wals_mb.keys():
            # A log that is not there yet, or for a moment, holds nothing.
            known = self.wals_mb.setdefault(name, [0.0] * (len(self.times_s) - 1))
            known.append(sizes_mb.get(name, 0.0))


def soak(minutes: float, warm_up: float, rate: float) -> tuple[dict[str, Any], Readings]:
    """Live through it and return the figures and the readings."""
    readings = Readings()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        with soaking(folder, rate) as night:
            _live(night, warm_up * 60, None)
            restarts = len(night.said)
            _live(night, minutes * 60, readings)
            last = ledger.last_said(night.outbox)
            until(lambda: _mark(folder) >= last, patience_s=PATIENCE_S)
            unplanned = [
                line for line in night.said if not line.lstrip().startswith(("board", "broker", "mosquitto"))
            ]
            disturbed = {"sensor_pulled": night.pulls, "broker_killed": night.broker_kills}
        figures = {
            "at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
            "minutes": minutes,
            "warm_up_minutes": warm_up,
            "rate": rate,
            "hours_of_night": round((minutes + warm_up) * rate / 60, 1),
            **disturbed,
            "restarts_during_warm_up": restarts,
            "unplanned_restarts": unplanned,
            **_growth(readings),
            **_lost(night, last),
        }
    return figures, readings


def _live(night: SoakedNight, for_s: float, readings: Readings | None) -> None:
    began_s = time.monotonic()
    look_s, heap_s = began_s, began_s
    while (now_s := time.monotonic()) < began_s + for_s:
        night.disturb()
        if readings is not None and now_s >= look_s:
            look_s = now_s + LOOK_EVERY_S
            readings.look(night, now_s - began_s)
        if readings is not None and now_s >= heap_s:
            heap_s = now_s + for_s / 12
            readings.heaps_mb.append(night.heaps_mb())
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{(now_s - began_s) / 60:.1f} of {for_s / 60:g} minutes ")
        # Playwright's pages live only while they are asked something.
        night.pages[0].wait_for_timeout(TURN_S * 1000)


def _mark(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "night_log.sqlite")) as connection:
        return int(connection.execute("SELECT coalesce(max(seq), 0) FROM mark").fetchone()[0])


def _growth(readings: Readings) -> dict[str, Any]:
    together = [
        sum(row) for row in zip(*([f.rss_mb for f in readings.processes[n]] for n in OURS), strict=True)
    ]
    slopes = {name: Slope.of(readings.times_s, [f.rss_mb for f in readings.processes[name]]) for name in OURS}
    return {
        "rss_mb_at_end": {name: round(readings.processes[name][-1].rss_mb, 1) for name in OURS},
        "rss_slope_mb_per_h": {name: asdict(slope) for name, slope in slopes.items()},
        "rss_slope_together": asdict(Slope.of(readings.times_s, together)),
        "descriptors": {name: _span([f.descriptors for f in readings.processes[name]]) for name in OURS},
        "threads": {name: _span([f.threads for f in readings.processes[name]]) for name in OURS},
        "wal_mb": {name: round(max(sizes), 1) for name, sizes in sorted(readings.wals_mb.items())},
        "page_heaps_mb": [[round(heap, 1) for heap in row] for row in readings.heaps_mb],
    }


def _span(counts: Sequence[int]) -> dict[str, int]:
    """Return the median at the beginning, that at the end, and the extremes."""
    tenth = max(1, len(counts) // 10)
    begin, end = (sorted(part)[len(part) // 2] for part in (counts[:tenth], counts[-tenth:]))
    return {"begin": begin, "end": end, "least": min(counts), "most": max(counts)}


def _lost(night: SoakedNight, last: int) -> dict[str, int]:
    emitted = ledger.said(night.outbox, last)
    log = NightLog(night.folder / "night_log.sqlite")
    events, changes = log.recent(EVERYTHING), log.alarms(EVERYTHING)
    log.close()
    return {
        "messages": last,
        "events": len({message["id"] for message in emitted["event"]}),
        "cramps": len({message["id"] for message in emitted["event"] if message["alert"] == "cramp"}),
        "events_lost": len(ledger.lost_events(emitted["event"], events)),
        "changes_lost": len(ledger.lost_changes(emitted["alarm"], changes)),
        "shown_twice": len(ledger.shown_twice(changes)),
    }


def wrong(figures: dict[str, Any]) -> list[str]:
    """Return what is past its bound, in words."""
    found = [
        f"{name}: {figures[name]}" for name in ("events_lost", "changes_lost", "shown_twice") if figures[name]
    ]
    if not figures["rss_slope_together"]["high"] < MAX_RSS_SLOPE_MB_PER_H:
        found.append(f"RSS slope, upper bound: {figures['rss_slope_together']['high']:.2f} MB/h")
    for what in ("descriptors", "threads"):
        for name, span in figures[what].items():
            if abs(span["end"] - span["begin"]) > MAX_DRIFT:
                found.append(f"{what} of {name}: {span['begin']} → {span['end']}")
    found += [f"{name}: {size} MB" for name, size in figures["wal_mb"].items() if size > MAX_WAL_MB]
    found += [f"unplanned: {line}" for line in figures["unplanned_restarts"]]
    if not figures["cramps"]:
        found.append("no cramp at all: nothing was shown")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures, draw them, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description="Soaks a session.")
    parser.add_argument("--minutes", type=float, default=40.0)
    parser.add_argument("--warm-up", type=float, default=10.0)
    parser.add_argument("--rate", type=float, default=60.0)
    parser.add_argument("--out", type=Path, default=Path("build/soak"))
    asked = parser.parse_args(arguments)
    figures, readings = soak(asked.minutes, asked.warm_up, asked.rate)
    found = wrong(figures)
    figures["wrong"] = found
    asked.out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(figures, indent=1)
    (asked.out / "soak.json").write_text(text + "\n", encoding="utf-8")
    draw(readings.times_s, readings.processes, readings.wals_mb, asked.out / "soak.png")
    sys.stdout.write(f"{text}\n{'FAIL: ' + '; '.join(found) if found else 'pass'}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
