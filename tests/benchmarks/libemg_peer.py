"""What LibEMG takes for a filter, windows and features of one EMG; `bench_libemg.py` runs it in its own environment.

Usage: ``python libemg_peer.py EMG.npy RATE_HZ WINDOW_S STEP_S``; the file holds µV, float64. The last line printed
is JSON: the processor's seconds and the number of windows.
"""

import json
import sys
import time

import numpy as np
from libemg.feature_extractor import FeatureExtractor
from libemg.filtering import Filter
from libemg.utils import get_windows

FEATURES = ["MAV", "RMS", "WL", "ZC", "SSC", "MNF", "MDF"]


def main() -> None:
    """Print what it took."""
    emg_uv = np.load(sys.argv[1])[:, None]
    rate_hz, window_s, step_s = (float(argument) for argument in sys.argv[2:5])
    before_s = time.process_time()
    band_pass = Filter(rate_hz)
    band_pass.install_filters({"name": "bandpass", "cutoff": [20, 450], "order": 4})
    windows = get_windows(band_pass.filter(emg_uv), int(window_s * rate_hz), int(step_s * rate_hz))
    FeatureExtractor().extract_features(FEATURES, windows)
    print(json.dumps({"seconds": time.process_time() - before_s, "windows": len(windows)}))


if __name__ == "__main__":
    main()
