"""Fits the additive scores: gradient-boosted stumps over binned features, monotone where physiology says which way.

scikit-learn boosts; what comes out is read back through its public interface alone. Features enter as numbers of
steps, each tree looks at one feature, and so the decision at every step, all else unknown, is the whole model. A
curve that must rise or fall cannot bend around the habits of a simulator.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detector.additive import AdditiveScore, Calibration, Curve
from detector.classifier import CLONIC, TONIC
from detector.features import COLUMN
from models.dataset import Examples, Reals, rounded
from models.labels import UNLABELLED

# What a class's curves look at, and which way each may go: 1 rises, -1 falls, 0 either.
# Spectra are left out: science.md section 1 finds them higher in one paper's cramps and lower in another's. So are
# amplitude, for skins differ, and acceleration, so that a sensor without it is judged alike.
CURVES: Mapping[int, Mapping[str, int]] = {
    TONIC: {
        "modulation_depth": -1,
        "silent_share": -1,
        "wave_share": -1,
        "burst_count": -1,
    },
    CLONIC: {
        "burst_rate_hz": 0,
        "burst_slowing": 1,
        "burst_width_s": -1,
        "burst_spread": -1,
        "burst_count": 1,
        "modulation_depth": 1,
        "silent_share": 1,
        "wave_share": 1,
        "drift_share": -1,
    },
}
# Rows at rest teach nothing: the level says so without a model.
LEAST_TIMES_RESTING = 1.5
# Steps of a curve at most; the digits that their edges and heights keep.
STEPS, EDGE_DIGITS, VALUE_DIGITS = 32, 4, 6
# How much more a moment of the class counts than one of the others. A cramp's hops must not be lost, and the events
# ask for many of them: at 3, a real hold in ../shared/data, more unsteady than the synthetic ones, was doubted; at 10
# none is. A rhythm is announced by its first moment, and others of its kind are a hundred times more frequent.
WORTH = {TONIC: 10.0, CLONIC: 0.03}
TREES, LEARNING_RATE, LEAST_IN_LEAF, SHRINKAGE = 200, 0.1, 200, 1.0
# Points of a calibration at most.
POINTS = 25
# In every tenth row or so what a sensor may lack is hidden: a rhythm not yet found, a spectrum not yet taken.
HIDDEN_SHARE = 0.1
HIDING_SEED = 750_001


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """What a score is fitted to: rows of the class's own features, whether it is the class, and their weights."""

    features: Reals
    is_class: npt.NDArray[np.bool_]
    weights: Reals


def taught(index: int, examples: Examples) -> npt.NDArray[np.bool_]:
    """Return which moments say anything about a class: the active ones.

    What nobody labelled in a real recording may be a muscle that is held, but is no spasm's rhythm.
    """
    active = examples.features[:, COLUMN["times_resting"]] >= LEAST_TIMES_RESTING
    return active & (examples.labels != UNLABELLED) if index == TONIC else active


def lessons_for(index: int, examples: Examples) -> Lessons:
    """Return the moments that teach a class, each finer class of event with the weight of the root of its number."""
    active = taught(index, examples)
    is_class = examples.labels[active] == index
    names = examples.names[active]
    weights = np.zeros(len(is_class))
    for side in (True, False):
        here = is_class == side
        _, place, counts = np.unique(names[here], return_inverse=True, return_counts=True)
        weights[here] = 1.0 / np.sqrt(counts)[place]
        share = WORTH[index] if side else 1.0
        weights[here] *= share / max(weights[here].sum(), np.finfo(np.float64).tiny)
    weights *= len(weights) / max(weights.sum(), np.finfo(np.float64).tiny)
    columns = [COLUMN[name] for name in CURVES[index]]
    return Lessons(examples.features[active][:, columns], is_class, weights)


def edges_of(values: Reals) -> Reals:
    """Return the edges of a feature's steps: its quantiles, rounded."""
    known = values[~np.isnan(values)]
    if not len(known):
        return np.zeros(0)
    ordered = np.sort(known)
    places = np.rint(np.linspace(0, len(ordered) - 1, STEPS + 1)[1:-1]).astype(np.int64)
    return np.unique(rounded(ordered[places], EDGE_DIGITS))


def stepped(features: Reals, edges: list[Reals]) -> Reals:
    """Return the number of the step of each value; NaN stays."""
    steps = np.stack(
        [np.searchsorted(edge, column, side="right") for edge, column in zip(edges, features.T, strict=True)],
        axis=1,
    )
    return np.where(np.isnan(features), np.nan, steps.astype(np.float64))


def fit(index: int, learnt: Examples, held_out: Examples) -> AdditiveScore:
    """Return the score of a class: curves from one group of people, its calibration from another.

    Args:
        index: `TONIC` or `CLONIC`.
        learnt: Whom the curves are fitted to.
        held_out: Whom the probabilities are fitted to.
    """
    curves, intercept = _boosted(index, lessons_for(index, learnt))
    uncalibrated = AdditiveScore(intercept, curves, Calibration(np.zeros(1), np.full(1, 0.5)))
    return AdditiveScore(intercept, curves, _calibrated(index, uncalibrated, held_out))


def _boosted(index: int, lessons: Lessons) -> tuple[tuple[Curve, ...], float]:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    names = list(CURVES[index])
    edges = [edges_of(column) for column in lessons.features.T]
    steps = stepped(lessons.features, edges)
    steps[np.random.default_rng(HIDING_SEED).random(steps.shape) < HIDDEN_SHARE] = np.nan
    model = HistGradientBoostingClassifier(
        max_iter=TREES,
        max_depth=1,
        learning_rate=LEARNING_RATE,
        min_samples_leaf=min(LEAST_IN_LEAF, max(1, len(steps) // STEPS)),
        l2_regularization=SHRINKAGE,
        monotonic_cst=[CURVES[index][name] for name in names],
        early_stopping=False,
        random_state=0,
    )
    # Several threads add up in an order of their own, and the last bit of a sum may decide between two trees.
    with threadpool_limits(limits=1):
        model.fit(steps, lessons.is_class, sample_weight=lessons.weights)
    return read_back(model.decision_function, names, edges)


def read_back(
    decide: Callable[[Reals], Reals], names: list[str], edges: list[Reals]
) -> tuple[tuple[Curve, ...], float]:
    """Return curves and intercept of an additive decision, by asking it at every step, all else unknown."""
    nothing = np.full((1, len(names)), np.nan)
    base = float(decide(nothing)[0])
    curves = []
    for column, (name, edge) in enumerate(zip(names, edges, strict=True)):
        asked = np.repeat(nothing, len(edge) + 1, axis=0)
        asked[:, column] = np.arange(len(edge) + 1)
        curves.append(Curve(name, edge, rounded(decide(asked) - base, VALUE_DIGITS), 0.0))
    return tuple(curves), float(rounded(np.array([base]), VALUE_DIGITS)[0])


def _calibrated(index: int, score: AdditiveScore, held_out: Examples) -> Calibration:
    """Return the isotonic regression of what is true on the scores, thinned to a few points."""
    from sklearn.isotonic import IsotonicRegression

    lessons = lessons_for(index, held_out)
    scores = rounded(score.scores(held_out.features[taught(index, held_out)]), VALUE_DIGITS)
    model = IsotonicRegression(out_of_bounds="clip")
    model.fit(scores, lessons.is_class, sample_weight=lessons.weights)
    ordered = np.sort(scores)
    places = np.rint(np.linspace(0, len(ordered) - 1, POINTS)).astype(np.int64)
    points = np.unique(ordered[places])
    return Calibration(points, rounded(np.asarray(model.predict(points), np.float64), VALUE_DIGITS))
