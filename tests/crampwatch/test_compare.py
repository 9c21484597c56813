"""`crampwatch evaluate --compare`, and `--labelled`: two models on the same nights, one on one's own."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crampwatch.commands import app
from crampwatch.compare import CompareRequest, compare
from crampwatch.errors import DONE
from crampwatch.evaluate import EvaluateError
from detector.bundle import CARD, UnfitBundleError, shipped_bundle
from models.cohorts import EXAMS
from models.labelled_recordings import OwnRecordings
from tests.crampwatch.in_process import InProcess
from tests.crampwatch.test_evaluate import QUICK
from tests.models.gate_bundles import without_weights
from tests.models.recorded import recorded

CRAMPS = "20.000\t20.000\tcramp\n60.000\t30.000\tstance\n120.000\t20.000\tkrampf\n"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    recorded(tmp_path / "own/sub-01/a.edf", CRAMPS)
    recorded(tmp_path / "own/sub-02/a.edf", CRAMPS)
    return tmp_path / "own"


def test_a_worse_model_is_found_worse_on_own_recordings(
    own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    worse = str(without_weights(tmp_path / "worse"))
    picture = tmp_path / "differences.svg"
    asked = CompareRequest(
        ("shipped", worse), labelled=OwnRecordings(own), jobs=1, json=True, picture=picture
    )
    assert compare(asked) == DONE
    said = json.loads(capsys.readouterr().out)
    assert (said["on"], said["synthetic"], said["recordings"]) == ("own labelled recordings", False, 2)
    found = said["figures"]["cramps_found"]
    assert found["first"]["of"] == 4
    assert found["first"]["events"] > found["second"]["events"] == 0
    assert found["difference"] < 0
    assert said["one_by_one"]["cramp"]["second_only"] == 0
    assert "cramps found" in picture.read_text("utf-8")


def test_two_models_are_compared_on_synthetic_people(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("models.evaluate.ProcessPoolExecutor", InProcess)
    monkeypatch.setitem(EXAMS, "gate-enriched", QUICK)
    assert compare(CompareRequest(("shipped", "rules"), ["gate-enriched"], nights=2)) == DONE
    said = capsys.readouterr().out
    assert "synthetic people, 2 of them" in said
    assert "McNemar" in said


def test_one_model_is_not_compared_with_itself() -> None:
    with pytest.raises(EvaluateError, match="twice"):
        compare(CompareRequest(("shipped", str(shipped_bundle())), ["second"]))


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [("format", 1, "expected format 2, got 1"), ("features", {"beauty": "1"}, "'beauty' in '1'")],
)
def test_a_bundle_of_another_detector_is_refused(
    tmp_path: Path, key: str, value: object, message: str
) -> None:
    shutil.copytree(shipped_bundle(), tmp_path / "other")
    card = json.loads((tmp_path / "other" / CARD).read_text("utf-8"))
    (tmp_path / "other" / CARD).write_text(json.dumps({**card, key: value}), "utf-8")
    with pytest.raises(UnfitBundleError, match=message):
        compare(CompareRequest(("shipped", str(tmp_path / "other")), ["second"]))


def test_one_model_is_examined_on_own_recordings(own: Path) -> None:
    found = CliRunner().invoke(
        app, ["evaluate", "--labelled", str(own), "--labels-map", "krampf=ignore", "--jobs", "1", "--json"]
    )
    assert found.exit_code == DONE, found.output
    said = json.loads(found.stdout)
    assert list(said["people"]) == ["sub-01", "sub-02"]
    pooled = said["pooled"]["figures"]["cramps_found"]
    assert pooled["of"] == sum(one["figures"]["cramps_found"]["of"] for one in said["people"].values()) == 2


@pytest.mark.parametrize(
    ("asked", "unread"),
    [
        (["--compare", "shipped", "rules", "--card", "--bundle", "mine"], "--bundle, --card"),
        (["--labelled", "own", "--card"], "--card"),
        (["second", "--labelled", "own"], "COHORTS"),
        (["--gate", "quick", "--nights", "2"], "--nights"),
        (["--picture", "a.svg"], "--picture"),
    ],
)
def test_what_would_be_passed_over_is_refused(asked: list[str], unread: str) -> None:
    found = CliRunner().invoke(app, ["evaluate", *asked], env={"COLUMNS": "200"})
    assert found.exit_code == 2
    assert f"nothing reads {unread}; leave it out" in found.output
