"""Nothing leaves the machine: where the only way out is watched, the demo and its page send no packet there."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.offline.watched_demo import CANNOT, ELSEWHERE

PATIENCE_S = 240.0


@pytest.mark.slow
@pytest.mark.broker
@pytest.mark.browser
@pytest.mark.timeout(PATIENCE_S + 30.0)
def test_no_packet_of_a_demo_leaves_the_machine() -> None:
    watched = subprocess.run(
        [sys.executable, "-m", "tests.offline.watched_demo"],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    if watched.returncode == CANNOT:
        pytest.skip(f"this kernel gives no network of our own: {watched.stderr.strip()}")
    assert watched.returncode == 0, watched.stderr
    seen = json.loads(watched.stdout)
    assert seen["proof"] == len(ELSEWHERE), "the watch does not see what leaves"
    assert seen["cramp"]
    assert seen["packets"] == 0, seen["first"]
