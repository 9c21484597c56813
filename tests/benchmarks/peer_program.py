"""What another library takes for the same EMG; `bench_peers.py` runs it in that library's own environment.

Usage: ``python peer_program.py NAME EMG.npy RATE_HZ``; the file holds µV, float64. The last line printed is JSON: the
processor's seconds, the peak memory in MB, and what was done.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

# Windows and steps, s: those common in LibEMG's examples, and the detector's own.
COMMON_S, OWN_S = (0.25, 0.05), (1.0, 0.25)
FEATURES = ["MAV", "RMS", "WL", "ZC", "SSC", "MNF", "MDF"]


def libemg(emg_uv: Any, rate_hz: float, window_s: float, step_s: float) -> str:
    """Band-pass, windows and seven features; no decision about anything."""
    from libemg.feature_extractor import FeatureExtractor
    from libemg.filtering import Filter
    from libemg.utils import get_windows

    band_pass = Filter(rate_hz)
    band_pass.install_filters({"name": "bandpass", "cutoff": [20, 450], "order": 4})
    windows = get_windows(band_pass.filter(emg_uv[:, None]), int(window_s * rate_hz), int(step_s * rate_hz))
    FeatureExtractor().extract_features(FEATURES, windows)
    return f"filter, {len(FEATURES)} features of {len(windows)} windows of {window_s:g} s every {step_s:g} s"


def neurokit2(emg_uv: Any, rate_hz: float) -> str:
    """Clean, amplitude, and where the muscle is active."""
    import neurokit2 as nk

    _, found = nk.emg_process(emg_uv, sampling_rate=int(rate_hz))
    return f"emg_process: filter, amplitude, {len(found['EMG_Onsets'])} activations"


def biosppy(emg_uv: Any, rate_hz: float) -> str:
    """Filter, and where the muscle begins to be active."""
    from biosppy.signals import emg

    found = emg.emg(signal=emg_uv, sampling_rate=rate_hz, show=False)
    return f"emg: filter, {len(found['onsets'])} onsets"


def scipy_filter(emg_uv: Any, rate_hz: float) -> str:
    """The band-pass alone: what nobody can do without."""
    from scipy.signal import butter, sosfilt

    sosfilt(butter(4, (20, 450), "bandpass", fs=rate_hz, output="sos"), emg_uv)
    return "a band-pass of order 4, nothing else"


PEERS: Mapping[str, Callable[[Any, float], str]] = {
    "scipy": scipy_filter,
    "biosppy": biosppy,
    "neurokit2": neurokit2,
    "libemg": lambda emg_uv, rate_hz: libemg(emg_uv, rate_hz, *OWN_S),
    "libemg-fine": lambda emg_uv, rate_hz: libemg(emg_uv, rate_hz, *COMMON_S),
}


def peak_mb() -> float:
    """Return the most memory that this process has had (Linux). What `getrusage` says begins with its parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) * 1024 / 1e6


def main() -> None:
    """Print what it took: once to be warm on the first minute, then the whole."""
    name, path, rate = sys.argv[1:4]
    emg_uv, rate_hz = np.load(path), float(rate)
    PEERS[name](emg_uv[: int(60 * rate_hz)], rate_hz)
    before_s = time.process_time()
    did = PEERS[name](emg_uv, rate_hz)
    seconds = time.process_time() - before_s
    print(json.dumps({"seconds": seconds, "peak_mb": peak_mb(), "did": did}))


if __name__ == "__main__":
    main()
