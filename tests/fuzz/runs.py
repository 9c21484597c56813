"""The processes that fuzz a target, one after another until its time is over, and their figures together."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import Progress

from tests.fuzz.target import load
from tests.fuzz.trial import HANG_MS, Figures, Trial

# How long a process may take beyond its time: its seeds, and the last input.
_PATIENCE_S = 120.0
_LOOK_S = 0.5
# A process that ends sooner than this would end at once for ever.
_LEAST_S = 2.0
# The quickest of so many tries is what an input costs; the others are what the machine does besides.
_TRIES = 3


def run(name: str, seconds: float, folder: Path) -> tuple[Figures, tuple[str, ...]]:
    """Fuzz a target for so long; return the figures, and the inputs that ended a process."""
    shutil.rmtree(folder / "findings", ignore_errors=True)
    (folder / "findings").mkdir(parents=True)
    figures = Figures()
    console = Console(stderr=True)
    ends_s = time.monotonic() + seconds
    with Progress(console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(name, total=seconds)
        while (left_s := ends_s - time.monotonic()) > _LEAST_S or not figures.executions:
            report = folder / "figures.json"
            report.unlink(missing_ok=True)
            code = _process(
                name, max(left_s, _LEAST_S), folder, lambda s: bar.update(task, completed=seconds - s)
            )
            if not report.exists() or (code > 0 and not any((folder / "findings").glob("native-*"))):
                log = (folder / "log.txt").read_text(encoding="utf-8", errors="replace")
                raise RuntimeError(f"fuzz {name}: ended with {code} and without a finding:\n{log[-3000:]}")
            figures.add(Figures.from_json(report.read_text("utf-8")))
    _measure_again(name, figures)
    return figures, tuple(str(path) for path in sorted((folder / "findings").glob("native-*")))


def _process(name: str, seconds: float, folder: Path, tell: Callable[[float], None]) -> int:
    command = [
        sys.executable,
        "-m",
        "tests.fuzz.guided",
        name,
        "--folder",
        str(folder),
        "--seconds",
        f"{seconds:.1f}",
    ]
    # One thread, so that the processor's time is the input's.
    alone = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "ARROW_NUM_THREADS"), "1")
    with (folder / "log.txt").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **alone})
        ends_s = time.monotonic() + seconds
        try:
            while process.poll() is None and time.monotonic() < ends_s + _PATIENCE_S:
                time.sleep(_LOOK_S)
                tell(max(0.0, ends_s - time.monotonic()))
        finally:
            if process.poll() is None:
                process.kill()
            code = process.wait()
    return code


def _measure_again(name: str, figures: Figures) -> None:
    """Leave of the slow inputs those that are slow by themselves: neither instrumented nor beside something else."""
    if not figures.slow:
        return
    with (
        TemporaryDirectory() as scratch,
        Trial(load(name), Path(scratch) / "x", Path(scratch) / "kept") as trial,
    ):
        slow = {}
        for path in figures.slow:
            content = Path(path).read_bytes()
            took_ms = min(trial.once(content)[0] for _ in range(_TRIES))
            if took_ms > HANG_MS:
                slow[path] = round(took_ms, 1)
            else:
                Path(path).unlink()
    figures.slow = slow
