"""Bundles that are worse than the shipped one, made of it."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from detector.bundle import CARD, PARAMETERS, shipped_bundle


def without_weights(folder: Path) -> Path:
    """Write the shipped bundle with every curve at zero and no probability above a tenth."""
    shutil.copytree(shipped_bundle(), folder)
    numbers: dict[str, Any] = json.loads((folder / PARAMETERS).read_text("utf-8"))
    for score in numbers["scores"].values():
        for curve in score["curves"]:
            curve["values"] = [0.0 for _ in curve["values"]]
        score["calibration"] = {"scores": [0.0], "probabilities": [0.1]}
    return _sealed(folder, numbers)


def without_clonic(folder: Path) -> Path:
    """Write the shipped bundle with everything said to be tonic."""
    shutil.copytree(shipped_bundle(), folder)
    numbers: dict[str, Any] = json.loads((folder / PARAMETERS).read_text("utf-8"))
    for name, chance in (("clonic", 0.0), ("tonic", 1.0)):
        numbers["scores"][name]["calibration"] = {"scores": [0.0], "probabilities": [chance]}
    return _sealed(folder, numbers)


def _sealed(folder: Path, numbers: dict[str, Any]) -> Path:
    content = json.dumps(numbers).encode()
    card = json.loads((folder / CARD).read_text("utf-8"))
    card["parameters_sha256"] = hashlib.sha256(content).hexdigest()
    (folder / PARAMETERS).write_bytes(content)
    (folder / CARD).write_text(json.dumps(card), "utf-8")
    return folder
