"""Asks whether any locked package has a known weakness: ``python build_hooks/audit.py PIP_AUDIT LOCK…``.

pip-audit itself ends with 0 where it could look nothing up, since it passes over what the service does not know. Here
that is an exit code of its own: 0 nothing is known, 1 something is, 3 not all could be asked about.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

NOTHING_KNOWN, KNOWN, USAGE, NOT_ASKED = 0, 1, 2, 3
# The service is asked about one package after another, s for each.
_ANSWER_S = 15
_SHOWN = 5


class Answer(NamedTuple):
    """What came of asking about the packages of one lock.

    Attributes:
        asked: How many the service knew.
        known: A line for each known weakness.
        unasked: Why there is no answer, for each package or for all of them.
    """

    asked: int = 0
    known: tuple[str, ...] = ()
    unasked: tuple[str, ...] = ()


def ask(program: str, lock: Path) -> Answer:
    """Return what pip-audit says about a lock; it asks about what the lock names, and installs nothing."""
    command = [program, "--requirement", str(lock), "--require-hashes", "--disable-pip", "--format", "json"]
    outcome = subprocess.run(
        [*command, "--progress-spinner", "off", "--timeout", str(_ANSWER_S)],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        packages = json.loads(outcome.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        words = outcome.stderr.strip().splitlines() or [
            f"pip-audit ended with {outcome.returncode}, and no word"
        ]
        return Answer(unasked=(words[-1],))
    return _read(packages)


def _read(packages: Sequence[dict[str, Any]]) -> Answer:
    unasked = tuple(one["skip_reason"] for one in packages if "skip_reason" in one)
    known = tuple(
        f"{one['name']} {one['version']}: {found['id']}, mended in {', '.join(found['fix_versions']) or 'no version'}"
        for one in packages
        for found in one.get("vulns", ())
    )
    return Answer(len(packages) - len(unasked), known, unasked)


def main(arguments: Sequence[str]) -> int:
    """Ask about each lock; return the exit code."""
    program, *locks = arguments or [""]
    if not locks:
        _say("usage: python build_hooks/audit.py PIP_AUDIT LOCK…")
        return USAGE
    answers = {lock: ask(program, Path(lock)) for lock in locks}
    for lock, answer in answers.items():
        _say(f"{lock}: {len(answer.known)} known weaknesses in {answer.asked} packages")
        _say(*answer.known)
        if answer.unasked:
            _say(
                f"{lock}: NOT AUDITED, {len(answer.unasked)} without an answer, such as:",
                *answer.unasked[:_SHOWN],
            )
    if any(answer.known for answer in answers.values()):
        return KNOWN
    return (
        NOT_ASKED if any(answer.unasked or not answer.asked for answer in answers.values()) else NOTHING_KNOWN
    )


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"audit: {line}\n" for line in lines))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
