"""Writes a model bundle: the parameters and the card, JSON with sorted keys, the same bytes for the same numbers."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from detector.additive import AdditiveScore, Calibration, Curve
from detector.bundle import CARD, PARAMETERS
from detector.classifier import CLASSES
from detector.trust import Trust


class TrainingError(ValueError):
    """A model cannot be made or kept; the text says why and what to do."""


def parameters_bytes(scores: Mapping[int, AdditiveScore], trust: Trust) -> bytes:
    """Return the content of ``parameters.json``."""
    events: dict[str, dict[str, object]] = {}
    for (sense, verdict), curve in trust.curves.items():
        events.setdefault(sense, {})[verdict] = _calibration(curve)
    by_class = {CLASSES[index]: _score(score) for index, score in scores.items()}
    return json_bytes({"scores": by_class, "events": events})


def json_bytes(content: object) -> bytes:
    """Return JSON as it is kept in a bundle; NaN has no place in it."""
    return (
        json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"
    ).encode()


def sha256(content: bytes) -> str:
    """Return the hash that identifies some bytes."""
    return hashlib.sha256(content).hexdigest()


def bundle_bytes(
    scores: Mapping[int, AdditiveScore], trust: Trust, card: Mapping[str, object]
) -> Mapping[str, bytes]:
    """Return the content of the bundle's files by their names."""
    parameters = parameters_bytes(scores, trust)
    return {
        PARAMETERS: parameters,
        CARD: json_bytes({**card, "parameters_sha256": sha256(parameters)}),
    }


def write_bundle(
    folder: Path,
    scores: Mapping[int, AdditiveScore],
    trust: Trust,
    card: Mapping[str, object],
    *,
    force: bool,
) -> None:
    """Write a bundle.

    Args:
        folder: Is made if need be.
        scores: By index of the class.
        trust: How often its verdicts on events were true.
        card: What the card says besides the hash of the parameters.
        force: Replace a bundle that is there.

    Raises:
        TrainingError: there is one already, or it cannot be written.
    """
    if (folder / CARD).exists() and not force:
        raise TrainingError(
            f"{folder}: holds a bundle already; choose another folder, or --force to replace it"
        )
    target = folder
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name, content in bundle_bytes(scores, trust, card).items():
            target = folder / name
            target.write_bytes(content)
    except OSError as error:
        raise TrainingError(
            f"{target}: cannot be written ({error.strerror}); choose another folder"
        ) from error


def _score(score: AdditiveScore) -> dict[str, object]:
    return {
        "intercept": score.intercept,
        "curves": [_curve(curve) for curve in score.curves],
        "calibration": _calibration(score.calibration),
    }


def _calibration(curve: Calibration) -> dict[str, object]:
    return {"scores": curve.scores.tolist(), "probabilities": curve.probabilities.tolist()}


def _curve(curve: Curve) -> dict[str, object]:
    return {
        "feature": curve.feature,
        "edges": curve.edges.tolist(),
        "values": curve.values.tolist(),
        "unknown": curve.unknown,
    }
