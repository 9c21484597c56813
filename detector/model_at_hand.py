"""The model that judges a night, or plain rules where it cannot be used: a damaged file must not end the watch."""

import logging
from pathlib import Path
from typing import NamedTuple

from detector.bundle import BundleError, load_model
from detector.classifier import Classifier, RuleClassifier

_log = logging.getLogger(__name__)


class ModelAtHand(NamedTuple):
    """What judges, and why it is not the model, for a person; empty where it is."""

    classifier: Classifier
    trouble: str = ""


def model_at_hand(folder: Path | None = None) -> ModelAtHand:
    """Return the model of a bundle, or the rules that it was measured against.

    Args:
        folder: Of the bundle; None for the one that comes with the program.
    """
    try:
        return ModelAtHand(load_model(folder))
    except BundleError as error:
        _log.error("%s", error)
        rules = RuleClassifier()
        return ModelAtHand(
            rules, f"The model cannot be used; plain rules ({rules.name}) judge instead: {error}"
        )
