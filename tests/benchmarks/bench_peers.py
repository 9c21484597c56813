"""From samples to events beside what others do with the same EMG: LibEMG, NeuroKit2, BioSPPy, and a bare band-pass.

Run it: ``.venv/bin/python tests/benchmarks/bench_peers.py``. It prints and draws ratios and judges nothing. They do not
do the same: each row says what was done. The others are fed one array, the detector its blocks, and it keeps no more
than a few. Peers get environments of their own under ``build/bench`` (about 2 GB, made once; one that pip cannot
install is said and left out). Times are the processor's, one thread, the least of several turns taken in alternation.
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
# Program to what pip is asked for; scipy is our own environment's.
PEERS = {
    "scipy": None,
    # It imports peakutils without asking for it.
    "biosppy": "biosppy==2.2.4 peakutils==1.3.5",
    "neurokit2": "neurokit2==0.2.13",
    "libemg": "libemg==2.0.3",
    "libemg-fine": "libemg==2.0.3",
}
LABELS = {
    "crampwatch": "crampwatch: samples to events",
    "scipy": "SciPy: one band-pass, nothing else",
    "biosppy": "BioSPPy: filter, onsets",
    "neurokit2": "NeuroKit2: filter, amplitude, activations",
    "libemg": "LibEMG: 7 features, 1 s every 0.25 s",
    "libemg-fine": "LibEMG: 7 features, 0.25 s every 0.05 s",
}
HOURS = 1.0
TURNS = 3
# A whole file is only being computed on: blocks big enough that calls cost nothing.
BLOCK_S = 1024.0
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MPLBACKEND": "agg",
    "PYTHONWARNINGS": "ignore",
}


def python_of(wanted: str | None) -> Path | None:
    """Return the interpreter that has a peer, made where absent; None where it cannot be made."""
    if wanted is None:
        return Path(sys.executable)
    folder = FOLDER / wanted.partition("=")[0]
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        venv.create(folder, with_pip=True)
        if subprocess.run(
            [str(python), "-m", "pip", "install", "--quiet", *wanted.split()], check=False
        ).returncode:
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


def theirs(python: Path, name: str, emg: Path, rate_hz: float) -> dict[str, object]:
    """Return what a peer took, and what it did."""
    command = [str(python), "tests/benchmarks/peer_program.py", name, str(emg), str(rate_hz)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | ONE_THREAD)
    answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return answer


def draw(ratios: dict[str, float], path: Path) -> None:
    """Draw how many times as long each takes."""
    from matplotlib.figure import Figure

    shown = dict(sorted(ratios.items(), key=lambda one: -one[1]))
    figure = Figure(figsize=(8, 0.5 * len(shown) + 1.2), layout="constrained")
    axes = figure.subplots()
    colors = ["tab:red" if name == "crampwatch" else "0.6" for name in shown]
    bars = axes.barh([LABELS[name] for name in shown], list(shown.values()), color=colors)
    axes.bar_label(bars, [f"{ratio:.3g} ×" for ratio in shown.values()], padding=4)
    axes.set_xscale("log")
    axes.set_xlim(right=5 * max(shown.values()))
    axes.set_xlabel("processor time, crampwatch = 1 (log scale)")
    figure.savefig(path, dpi=110)


def main() -> None:
    """Print and draw everything."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    night = simulate_night(HOURS, 1, scene="ordinary")
    items = list(night.items(BLOCK_S))
    counts = [item.emg_counts[:, 0] for item in items if isinstance(item, SampleBlock)]
    emg, rate_hz = FOLDER / "peers-hour.npy", night.info.emg_rate_hz
    np.save(emg, np.concatenate(counts) * night.info.emg_scales[0].gain)
    our_s: list[float] = []
    answers: dict[str, list[dict[str, object]]] = {}
    pythons = {name: python_of(wanted) for name, wanted in PEERS.items()}
    for _ in range(TURNS):
        our_s.append(ours(items))
        for name, python in pythons.items():
            if python is not None:
                answers.setdefault(name, []).append(theirs(python, name, emg, rate_hz))
    print(
        f"{HOURS:g} h at {rate_hz:g} Hz, EMG and acceleration, to events: {min(our_s):.3f} s of CPU ({TURNS} turns)"
    )
    ratios = {"crampwatch": 1.0}
    for name, wanted in PEERS.items():
        if name not in answers:
            print(f"{name}: not run: pip could not install {wanted}")
            continue
        best = min(answers[name], key=lambda answer: float(str(answer["seconds"])))
        ratios[name] = float(str(best["seconds"])) / min(our_s)
        print(
            f"{name}: {best['seconds']:.3f} s of CPU, {ratios[name]:.2f} times as long, "
            f"{best['peak_mb']:.0f} MB at most: {best['did']}"
        )
    draw(ratios, FOLDER / "peers.png")
    (FOLDER / "peers.json").write_text(
        json.dumps({"ratios": ratios, "crampwatch_s": min(our_s)}, indent=1) + "\n"
    )


if __name__ == "__main__":
    main()
