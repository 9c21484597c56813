"""The fuzzers: ``python -m tests.fuzz frames http --seconds 600``, or ``make fuzz TARGETS="frames http" SECONDS=600``.

It prints a table of all targets and ends with 1 if anything was found. ``--replay FILE`` tries one kept input again.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
import warnings
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz.line import COLUMNS, Line
from tests.fuzz.runs import run
from tests.fuzz.target import TARGETS, load
from tests.fuzz.trial import Trial, where

FOLDER = Path("build/fuzz")
_USAGE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz the targets that are asked for and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description="Fuzzes every door to the outside."
    )
    parser.add_argument("targets", nargs="*", help=f"of {', '.join(TARGETS)}; all if none")
    parser.add_argument("--seconds", type=float, default=60.0, help="for each target")
    parser.add_argument(
        "--replay", type=Path, help="try this one input at the target, and say what comes of it"
    )
    parser.add_argument("--json", action="store_true", help="a JSON object a target, as soon as it is known")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where inputs and findings are kept")
    asked = parser.parse_args(arguments)
    if unknown := [name for name in asked.targets if name not in TARGETS]:
        parser.error(f"expected targets of {', '.join(TARGETS)}, got {', '.join(unknown)}")
    if not 0 < asked.seconds < float("inf"):
        parser.error(f"--seconds: expected more than 0, got {asked.seconds:g}")
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    if asked.replay is not None:
        if len(asked.targets) != 1:
            parser.error("--replay: expected one target")
        return replay(asked.targets[0], asked.replay)
    if find_spec("atheris") is None:
        sys.stderr.write("fuzz: expected atheris, which is not installed; `make fuzz` brings it in\n")
        return _USAGE
    return fuzz(asked.targets or list(TARGETS), asked.seconds, asked.folder, as_json=asked.json)


def fuzz(names: Sequence[str], seconds: float, folder: Path, *, as_json: bool) -> int:
    """Fuzz one target after the other, telling each result."""
    lines = []
    if not as_json:
        sys.stdout.write(f"{COLUMNS}\n")
    for name in names:
        began_s = time.monotonic()
        figures, native = run(name, seconds, folder / name)
        line = Line(name, time.monotonic() - began_s, figures, native)
        lines.append(line)
        sys.stdout.write(f"{json.dumps(line.as_object()) if as_json else line.text}\n")
        sys.stdout.flush()
    if not as_json:
        for line in lines:
            sys.stdout.write(line.findings)
    return 0 if all(line.is_clean for line in lines) else 1


def replay(name: str, path: Path) -> int:
    """Try one input and say what came of it."""
    try:
        content = path.read_bytes()
    except OSError as error:
        sys.stderr.write(f"fuzz: {path}: cannot be read ({error.strerror})\n")
        return 1
    with (
        TemporaryDirectory() as scratch,
        Trial(load(name), Path(scratch) / "x", Path(scratch) / "kept") as trial,
    ):
        took_ms, raised = trial.once(content)
        took_ms = min([took_ms, *(trial.once(content)[0] for _ in range(2))])
    if raised is not None:
        sys.stdout.write(f"{name}: uncaught {where(raised)}\n")
        raise raised
    sys.stdout.write(
        f"{name}: {'refused' if trial.was_refused else 'taken'}, {took_ms:.1f} ms of the processor\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
