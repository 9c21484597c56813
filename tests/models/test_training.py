"""The model: what scikit-learn would say, the same bytes from the same seeds, and curves that go one way."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from detector.additive import AdditiveScore
from detector.classifier import CLONIC, TONIC
from detector.features import COLUMN, FEATURE_NAMES
from models.bundle_files import bundle_bytes
from models.dataset import Examples, gather, rounded
from models.lessons import SPLITS, Split, lesson
from models.train import Course, train
from models.training import CURVES, edges_of, fit, lessons_for, read_back, stepped

FEW = {"train": Split(1, 1), "calibration": Split(2, 1)}


@functools.cache
def few_examples() -> Examples:
    return gather(FEW["train"])


@functools.cache
def few_scores() -> dict[int, AdditiveScore]:
    return {index: fit(index, few_examples(), few_examples()) for index in (TONIC, CLONIC)}


@pytest.mark.parametrize("index", [TONIC, CLONIC])
def test_our_evaluation_is_scikit_learns(index: int) -> None:
    lessons = lessons_for(index, few_examples())
    names = list(CURVES[index])
    edges = [edges_of(column) for column in lessons.features.T]
    steps = stepped(lessons.features, edges)
    model = HistGradientBoostingClassifier(max_iter=30, max_depth=1, random_state=0)
    model.fit(steps, lessons.is_class, sample_weight=lessons.weights)
    curves, intercept = read_back(model.decision_function, names, edges)
    features = np.full((len(steps), len(FEATURE_NAMES)), np.nan)
    features[:, [COLUMN[name] for name in names]] = lessons.features
    ours = intercept + sum(curve.at(features) for curve in curves)
    assert np.abs(ours - model.decision_function(steps)).max() < 1e-4


@pytest.mark.parametrize("index", [TONIC, CLONIC])
def test_a_curve_goes_the_way_that_physiology_says(index: int) -> None:
    for curve in few_scores()[index].curves:
        steps = np.diff(curve.values) * CURVES[index][curve.feature]
        assert (steps >= 0.0).all(), curve.feature


@pytest.mark.parametrize("index", [TONIC, CLONIC])
def test_the_classes_are_told_apart(index: int) -> None:
    lessons = lessons_for(index, few_examples())
    active = few_examples().features[:, COLUMN["times_resting"]] >= 1.5
    said = few_scores()[index].probabilities(few_examples().features[active])
    of_class, of_others = said[lessons.is_class], said[~lessons.is_class]
    assert np.median(of_class) > 0.8
    assert np.median(of_others) < 0.1


def test_the_same_people_give_the_same_examples_whoever_shares_the_work() -> None:
    together = gather(Split(1, 2), jobs=2)
    first = together.people == 0
    assert set(together.people.tolist()) == {0, 1}
    assert np.array_equal(together.features[first], few_examples().features, equal_nan=True)
    assert np.array_equal(together.labels[first], few_examples().labels)


def test_the_same_seeds_give_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.lessons.LESSON", {"cramp": 2, "clonic": 2, "gait": 1, "turn_over": 1})
    one, other = (train(Course(FEW)) for _ in range(2))
    assert bundle_bytes(one.scores, one.trust, one.card) == bundle_bytes(
        other.scores, other.trust, other.card
    )


def test_nobody_is_in_two_splits() -> None:
    assert len({split.seed for split in SPLITS.values()}) == len(SPLITS)
    people = [lesson(split, 0).person for split in SPLITS.values()]
    assert len({person.mvc_uv for person in people}) == len(people)


def test_a_split_of_other_people_than_learnt_from_has_other_ranges() -> None:
    assert SPLITS["validation"].population == "shifted"
    assert SPLITS["train"].population == "usual"


@pytest.mark.parametrize(
    ("value", "digits", "result"),
    [(0.0, 4, 0.0), (123456.0, 4, 123500.0), (-0.00123456, 3, -0.00123), (9.9999, 4, 10.0)],
)
def test_values_keep_their_first_digits(value: float, digits: int, result: float) -> None:
    assert rounded(np.array([value]), digits)[0] == pytest.approx(result, rel=1e-12)


def test_what_is_unknown_stays_unknown() -> None:
    assert np.isnan(rounded(np.array([np.nan]))[0])
    assert np.isnan(stepped(np.array([[np.nan]]), [np.array([1.0])])[0, 0])


def test_a_feature_that_was_never_known_has_one_step() -> None:
    assert len(edges_of(np.array([np.nan, np.nan]))) == 0
