"""How far the verdict on an event can be trusted, learnt from how often such verdicts were true of synthetic people.

The moments of an event say how much it looks like a cramp or a rhythm. That is evidence, not yet the chance that the
verdict is true: a hold on purpose looks like a cramp, too, and without an accelerometer far more of them pass for
one. So each kind of verdict has a curve of its own, from the evidence to the share that was true, and another one for
the EMG alone. No curve changes a verdict.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from detector.additive import Calibration
from detector.types import Contraction

# Verdicts that are told apart: alarms by their family, all else by what the muscle is said to do.
VERDICTS = ("cramp", "clonic", "tonic", "leg_movement")
# What the sensor showed besides the EMG.
WITH_ACCELERATION, EMG_ALONE = "acceleration", "alone"
SENSES = (WITH_ACCELERATION, EMG_ALONE)

_FAMILY: Mapping[str, str] = {"cramp": "cramp", "clonic": "clonic", "tonic_clonic": "clonic"}


def verdict_on(alert: str, kind: str) -> str | None:
    """Return which of `VERDICTS` an event's is; None for what has none (artefacts, rises of tension)."""
    verdict = _FAMILY.get(alert, kind)
    return verdict if verdict in VERDICTS else None


@dataclass(frozen=True, slots=True, eq=False)
class Trust:
    """The curves of the verdicts; where there is none, the evidence stands as it is.

    Attributes:
        curves: By what the sensor showed (`SENSES`) and the verdict (`VERDICTS`).
    """

    curves: Mapping[tuple[str, str], Calibration] = field(default_factory=dict)

    def judged(self, event: Contraction, *, has_acc: bool) -> Contraction:
        """Return an event whose confidence is evidence with the chance that its verdict is true instead."""
        verdict = verdict_on(event.alert, event.kind)
        curve = self.curves.get((WITH_ACCELERATION if has_acc else EMG_ALONE, verdict or ""))
        if curve is None:
            return event
        return replace(event, confidence=float(curve.at(np.array([event.confidence]))[0]))
