"""A process that fuzzes one target, guided by what its inputs reach: ``python -m tests.fuzz.guided TARGET …``.

It needs atheris, whose libFuzzer ends a process as it likes: what was found so far is written once a second.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import os
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.fuzz.target import Target, load
from tests.fuzz.trial import ROOMS, Trial

# Seconds after which libFuzzer ends a process that an input does not let go, and MB at which it is too large. The
# machine may be busy with something else: what an input costs is told by the processor.
_STUCK_S, _LARGEST_MB = 300, 4096
_WRITTEN_EVERY_S = 1.0
# This part of all inputs is spoilt by libFuzzer alone.
_PLAIN_SHARE = 0.4


def main(arguments: list[str]) -> None:
    """Fuzz until the time is over; does not return."""
    import atheris

    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.guided")
    parser.add_argument("target")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    asked = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    folder: Path = asked.folder
    scratch = TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None)
    # What is imported at the first use is imported by the seeds.
    with atheris.instrument_imports(include=list(ROOMS)):
        target = load(asked.target)
        trial = Trial(target, Path(scratch.name), folder / "findings")
    corpus = folder / "corpus"
    corpus.mkdir(exist_ok=True)
    for seed in target.seeds():
        (corpus / hashlib.sha1(seed, usedforsecurity=False).hexdigest()).write_bytes(seed)
    flags = (
        f"-artifact_prefix={folder}/findings/native-",
        f"-timeout={_STUCK_S}",
        f"-rss_limit_mb={_LARGEST_MB}",
    )
    atheris.Setup(
        [
            "fuzz",
            *flags,
            f"-max_len={target.longest}",
            "-verbosity=0",
            f"-report_slow_units={_STUCK_S}",
            "-detect_leaks=0",
            str(corpus),
        ],
        one_by_one(trial, folder / "figures.json", asked.seconds, scratch.cleanup),
        custom_mutator=mutator(target),
    )
    atheris.Fuzz()


def one_by_one(
    trial: Trial, report: Path, seconds: float, clean: Callable[[], None]
) -> Callable[[bytes], None]:
    """Return what takes the inputs, writes the figures down as it goes, and ends the process when time is over."""
    ends_s = time.monotonic() + seconds
    due_s = 0.0

    def take(content: bytes) -> None:
        nonlocal due_s
        trial(content)
        now_s = time.monotonic()
        if now_s >= due_s or now_s >= ends_s:
            due_s = now_s + _WRITTEN_EVERY_S
            beside = report.with_suffix(".new")
            beside.write_text(trial.grown().to_json(), "utf-8")
            beside.replace(report)
        if now_s >= ends_s:
            clean()
            # libFuzzer would go on.
            os._exit(0)

    return take


def mutator(target: Target) -> Callable[[bytes, int, int], bytes]:
    """Return what makes the next input of another: libFuzzer's own, or one that knows how it is built."""
    import atheris

    def spoil(content: bytes, longest: int, seed: int) -> bytes:
        chance = Random(seed)
        if chance.random() < _PLAIN_SHARE:
            # Looked up now: it is another one before libFuzzer runs.
            spoilt: bytes = atheris.Mutate(content, longest)
            return spoilt
        return target.reshape(content, chance)[:longest]

    return spoil


if __name__ == "__main__":
    main(sys.argv[1:])
