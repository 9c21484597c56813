"""The shipped kind of model as a scikit-learn classifier, for whoever has features and labels of their own.

    from sklearn.model_selection import GroupKFold, cross_val_score
    from models.estimator import ContractionClassifier

    cross_val_score(ContractionClassifier(), features, labels, groups=people, cv=GroupKFold(5))

Windows of one night, one leg, one person are alike: folds that do not keep people together flatter the score.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from detector.additive import AdditiveScore, Calibration, Curve
from detector.bundle import FORMAT, LEARNT
from detector.classifier import CLASSES
from detector.features import FEATURE_NAMES, FEATURES
from detector.trust import Trust
from models.bundle_files import TrainingError, write_bundle
from models.dataset import Reals
from models.training import LEARNING_RATE, SHRINKAGE, STEPS, TREES, edges_of, read_back, stepped

# Below about so many rows a step of a curve is chance.
LEAST_IN_LEAF = 20
# Log-odds between which the logistic curve is kept as straight lines; beyond them nothing is more certain.
MOST_SURE, POINTS = 8.0, 65


class ContractionClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """One step curve a feature for each class, summed: gradient-boosted stumps that can be read.

    Of two classes one score says both; of more, each has its own against the rest. Rows are those of
    `detector.features_of`, or any other numbers; NaN is what is not known.

    Args:
        trees: Stumps of each score.
        learning_rate: How much of each is added.
        least_in_leaf: Rows behind a step; fewer where there are few rows.
        shrinkage: L2 penalty on the height of a step.
        monotone: Which way curves may go, by number of the column: 1 rises, -1 falls; either way if not said. It is
            meant for the last class in the order of ``classes_``, of two, and for no more than two.

    Attributes:
        classes_: ``[classes]`` in order.
        scores_: For each class (of two: for the second) its `AdditiveScore`; ``feature`` is the column's number.
    """

    def __init__(
        self,
        *,
        trees: int = TREES,
        learning_rate: float = LEARNING_RATE,
        least_in_leaf: int = LEAST_IN_LEAF,
        shrinkage: float = SHRINKAGE,
        monotone: Mapping[int, int] | None = None,
    ) -> None:
        self.trees = trees
        self.learning_rate = learning_rate
        self.least_in_leaf = least_in_leaf
        self.shrinkage = shrinkage
        self.monotone = monotone

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401 - scikit-learn has no types
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def fit(self, X: npt.ArrayLike, y: npt.ArrayLike) -> Self:  # noqa: N803 - scikit-learn's names
        """Learn from rows ``X[rows, column]`` and their classes ``y[rows]``.

        Raises:
            ValueError: shapes do not fit, or there is but one class.
        """
        features, labels = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan")
        check_classification_targets(labels)
        self.classes_ = np.unique(labels)
        if len(self.classes_) < 2:  # noqa: PLR2004 - two classes are what a classifier tells apart
            raise ValueError(f"labels: expected two classes or more, got 1 class: {self.classes_[0]!r}")
        if self.monotone and len(self.classes_) > 2:  # noqa: PLR2004
            raise ValueError(f"monotone: expected two classes, got {len(self.classes_)} classes")
        asked = self.classes_[1:] if len(self.classes_) == 2 else self.classes_  # noqa: PLR2004
        edges = [edges_of(column) for column in features.T]
        steps = stepped(features, edges)
        self.scores_ = tuple(self._score(steps, edges, labels == one) for one in asked)
        return self

    def decision_function(self, X: npt.ArrayLike) -> Reals:  # noqa: N803
        """Return log-odds: ``[rows]`` of the second class of two, else ``[rows, class]``."""
        check_is_fitted(self)
        features = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        found = np.stack([_summed(score, features) for score in self.scores_], axis=1)
        return found[:, 0] if len(self.scores_) == 1 else found

    def predict_proba(self, X: npt.ArrayLike) -> Reals:  # noqa: N803
        """Return ``[rows, class]`` probabilities in the order of ``classes_``; each row sums to 1."""
        decided = self.decision_function(X)
        if decided.ndim == 1:
            second = LOGISTIC.at(decided)
            return np.stack([1.0 - second, second], axis=1)
        each = np.stack([LOGISTIC.at(column) for column in decided.T], axis=1)
        return np.asarray(each / each.sum(axis=1, keepdims=True), np.float64)

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[Any]:  # noqa: N803
        """Return ``[rows]`` the likeliest class."""
        decided = self.decision_function(X)
        place = (decided > 0).astype(np.intp) if decided.ndim == 1 else decided.argmax(axis=1)
        return np.asarray(self.classes_[place])

    def to_bundle(self, folder: Path, name: str, *, force: bool = False) -> None:
        """Write what was learnt as a model bundle, for ``detect(recording, model=folder)``.

        The detector's own rules stay above it as guards (`detector.classifier.GUARDS`), and nothing is known of how
        often its verdicts are true: `models.train` finds that out of people who were not learnt from.

        Raises:
            TrainingError: it was learnt from other features or classes than the detector's, or cannot be written.
        """
        check_is_fitted(self)
        named = {
            self._class_name(one): score for one, score in zip(self.classes_, self.scores_, strict=False)
        }
        if (
            self.n_features_in_ != len(FEATURES)
            or not LEARNT.keys() <= named.keys()
            or len(named) < len(self.classes_)
        ):
            raise TrainingError(
                f"bundle: expected the {len(FEATURES)} features of `detector.features_of` and classes among "
                f"{', '.join(CLASSES)} with {' and '.join(LEARNT)}, got {self.n_features_in_} features and "
                f"{', '.join(map(str, self.classes_))}"
            )
        scores = {index: _for_detector(named[one]) for one, index in LEARNT.items()}
        card = {
            "format": FORMAT,
            "name": name,
            "kind": "gradient-boosted stumps, one step curve a feature, logistic probabilities",
            "classes": list(CLASSES),
            "learnt_classes": list(LEARNT),
            "features": {feature.name: feature.unit for feature in FEATURES},
            "limits": [
                "Made from Python; whom it was learnt from is for its maker to say.",
                "Not a medical device.",
            ],
        }
        write_bundle(folder, scores, Trust(), card, force=force)

    def _score(self, steps: Reals, edges: list[Reals], is_class: npt.NDArray[np.bool_]) -> AdditiveScore:
        from sklearn.ensemble import HistGradientBoostingClassifier
        from threadpoolctl import threadpool_limits

        model = HistGradientBoostingClassifier(
            max_iter=self.trees,
            max_depth=1,
            learning_rate=self.learning_rate,
            min_samples_leaf=min(self.least_in_leaf, max(1, len(steps) // STEPS)),
            l2_regularization=self.shrinkage,
            monotonic_cst=[(self.monotone or {}).get(column, 0) for column in range(len(edges))],
            early_stopping=False,
            random_state=0,
        )
        names = [str(column) for column in range(len(edges))]
        # Several threads add up in an order of their own, and the last bit may decide between two trees.
        with threadpool_limits(limits=1):
            model.fit(steps, is_class)
            curves, intercept = read_back(model.decision_function, names, edges)
        return AdditiveScore(intercept, curves, LOGISTIC)

    def _class_name(self, label: Any) -> str:  # noqa: ANN401 - classes are whatever the labels were
        is_index = isinstance(label, int | np.integer) and 0 <= label < len(CLASSES)
        return CLASSES[label] if is_index else str(label)


def _logistic() -> Calibration:
    scores = np.linspace(-MOST_SURE, MOST_SURE, POINTS)
    return Calibration(scores, np.round(1.0 / (1.0 + np.exp(-scores)), 6))


# Probabilities as a bundle keeps them, so that a bundle says what the classifier says.
LOGISTIC = _logistic()


def _summed(score: AdditiveScore, features: Reals) -> Reals:
    total = np.full(len(features), score.intercept)
    for curve, column in zip(score.curves, features.T, strict=True):
        value = curve.values[np.searchsorted(curve.edges, column, side="right")]
        total += np.where(np.isnan(column), curve.unknown, value)
    return total


def _for_detector(score: AdditiveScore) -> AdditiveScore:
    """Return the score by the names of the detector's features."""
    curves = tuple(
        Curve(name, curve.edges, curve.values, curve.unknown)
        for name, curve in zip(FEATURE_NAMES, score.curves, strict=True)
    )
    return AdditiveScore(score.intercept, curves, score.calibration)
