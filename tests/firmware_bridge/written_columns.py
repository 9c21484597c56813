"""Small files of columns for tests of what opens them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt


def npz(
    tmp_path: Path, labels: list[str], units: list[str], x: npt.NDArray[np.float64], name: str = "night.npz"
) -> Path:
    path = tmp_path / name
    np.savez(path, fs=1000.0, labels=np.array(labels), units=np.array(units), x=x)
    return path


def noise(samples: int = 5_000, scale: float = 10.0, seed: int = 1) -> npt.NDArray[np.float64]:
    return np.random.default_rng(seed).normal(0, scale, samples)
