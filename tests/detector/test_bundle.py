"""Bundles: what is loaded is what was made, and what is no bundle is refused with a reason."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.bundle import (
    CARD,
    FORMAT,
    LARGEST_FILE_BYTES,
    PARAMETERS,
    BundleError,
    UnfitBundleError,
    UnreadableBundleError,
    load_model,
    shipped_bundle,
)
from detector.classifier import CLASSES, CLONIC, OTHER, REST, TONIC
from detector.features import COLUMN, FEATURES
from detector.trust import EMG_ALONE, SENSES, VERDICTS, WITH_ACCELERATION

CURVE = {"feature": "modulation_depth", "edges": [0.5], "values": [1.0, -1.0], "unknown": 0.0}
SCORE = {
    "intercept": 0.0,
    "curves": [CURVE],
    "calibration": {"scores": [-1.0, 1.0], "probabilities": [0.0, 1.0]},
}
TRUSTED = {"acceleration": {"cramp": {"scores": [0.5, 1.0], "probabilities": [0.25, 0.75]}}}
NUMBERS = {"scores": {"tonic": SCORE, "clonic": SCORE}, "events": TRUSTED}


def written(folder: Path, numbers: object, **card: object) -> Path:
    content = numbers if isinstance(numbers, bytes) else json.dumps(numbers).encode()
    (folder / PARAMETERS).write_bytes(content)
    whole = {
        "format": FORMAT,
        "name": "trial",
        "features": {"modulation_depth": "1"},
        "parameters_sha256": hashlib.sha256(content).hexdigest(),
        **card,
    }
    (folder / CARD).write_text(json.dumps(whole), encoding="utf-8")
    return folder


def changed(path: str, value: object) -> dict[str, Any]:
    """The numbers above with one entry of the tonic score replaced."""
    whole: dict[str, Any] = json.loads(json.dumps(NUMBERS))
    *parents, last = path.split(".")
    at: Any = whole["scores"]["tonic"]
    for key in parents:
        at = at[int(key)] if key.isdigit() else at[key]
    at[int(last) if last.isdigit() else last] = value
    return whole


def row(**features: float) -> np.ndarray:
    values = np.full((1, len(FEATURES)), np.nan)
    for name, value in features.items():
        values[0, COLUMN[name]] = value
    return values


def test_events_can_name_the_model_and_its_parameters(tmp_path: Path) -> None:
    model = load_model(written(tmp_path, NUMBERS))
    digest = hashlib.sha256((tmp_path / PARAMETERS).read_bytes()).hexdigest()
    assert model.name == f"trial@{digest[:8]}"


def test_what_was_written_is_what_judges(tmp_path: Path) -> None:
    model = load_model(written(tmp_path, NUMBERS))
    steady, loose = (
        model.probabilities(row(times_resting=9.0, modulation_depth=depth, silent_share=0.0))[0]
        for depth in (0.2, 0.8)
    )
    assert steady[TONIC] > 0.9
    assert loose[OTHER] > 0.9


def test_the_shipped_bundle_knows_a_cramp_a_clonic_run_and_rest() -> None:
    model = load_model()
    cramp = row(times_resting=8.0, modulation_depth=0.3, silent_share=0.0, wave_share=0.1, median_hz=90.0)
    clonic = row(
        times_resting=8.0,
        modulation_depth=0.95,
        silent_share=0.5,
        wave_share=0.5,
        burst_count=8.0,
        burst_width_s=0.15,
        burst_rate_hz=4.0,
        burst_spread=0.1,
        burst_slowing=1.2,
        median_hz=90.0,
    )
    rest = row(times_resting=1.0)
    judged = [int(np.argmax(model.probabilities(one)[0])) for one in (cramp, clonic, rest)]
    assert judged == [TONIC, CLONIC, REST]


def test_the_shipped_card_says_what_it_was_learnt_from() -> None:
    card = json.loads((shipped_bundle() / CARD).read_text(encoding="utf-8"))
    assert card["synthetic"] is True
    assert card["classes"] == list(CLASSES)
    assert set(card["people"]) == {"train", "calibration", "validation", "test"}
    assert len({people["seed"] for people in card["people"].values()}) == len(card["people"])
    assert "not evidence about people" in " ".join(card["limits"])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("intercept", "0"),
        ("intercept", True),
        ("intercept", 1e300),
        ("curves", []),
        ("curves", [CURVE] * 65),
        ("curves.0", 7),
        ("curves.0.feature", ["modulation_depth"]),
        ("curves.0.edges", [0.5, 0.5]),
        ("curves.0.edges", [0.1] * 2000),
        ("curves.0.values", [1.0]),
        ("curves.0.values", [1.0, None]),
        ("calibration", None),
        ("calibration.scores", []),
        ("calibration.scores", [1.0, -1.0]),
        ("calibration.probabilities", [0.4, 0.2]),
        ("calibration.probabilities", [0.4, 1.2]),
        ("calibration.probabilities", [0.4]),
    ],
)
def test_damaged_numbers_are_refused(tmp_path: Path, path: str, value: object) -> None:
    with pytest.raises(UnreadableBundleError, match="expected"):
        load_model(written(tmp_path, changed(path, value)))


def test_numbers_that_no_json_has_are_refused(tmp_path: Path) -> None:
    content = json.dumps(NUMBERS).replace("[-1.0, 1.0]", "[NaN, Infinity]").encode()
    with pytest.raises(UnreadableBundleError, match="expected"):
        load_model(written(tmp_path, content))


def test_a_feature_that_this_detector_does_not_measure_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnfitBundleError, match="telepathy"):
        load_model(written(tmp_path, changed("curves.0.feature", "telepathy")))
    with pytest.raises(UnfitBundleError, match="furlong"):
        load_model(written(tmp_path, NUMBERS, features={"modulation_depth": "furlong"}))


def test_another_format_or_other_classes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnfitBundleError, match="format"):
        load_model(written(tmp_path, NUMBERS, format=FORMAT + 1))
    with pytest.raises(UnfitBundleError, match="tonic, clonic"):
        load_model(written(tmp_path, {"scores": {"tonic": SCORE}, "events": {}}))


def test_parameters_of_another_card_are_refused(tmp_path: Path) -> None:
    written(tmp_path, NUMBERS)
    content = (tmp_path / PARAMETERS).read_bytes()
    (tmp_path / PARAMETERS).write_bytes(content.replace(b"0.5", b"0.6"))
    with pytest.raises(UnreadableBundleError, match="SHA-256"):
        load_model(tmp_path)


def test_a_bundle_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableBundleError, match="No such file"):
        load_model(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"\xff\xfe", b"[" * 100_000, b"cos\nsystem\n(S'true'\ntR.", b" " * (LARGEST_FILE_BYTES + 1)],
    ids=["empty", "list", "no text", "deep", "pickle", "large"],
)
def test_what_is_no_bundle_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnreadableBundleError):
        load_model(written(tmp_path, content))
    (tmp_path / CARD).write_bytes(content)
    with pytest.raises(UnreadableBundleError):
        load_model(tmp_path)


@given(st.data())
def test_a_bundle_with_any_bytes_changed_loads_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(json.dumps(NUMBERS).encode())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=4)):
        content[place] = data.draw(st.integers(0, 255))
    folder = written(tmp_path_factory.mktemp("bundle"), bytes(content))
    try:
        model = load_model(folder)
    except BundleError:
        return
    assert np.isfinite(model.probabilities(row(times_resting=5.0))).all()


def test_how_far_verdicts_can_be_trusted_is_read(tmp_path: Path) -> None:
    curves = load_model(written(tmp_path, NUMBERS)).trust.curves
    assert curves.keys() == {("acceleration", "cramp")}
    assert curves["acceleration", "cramp"].at(np.array([0.0, 0.75, 1.0])).tolist() == [0.25, 0.5, 0.75]


@pytest.mark.parametrize(
    "events",
    [
        None,
        [],
        {"acceleration": []},
        {"sonar": TRUSTED["acceleration"]},
        {"alone": {"swoon": TRUSTED["acceleration"]["cramp"]}},
        {"alone": {"cramp": {"scores": [0.5], "probabilities": [1.5]}}},
        {"alone": {"cramp": {"scores": [0.5, 0.4], "probabilities": [0.1, 0.2]}}},
        {"alone": {"cramp": {"scores": [0.4, 0.5], "probabilities": [0.2, 0.1]}}},
    ],
)
def test_a_bundle_whose_trust_makes_no_sense_is_refused(tmp_path: Path, events: object) -> None:
    with pytest.raises(UnreadableBundleError, match="expected"):
        load_model(written(tmp_path, NUMBERS | {"events": events}))


def test_the_shipped_bundle_trusts_no_verdict_fully_and_the_emg_alone_less() -> None:
    curves = load_model().trust.curves
    assert set(curves) == {(sense, verdict) for sense in SENSES for verdict in VERDICTS}
    best = {key: float(curve.probabilities[-1]) for key, curve in curves.items()}
    assert max(best.values()) < 1.0
    assert best[EMG_ALONE, "cramp"] < best[WITH_ACCELERATION, "cramp"]
