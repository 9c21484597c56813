"""What each moment of a synthetic night is called: the classifier's classes, from the neural drive.

A moment looks back over three seconds. Where these hold the edge of an event, or where two names would both be
right (the vibratory phase, the steady middle of a long leg movement, the tail of a cramp), it is left out.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from detector.classifier import ARTEFACT, CLONIC, OTHER, REST, TONIC
from models.synthesis.truth import Truth

Reals = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int8]

# What cannot be named.
UNNAMED = -1
# Of a real recording, what nobody gave a name: no rhythm of a spasm, though the muscle may have been held.
UNLABELLED = -2
# The window of steadiness: a class must fill it.
WINDOW_S = 3.0
# A rhythm needs five bursts before anybody can call it one (science.md section 10).
CLONIC_S = 3.0
# The last part of a cramp, in which its units drop out one by one.
TAIL_SHARE = 0.25
# The drives that hold the muscle steadily.
STEADY = frozenset({"cramp", "hold", "point_toe", "sway", "tonic_clonic.tonic"})
# Movements that may stand still in their middle.
MAY_HOLD = frozenset({"leg_movement", "plm", "step", "turn_over", "small_movement"})
# What is written over what: kinds of truth, and the class of all moments that touch them.
PASSES: tuple[tuple[frozenset[str], int], ...] = (
    (frozenset({"artefact"}), ARTEFACT),
    (frozenset({"leg_movement"}), OTHER),
    (frozenset({"tension_rise", "tonic", "clonic"}), UNNAMED),
)


def labels_at(ends_s: Reals, truth: Sequence[Truth]) -> tuple[Labels, list[str]]:
    """Return the class of each moment, and the finer name of what decided it.

    Args:
        ends_s: ``[rows]`` ends of the moments' windows, true seconds, rising.
        truth: Of the night.
    """
    labels = np.full(len(ends_s), REST, np.int8)
    names = np.full(len(ends_s), "rest", object)
    # Later passes overrule earlier ones: a muscle under an artefact is judged by the muscle.
    for kinds, label in PASSES:
        for one in _of(kinds, truth):
            touched = _touching(ends_s, one)
            labels[touched], names[touched] = label, one.name
            if one.name in MAY_HOLD:
                labels[_within(ends_s, one.onset_s, one.end_s)] = UNNAMED
    for one in _of(frozenset({"tonic", "clonic"}), truth):
        label, span = _certain(one, ends_s)
        labels[span] = label
    return labels, [str(name) for name in names]


def _certain(one: Truth, ends_s: Reals) -> tuple[int, slice]:
    """Return the moments at which a contraction shows its class, and the class."""
    if one.kind == "clonic" and one.alert != "none":
        return CLONIC, _within(ends_s, one.onset_s, one.end_s, CLONIC_S)
    if one.name in STEADY:
        return TONIC, _within(ends_s, one.onset_s, _steady_end_s(one))
    return UNNAMED, slice(0, 0)


def _of(kinds: frozenset[str], truth: Sequence[Truth]) -> Iterable[Truth]:
    return (one for one in truth if one.kind in kinds)


def _steady_end_s(one: Truth) -> float:
    return one.end_s - (TAIL_SHARE * one.duration_s if one.name == "cramp" else 0.0)


def _touching(ends_s: Reals, one: Truth) -> slice:
    """Return the moments whose window overlaps an event."""
    first, last = np.searchsorted(ends_s, (one.onset_s, one.end_s + WINDOW_S))
    return slice(int(first), int(last))


def _within(ends_s: Reals, begin_s: float, end_s: float, after_s: float = WINDOW_S) -> slice:
    """Return the moments whose window lies inside a span, beginning at least ``after_s`` into it."""
    first, last = np.searchsorted(ends_s, (begin_s + after_s, end_s))
    return slice(int(first), max(int(first), int(last)))
