"""The classifier keeps scikit-learn's promises, and what it learns can judge a night."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from detector import detect, features_of, load_model, probabilities_of
from detector.classifier import CLASSES
from detector.features import FEATURE_NAMES
from models.bundle_files import TrainingError
from models.dataset import Examples, examples_of, joined, rounded
from models.estimator import ContractionClassifier
from models.synthesis import PlannedEvent, simulate_night

SCENE = [
    PlannedEvent(90.0 + 40.0 * number, name, 15.0)
    for number, name in enumerate(("hold", "clonic", "turn_over", "hold", "clonic"))
]


@pytest.fixture(scope="module")
def examples() -> Examples:
    return joined([_of_person(person) for person in range(3)])


def _of_person(person: int) -> Examples:
    return examples_of(simulate_night(0.085, seed=40 + person, scene=SCENE), person)


@parametrize_with_checks([ContractionClassifier(trees=15)])  # type: ignore[untyped-decorator]
def test_it_is_a_scikit_learn_classifier(
    estimator: ContractionClassifier, check: Callable[[ContractionClassifier], None]
) -> None:
    check(estimator)


def test_people_it_has_not_seen_are_judged_well(examples: Examples) -> None:
    names = np.array(CLASSES)[examples.labels]
    scores = cross_val_score(
        ContractionClassifier(trees=15), examples.features, names, groups=examples.people, cv=GroupKFold(3)
    )
    most_frequent = max(np.unique(names, return_counts=True)[1]) / len(names)
    assert scores.min() > max(0.85, most_frequent)


def test_it_is_cloned_and_works_in_a_chain(examples: Examples) -> None:
    model = ContractionClassifier(trees=10, monotone={0: 1})
    assert clone(model).get_params() == model.get_params()
    is_clonic = examples.labels == CLASSES.index("clonic")
    chain = make_pipeline(StandardScaler(), model).fit(examples.features, is_clonic)
    assert chain.score(examples.features, is_clonic) > 0.9


def test_a_curve_goes_the_way_it_must() -> None:
    x = np.random.default_rng(1).normal(size=(400, 1))
    rising = ContractionClassifier(trees=40, monotone={0: 1}).fit(x, x[:, 0] < 0)
    assert np.ptp(rising.predict_proba(x)) < 0.6
    free = ContractionClassifier(trees=40).fit(x, x[:, 0] < 0)
    assert free.score(x, x[:, 0] < 0) > 0.97


def test_what_is_not_known_is_no_obstacle(examples: Examples) -> None:
    model = ContractionClassifier(trees=3).fit(examples.features, examples.labels)
    nothing = model.predict_proba(np.full((1, len(FEATURE_NAMES)), np.nan))
    assert nothing.sum() == pytest.approx(1.0)


def test_a_bundle_of_it_judges_recordings_as_it_does(examples: Examples, tmp_path: Path) -> None:
    model = ContractionClassifier(trees=20).fit(examples.features, np.array(CLASSES)[examples.labels])
    model.to_bundle(tmp_path / "mine", "mine")
    night = simulate_night(0.06, seed=77, scene=[PlannedEvent(100.0, "hold", 30.0)])
    assert load_model(tmp_path / "mine").name.startswith("mine@")
    rows = detect(night, model=tmp_path / "mine")
    assert [row["trial_type"] for row in rows].count("tonic") == 1
    table = features_of(night)
    loud = table.column("times_resting") > 5
    said = probabilities_of(night, model=tmp_path / "mine").column("tonic")[loud]
    own = model.predict_proba(rounded(table.values))[:, list(model.classes_).index("tonic")][loud]
    assert np.corrcoef(said, own)[0, 1] > 0.5
    with pytest.raises(TrainingError, match="holds a bundle already"):
        model.to_bundle(tmp_path / "mine", "mine")


def test_other_features_or_classes_make_no_bundle(examples: Examples, tmp_path: Path) -> None:
    few = ContractionClassifier(trees=3).fit(examples.features[:, :4], examples.labels)
    with pytest.raises(TrainingError, match="got 4 features"):
        few.to_bundle(tmp_path / "few", "few")
    two = ContractionClassifier(trees=3).fit(examples.features, examples.labels == CLASSES.index("tonic"))
    with pytest.raises(TrainingError, match="with tonic and clonic"):
        two.to_bundle(tmp_path / "two", "two")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("labels", "message"),
    [([1] * 40, "expected two classes or more"), ([0, 1, 2, 3] * 10, "monotone: expected two classes")],
)
def test_labels_that_cannot_be_learnt_are_refused(labels: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ContractionClassifier(monotone={0: 1}).fit(np.arange(80.0).reshape(40, 2), labels)
