"""What a synthetic night costs, beside white noise through one band-pass of the same length.

Run it: ``.venv/bin/python tests/benchmarks/bench_synthesis.py [hours]``. It prints figures and judges nothing.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from scipy import signal

from models.synthesis import simulate_night

SECONDS_PER_HOUR, KIB_PER_MIB = 3600, 1024
RATE_HZ = 1000
# Length of a piece of noise: as much as fits a cache.
PIECE = 10_000


def spent(work: Callable[[], object]) -> float:
    """CPU seconds of this process."""
    before = time.process_time()
    work()
    return time.process_time() - before


def bare(hours: float) -> None:
    """White noise through a fourth-order band-pass, in pieces with carried state."""
    rng = np.random.default_rng(1)
    sos = signal.butter(4, [20.0, 450.0], "bandpass", fs=RATE_HZ, output="sos")
    state = np.zeros((len(sos), 2))
    for _ in range(round(hours * SECONDS_PER_HOUR * RATE_HZ / PIECE)):
        _, state = signal.sosfilt(sos, rng.standard_normal(PIECE), zi=state)


def play(scene: str, hours: float) -> None:
    """Stream a night and throw it away."""
    for _ in simulate_night(hours, 1, scene=scene).items():
        pass


def main() -> None:
    """Print the figures."""
    hours = float(sys.argv[1]) if len(sys.argv) > 1 else 8.0
    bare_s = spent(lambda: bare(hours))
    print(f"{hours:g} h of white noise, band-passed  {bare_s:6.2f} s")
    for scene in ("still", "ordinary", "adversarial", "enriched", "demo"):
        scene_s = spent(lambda scene=scene: play(scene, hours))  # type: ignore[misc]
        print(f"{hours:g} h, {scene:<28} {scene_s:6.2f} s {scene_s / bare_s:5.1f} x")
    first_s = spent(lambda: next(simulate_night(24.0, 1, scene="demo").items(0.1)))
    print(f"first block of a demo                {first_s:6.2f} s")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_MIB
    print(f"most memory                          {most:6.0f} MB")


if __name__ == "__main__":
    main()
