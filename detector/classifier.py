"""From features to the probability of each class: a table of rules, and a trained model with rules as its guards.

The limits of the rules are the starting values of science.md section 10. Each is soft: the nearer a feature lies to its
limit, the less sure the class. A class is as sure as the weakest of its rules; where a class has several sets
of rules, as sure as the best set. Only additions, divisions and square roots are used, so that the last bit
is the same everywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from detector.additive import AdditiveScore
from detector.features import COLUMN
from detector.filters import Signal
from detector.trust import Trust

# What the muscle does at a moment; they exclude each other. ``other`` is activity of no certain kind.
CLASSES = ("rest", "tonic", "clonic", "other", "artefact")
REST, TONIC, CLONIC, OTHER, ARTEFACT = range(len(CLASSES))


class Classifier(Protocol):
    """Gives each moment the probabilities of `CLASSES`, and knows how far verdicts made of them can be trusted."""

    name: str
    trust: Trust

    def probabilities(self, features: Signal) -> Signal:
        """Return ``[rows, class]``, each row summing to 1, for rows of `detector.features`."""
        ...


@dataclass(frozen=True, slots=True)
class Rule:
    """A soft limit: at ``limit`` it is met by a half, ``width`` away from it by 0.85 or 0.15.

    Attributes:
        feature: Name of the feature.
        limit: Where it turns.
        width: How softly; negative: the feature must be below the limit.
        unknown: What it gives where the feature is not known.
    """

    feature: str
    limit: float
    width: float
    unknown: float = 0.0


# For each class, by index, sets of rules.
Table = tuple[tuple[int, tuple[Rule, ...]], ...]

# The muscle is up at all.
UP = Rule("times_resting", 1.7, 0.1)

RULES: Table = (
    (REST, (Rule("times_resting", 1.7, -0.1, unknown=1.0),)),
    (
        TONIC,
        (
            UP,
            # Cramps of six motor units reach a depth of 0.65 (science.md section 0.1).
            Rule("modulation_depth", 0.70, -0.05),
            Rule("silent_share", 0.10, -0.03),
            # A tremor beats; a cramp's 1.4-Hz swing and the noise of its envelope do not.
            Rule("wave_share", 0.38, -0.03, unknown=1.0),
            # What a pulled cable leaves in the band lies at its lower end; no muscle's median is so low.
            Rule("median_hz", 42.0, 3.0, unknown=1.0),
        ),
    ),
    (
        CLONIC,
        (
            UP,
            Rule("burst_count", 4.5, 0.3),
            # Clonic runs begin at 3–6 Hz, clonus beats at 3–8; steps, rocking and most foot tremors are
            # slower.
            Rule("burst_rate_hz", 2.7, 0.06),
            Rule("burst_rate_hz", 8.5, -0.3),
            # 50–400 ms (science.md section 11); a foot tremor's are 250–1000.
            Rule("burst_width_s", 0.36, -0.03),
            # A 50-ms envelope cannot be narrower; single spikes of an electrode are.
            Rule("burst_width_s", 0.045, 0.005),
            # Twitches come at random: the spread of their intervals is near 1.
            Rule("burst_spread", 0.50, -0.06),
            # … and what beats holds its beat: pops and fasciculations do not.
            Rule("wave_share", 0.20, 0.02, unknown=1.0),
            Rule("modulation_depth", 0.65, 0.05),
            Rule("silent_share", 0.10, 0.03),
        ),
    ),
    # Its spectrum is taken only where the level is up, so that the hum of a quiet input is none.
    (ARTEFACT, (Rule("mains_share", 0.50, 0.04),)),
    # Steadier than the interference of motor units can be (0.2 and more): hum, or an amplifier's own noise.
    (ARTEFACT, (UP, Rule("modulation_depth", 0.15, -0.01))),
    # What moves below 20 Hz is ten times what is left in the band, and large: a cable or an electrode is
    # pulled.
    (ARTEFACT, (UP, Rule("drift_share", 0.99, 0.002), Rule("drift_uv", 200.0, 40.0))),
    # At a rail for a third of the time there is nothing left to read; a strong cramp may clip for less.
    (ARTEFACT, (Rule("clipped_share", 0.30, 0.05),)),
    # White up to the end of the band: the noise of a lifted electrode, never of a muscle (median 75–190 Hz).
    (ARTEFACT, (UP, Rule("median_hz", 210.0, 5.0), Rule("high_share", 0.64, 0.02))),
)


# What a rhythm needs, whatever has been learnt: its bursts, intervals alike, and silences (science.md section 10).
_RHYTHM = (
    UP,
    Rule("burst_count", 4.5, 0.3),
    Rule("burst_rate_hz", 8.5, -0.3),
    # A 50-ms envelope cannot be narrower; single spikes of an electrode are.
    Rule("burst_width_s", 0.045, 0.005),
    Rule("burst_spread", 0.50, -0.06),
    Rule("silent_share", 0.10, 0.03),
)
# What a trained model may not overrule: it can doubt a steady contraction, but not make one of what is none. Clonic
# runs begin at 3–6 Hz and slow; what is slow and keeps its pace is a foot's tremor, one leg of two that alternate,
# or a walk.
GUARDS: Table = (
    (CLONIC, (*_RHYTHM, Rule("burst_rate_hz", 2.1, 0.06))),
    (CLONIC, (*_RHYTHM, Rule("burst_slowing", 1.3, 0.03))),
    *((index, rules) for index, rules in RULES if index != CLONIC),
)


class _Rules:
    """The rules of a table, all of them looked at together."""

    def __init__(self, table: Table) -> None:
        # Several sets share a rule.
        rules = list(dict.fromkeys(rule for _, some in table for rule in some))
        self._columns = [COLUMN[rule.feature] for rule in rules]
        self._limit, self._width, self._unknown = (
            np.array([[getattr(rule, name)] for rule in rules]) for name in ("limit", "width", "unknown")
        )
        self._sets = [(index, [rules.index(rule) for rule in some]) for index, some in table]

    def met(self, features: Signal) -> Signal:
        """Return ``[rows, class]`` how far the best set of rules of each class is met, 0…1."""
        distance = (features.T[self._columns] - self._limit) / self._width
        met = 0.5 + 0.5 * distance / np.sqrt(1.0 + np.square(distance))
        met = np.where(np.isnan(distance), self._unknown, met)
        sure = np.zeros((len(features), len(CLASSES)))
        for index, places in self._sets:
            sure[:, index] = np.maximum(sure[:, index], np.minimum.reduce(met[places]))
        return sure


_RULES, _GUARDS = _Rules(RULES), _Rules(GUARDS)


class RuleClassifier:
    """The rules above; nobody has counted how often their verdicts are true."""

    name = "rules-1"
    trust = Trust()

    def probabilities(self, features: Signal) -> Signal:
        """Return ``[rows, class]``, each row summing to 1."""
        return _shared(_RULES.met(features))


class TrainedClassifier:
    """Learnt curves for what is steady and what is rhythmic, under `GUARDS`.

    The probability of a class is that of its curves, and no more than its guards allow. The model looks at the EMG
    alone: whether a movement explains a contraction is decided by the events.

    Args:
        name: Of the bundle it came from, with its hash.
        scores: By index of the class: `TONIC` and `CLONIC`.
        trust: How often its verdicts were true.
    """

    def __init__(self, name: str, scores: Mapping[int, AdditiveScore], trust: Trust | None = None) -> None:
        self.name = name
        self.trust = trust or Trust()
        self._scores = dict(scores)

    def probabilities(self, features: Signal) -> Signal:
        """Return ``[rows, class]``, each row summing to 1."""
        sure = _GUARDS.met(features)
        for index, score in self._scores.items():
            sure[:, index] = np.minimum(sure[:, index], score.probabilities(features))
        return _shared(sure)


def _shared(sure: Signal) -> Signal:
    """Return, read-only, what each class gets of the whole.

    A rhythm is also steady, and rest also silent: the more special class goes first, the rest share what is left.
    """
    left = 1.0 - sure[:, ARTEFACT]
    sure[:, CLONIC] *= left
    left = left - sure[:, CLONIC]
    others = sure[:, REST] + sure[:, TONIC]
    sure[:, OTHER] = np.maximum(0.0, 1.0 - others)
    share = left / (others + sure[:, OTHER])
    for index in (REST, TONIC, OTHER):
        sure[:, index] *= share
    sure.flags.writeable = False
    return sure
