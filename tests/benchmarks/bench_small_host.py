"""A live session and a replay on a part of one core, as on a small computer: what it takes, what is late, what is lost.

Each share of a core is a limit that the kernel keeps (a control group with a quota of processor time, version 1 or 2);
the whole of this memory stays. The demo runs in it at life's pace, board, broker and pages included, and a subscriber
listens from outside; then a synthetic night of 8 h is replayed. A core of this machine is not one of a Raspberry Pi:
multiply by what yours is slower.

Run it as root: ``.venv/bin/python -m tests.benchmarks.bench_small_host [PERCENT …]``. It prints and judges nothing.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from paho.mqtt.client import MQTTMessage

from crampwatch.supervisor import START_S
from detector.broker_address import parse_broker_url
from firmware_bridge.recordings import open_recording
from firmware_bridge.samples import Gap
from tests.benchmarks.bench_replay import FOLDER, crampwatch
from tests.benchmarks.page_figures import _answers, rss_mb
from tests.crampwatch.running import command, free_port
from tests.detector.mqtt_world import Ear, until

PERCENT = ("100", "50", "25", "10")
PERIOD_US = 100_000
GROUPS = Path("/sys/fs/cgroup")
# From the first answer of the page on, and longer where the demo's first cramp has not come by then.
WATCHED_S = 60.0
# How long what was started may take to end on a small part of a core.
ENDS_S = 60.0
NIGHT_H = "8"


@contextmanager
def limited(percent: float) -> Iterator[Path]:
    """Make a control group with so much of one core; yield its folder. It ends empty."""
    is_first_version = (GROUPS / "cpu").is_dir()
    group = (GROUPS / "cpu" if is_first_version else GROUPS) / f"crampwatch-{os.getpid()}"
    group.mkdir()
    quota = round(PERIOD_US * percent / 100.0)
    try:
        if is_first_version:
            (group / "cpu.cfs_quota_us").write_text(str(quota))
        else:
            (group / "cpu.max").write_text(f"{quota} {PERIOD_US}")
        yield group
    finally:
        until(lambda: not (group / "cgroup.procs").read_text().split(), patience_s=ENDS_S)
        group.rmdir()


def start(group: Path, *arguments: object) -> subprocess.Popen[bytes]:
    """Start the command in the group, and with it all that it starts."""
    words = ("sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', str(group), *command(*arguments))
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def ticks(group: Path) -> float:
    """Return the processor seconds of all that is in the group now."""
    total = 0
    for process in (group / "cgroup.procs").read_text().split():
        told = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        total += int(told[11]) + int(told[12])
    return total / os.sysconf("SC_CLK_TCK")


def live(group: Path, folder: Path) -> Mapping[str, float]:
    """Return what a demo takes, how late its cramp is, and what it lost."""
    port, began_s = free_port(), time.monotonic()
    demo = start(group, "demo", "--no-browser", "--port", port, "--folder", folder)
    try:
        assert until(lambda: _answers(port), patience_s=START_S)
        figures = {"page_s": time.monotonic() - began_s}
        before, before_s = ticks(group), time.monotonic()
        late_s = cramps_late_s(folder)
        used, watched_s = ticks(group) - before, time.monotonic() - before_s
        memory = sum(rss_mb(int(process)) for process in (group / "cgroup.procs").read_text().split())
        figures |= {"core_percent": 100.0 * used / watched_s, "memory_mb": memory}
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait()
    items = [item for path in folder.glob("demo/*/nights/*/*.edf") for item in open_recording(path).items()]
    return figures | {
        "cramps": len(late_s),
        "late_s": max(late_s, default=float("nan")),
        "gaps": sum(isinstance(item, Gap) for item in items),
    }


def cramps_late_s(folder: Path) -> list[float]:
    """Return how long after its decision (of the sensor's time) each cramp was with a subscriber of the broker."""
    (session,) = folder.glob("demo/*/run/session.json")
    broker = parse_broker_url(json.loads(session.read_text())["broker"])
    late_s: dict[str, float] = {}

    def hear(_client: object, _userdata: object, message: MQTTMessage) -> None:
        event = json.loads(message.payload)
        if event.get("alert") == "cramp" and event["id"] not in late_s:
            decided = datetime.fromisoformat(event["decided_at"])
            late_s[event["id"]] = (datetime.now(UTC) - decided).total_seconds()

    with Ear(broker, "crampwatch/1/+/event") as ear:
        ear.client.on_message = hear
        time.sleep(WATCHED_S)
        until(lambda: late_s, patience_s=START_S)
    return list(late_s.values())


def replayed_s(group: Path, out: Path) -> float:
    """Return how long the replay of the night takes."""
    began_s = time.monotonic()
    start(group, "replay", night(), "--events-dir", out, "--json").wait()
    return time.monotonic() - began_s


def night() -> Path:
    """Return the recording of a night, made where it is missing."""
    path = FOLDER / f"night-{NIGHT_H}h.edf"
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        crampwatch("simulate", "--hours", NIGHT_H, "--seed", "1", "--out", str(path))
    return path


def main(percents: Sequence[str]) -> None:
    """Measure each share of a core, and print a table."""
    night()
    print(
        "% of a core | page after s | used, % of a core | memory MB | cramps | late s | gaps | 8 h replayed, s"
    )
    for percent in percents:
        with tempfile.TemporaryDirectory() as folder, limited(float(percent)) as group:
            now = live(group, Path(folder))
            night_s = replayed_s(group, Path(folder) / "events")
            print(
                f"{percent:>11} | {now['page_s']:12.1f} | {now['core_percent']:17.1f} | {now['memory_mb']:9.0f} | "
                f"{now['cramps']:6.0f} | {now['late_s']:6.2f} | {now['gaps']:4.0f} | {night_s:15.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main(sys.argv[1:] or PERCENT)
