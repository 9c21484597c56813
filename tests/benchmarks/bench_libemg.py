"""From samples to events beside LibEMG's filter, windows and seven features of the same EMG, as a ratio.

Run it: ``.venv/bin/python tests/benchmarks/bench_libemg.py``. It prints figures and judges nothing.
LibEMG pins an older numpy, so it gets an environment of its own under ``build/bench`` (about 1 GB, made once
by pip; without an index that has it, the benchmark says so and ends). Both run on the same hour; the times are
the processor's, the least of several turns taken in alternation.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import venv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from detector.pipeline import Pipeline  # noqa: E402 - found by the line above
from detector.settings import DetectorSettings  # noqa: E402
from firmware_bridge.samples import SampleBlock, StreamItem  # noqa: E402
from models.synthesis import simulate_night  # noqa: E402

FOLDER = Path("build/bench")
PEER = "libemg==2.0.3"
HOURS = 1.0
TURNS = 3
# Windows and steps in seconds: the detector's own, and those common in LibEMG's examples.
SCHEMES = ((1.0, 0.25), (0.25, 0.05))
# A whole file is only being computed on: blocks big enough that calls cost nothing.
BLOCK_S = 1024.0


def peer_python() -> Path | None:
    """Return the interpreter of LibEMG's environment, made where absent; None where it cannot be made."""
    folder = FOLDER / "libemg"
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        venv.create(folder, with_pip=True)
        command = [str(python), "-m", "pip", "install", "--quiet", PEER]
        if subprocess.run(command, check=False).returncode:
            return None
        (folder / "ready").touch()
    return python


def ours(items: Sequence[StreamItem]) -> float:
    """Return the processor's seconds from samples to events."""
    info = next(item.info for item in items if isinstance(item, SampleBlock))
    before_s = time.process_time()
    pipeline = Pipeline(info, DetectorSettings(levels=False), recording_id="bench")
    for item in items:
        pipeline.feed(item)
    pipeline.finish()
    return time.process_time() - before_s


def theirs(python: Path, emg: Path, rate_hz: float, scheme: tuple[float, float]) -> tuple[float, int]:
    """Return the processor's seconds for filter, windows and features, and how many windows there were."""
    command = [str(python), "tests/benchmarks/libemg_peer.py", str(emg), *map(str, (rate_hz, *scheme))]
    # One thread, as the detector.
    one_thread = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    output = subprocess.run(command, check=True, capture_output=True, text=True, env=one_thread).stdout
    answer = json.loads(output.splitlines()[-1])
    return answer["seconds"], answer["windows"]


def main() -> None:
    """Print everything."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    python = peer_python()
    if python is None:
        print(f"not run: pip could not install {PEER}")
        return
    night = simulate_night(HOURS, 1, scene="ordinary")
    items = list(night.items(BLOCK_S))
    blocks = [item for item in items if isinstance(item, SampleBlock)]
    emg = FOLDER / "libemg-hour.npy"
    np.save(emg, np.concatenate([block.emg_counts[:, 0] for block in blocks]) * night.info.emg_scales[0].gain)
    rate_hz = night.info.emg_rate_hz
    our_s: list[float] = []
    peers: dict[tuple[float, float], list[tuple[float, int]]] = {scheme: [] for scheme in SCHEMES}
    for _ in range(TURNS):
        our_s.append(ours(items))
        for scheme in SCHEMES:
            peers[scheme].append(theirs(python, emg, rate_hz, scheme))
    print(f"{HOURS:g} h at {rate_hz:g} Hz to events: {min(our_s):.3f} s of CPU ({TURNS} turns)")
    for (window_s, step_s), turns in peers.items():
        peer_s, windows = min(turns)
        print(
            f"{PEER}, {windows} windows of {window_s:g} s every {step_s:g} s: {peer_s:.2f} s of CPU, "
            f"{peer_s / min(our_s):.0f} times as long"
        )


if __name__ == "__main__":
    main()
