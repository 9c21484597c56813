"""Many nights in one process, in two, and on a Dask cluster of two workers: how much faster, and the same bytes or not.

The nights are pieces of synthetic ones (1 kHz EMG, 3 x 100 Hz acceleration), made once and kept in build/bench/scale: a
few different ones, under as many names as are asked for. Each way is timed whole, as a person waits for it: the start
of the command, that of its workers, and the end. The cluster is up before, as one that is there already is. Of several
turns the least counts. Processor seconds (without those of the cluster's workers, which are not the command's) show on
a busy machine, too, what several processes cost more than one.

Run it: ``.venv/bin/python tests/benchmarks/bench_many_nights.py [--nights 200] [--minutes 60] [--turns 1] [--json]``.
It prints figures and judges nothing; only an idle machine with two cores tells the truth.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

FOLDER = Path("build/bench/scale")
# Different nights; the others are copies of them.
SEEDS = 8
WORKERS = 2
ONE, TWO, CLUSTER = "1 process", "2 processes", "2 Dask workers"

Figures = dict[str, float]


def crampwatch(*arguments: str) -> tuple[float, float]:
    """Run the command and return its wall and its processor seconds."""
    began_s = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "crampwatch", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"crampwatch {' '.join(arguments)}: ended with {process.returncode}")
    return time.perf_counter() - began_s, usage.ru_utime + usage.ru_stime


def nights(count: int, minutes: float) -> Path:
    """Return a folder of so many recordings, made where it is missing."""
    made = FOLDER / f"{minutes:g}min"
    made.mkdir(parents=True, exist_ok=True)
    seeds = min(SEEDS, count)
    for seed in range(1, seeds + 1):
        if not (made / f"seed-{seed}.edf").exists():
            part = made / f"part-{seed}.edf"
            crampwatch(
                *("simulate", "--hours", str(minutes / 60), "--kind", "enriched", "--seed", str(seed)),
                *("--out", str(part), "--force"),
            )
            part.replace(made / f"seed-{seed}.edf")
    cohort = made / f"cohort-{count}"
    shutil.rmtree(cohort, ignore_errors=True)
    for number in range(count):
        person = cohort / f"sub-{number + 1:03d}"
        person.mkdir(parents=True)
        # The same bytes under another name, and no disk for them.
        os.link(made / f"seed-{number % seeds + 1}.edf", person / "night.edf")
    return cohort


def events(out: Path) -> dict[str, bytes]:
    """Return what was written, by its way from the folder."""
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*_events.*"))
        if ".replay" not in path.parts
    }


def timed(cohort: Path, way: str, arguments: list[str], turns: int) -> tuple[Figures, dict[str, bytes]]:
    """Return the least seconds of a way, and what it wrote."""
    out = FOLDER / "out" / way.replace(" ", "-")
    took = []
    for _ in range(turns):
        shutil.rmtree(out, ignore_errors=True)
        took.append(crampwatch("replay", str(cohort), "--events-dir", str(out), "--json", *arguments))
    wall_s, cpu_s = min(took)
    return {"seconds": wall_s, "cpu_seconds": cpu_s}, events(out)


def measured(cohort: Path, turns: int) -> dict[str, Figures]:
    """Return the figures of each way."""
    from distributed import LocalCluster

    start: Any = LocalCluster
    ways = {ONE: timed(cohort, ONE, [], turns), TWO: timed(cohort, TWO, ["--jobs", str(WORKERS)], turns)}
    with start(
        n_workers=WORKERS, threads_per_worker=1, dashboard_address=None, silence_logs=logging.ERROR
    ) as cluster:
        ways[CLUSTER] = timed(cohort, CLUSTER, ["--scheduler", cluster.scheduler_address], turns)
    one, expected = ways[ONE]
    return {
        way: figures | {"ratio": one["seconds"] / figures["seconds"], "same_bytes": written == expected}
        for way, (figures, written) in ways.items()
    }


def main() -> None:
    """Make the nights, replay them in each way, and print times, ratios and whether the bytes are the same."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--nights", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--turns", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = measured(nights(asked.nights, asked.minutes), asked.turns)
    if asked.json:
        print(json.dumps({"nights": asked.nights, "minutes": asked.minutes, "ways": found}, indent=1))
        return
    print(f"{asked.nights} synthetic nights of {asked.minutes:g} min on {os.cpu_count()} cores")
    for way, figures in found.items():
        same = "same bytes" if figures["same_bytes"] else "OTHER BYTES"
        cpu = f"{figures['cpu_seconds']:6.1f} s of CPU"
        print(f"{way:15} {figures['seconds']:7.1f} s  {cpu}  {figures['ratio']:5.2f} x  {same}")


if __name__ == "__main__":
    main()
