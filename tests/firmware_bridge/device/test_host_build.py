"""The firmware's portable core, built for this machine under the address and undefined-behaviour sanitizers."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.firmware_bridge.device.firmware_build import DEVICE

pytestmark = pytest.mark.firmware

PROGRAMS = sorted(path.stem for path in (DEVICE / "host_tests").glob("*_test.cpp"))
# Each sequence is some 25 bytes; a seed takes a second.
FUZZ_SEQUENCES = 60_000


def run(*command: str | Path) -> str:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


def test_there_are_tests() -> None:
    assert len(PROGRAMS) >= 5


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_core_keeps_its_promises(program: str, host_programs: Path) -> None:
    run(host_programs / program, DEVICE / "golden_frames.txt")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_byte_sequence_from_the_host_does_harm(seed: int, host_programs: Path) -> None:
    tried = run(host_programs / "fuzz_commands", str(seed), str(FUZZ_SEQUENCES))
    said = re.fullmatch(
        r"(\d+) sequences, \d+ bytes: (\d+) acknowledged, of which (\d+) refused; (\d+) cues, (\d+) settings, .*\n",
        tried,
    )
    assert said, tried
    sequences, acknowledged, refused, cues, settings = map(int, said.groups())
    assert sequences == FUZZ_SEQUENCES
    # It got through to everything that a host can say.
    assert min(acknowledged, refused, cues, settings) > 500
