"""Writes a model bundle: the parameters and the card, JSON with sorted keys, the same bytes for the same numbers."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from detector.additive import AdditiveScore, Curve
from detector.bundle import CARD, PARAMETERS
from detector.classifier import CLASSES


class TrainingError(ValueError):
    """A model cannot be made or kept; the text says why and what to do."""


def parameters_bytes(scores: Mapping[int, AdditiveScore]) -> bytes:
    """Return the content of ``parameters.json``."""
    return json_bytes({"scores": {CLASSES[index]: _score(score) for index, score in scores.items()}})


def json_bytes(content: object) -> bytes:
    """Return JSON as it is kept in a bundle; NaN has no place in it."""
    return (
        json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"
    ).encode()


def sha256(content: bytes) -> str:
    """Return the hash that identifies some bytes."""
    return hashlib.sha256(content).hexdigest()


def bundle_bytes(scores: Mapping[int, AdditiveScore], card: Mapping[str, object]) -> Mapping[str, bytes]:
    """Return the content of the bundle's files by their names."""
    parameters = parameters_bytes(scores)
    return {
        PARAMETERS: parameters,
        CARD: json_bytes({**card, "parameters_sha256": sha256(parameters)}),
    }


def write_bundle(
    folder: Path, scores: Mapping[int, AdditiveScore], card: Mapping[str, object], *, force: bool
) -> None:
    """Write a bundle.

    Args:
        folder: Is made if need be.
        scores: By index of the class.
        card: What the card says besides the hash of the parameters.
        force: Replace a bundle that is there.

    Raises:
        TrainingError: there is one already, or it cannot be written.
    """
    if (folder / CARD).exists() and not force:
        raise TrainingError(
            f"{folder}: holds a bundle already; choose another folder, or --force to replace it"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in bundle_bytes(scores, card).items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise TrainingError(
            f"{folder}: cannot be written ({error.strerror}); choose another folder"
        ) from error


def _score(score: AdditiveScore) -> dict[str, object]:
    return {
        "intercept": score.intercept,
        "curves": [_curve(curve) for curve in score.curves],
        "calibration": {
            "scores": score.calibration.scores.tolist(),
            "probabilities": score.calibration.probabilities.tolist(),
        },
    }


def _curve(curve: Curve) -> dict[str, object]:
    return {
        "feature": curve.feature,
        "edges": curve.edges.tolist(),
        "values": curve.values.tolist(),
        "unknown": curve.unknown,
    }
