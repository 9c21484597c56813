import json
import shutil
from pathlib import Path

import pytest

from crampwatch.evaluate import EvaluateError, EvaluateRequest, evaluate
from detector.bundle import shipped_bundle
from detector.scoring_labels import Label, LabelledRecording
from detector.scoring_matching import CRAMP
from models import cohorts
from models.cohorts import EXAMS, Exam
from models.evaluate import Threshold, examine
from models.evaluate_pictures import moments
from models.evaluate_recordings import CLAIMS, check_recordings
from models.second_wearer.cohorts import Cohort
from tests.crampwatch.in_process import InProcess

QUICK = cohorts._second(Cohort("enriched", 0.25, 1, 60_000))


def test_a_cohort_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(EvaluateError, match=r"second-ordinary.*'everybody'"):
        evaluate(EvaluateRequest(["everybody"]))


def test_a_folder_without_recordings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvaluateError, match="expected folders of real recordings"):
        evaluate(EvaluateRequest(["second"], recordings=tmp_path))


def test_no_two_cohorts_share_a_name_or_a_person() -> None:
    for name, exam in EXAMS.items():
        assert isinstance(exam, Exam)
        assert exam.nights > 0, name
    people = [repr(exam.make.args) for exam in EXAMS.values() if hasattr(exam.make, "args")]
    assert len(set(people)) == len(EXAMS)


def test_the_rules_have_no_card() -> None:
    with pytest.raises(EvaluateError, match="--card"):
        evaluate(EvaluateRequest(["second"], bundle="rules", card=True))


@pytest.mark.slow
def test_the_same_people_give_the_same_document(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    name = "sensor-500-Hz"
    documents = []
    monkeypatch.setattr("models.evaluate.ProcessPoolExecutor", InProcess)
    monkeypatch.setitem(EXAMS, name, QUICK)
    for _ in range(2):
        assert evaluate(EvaluateRequest([name], nights=1, json=True)) == 0
        documents.append(json.loads(capsys.readouterr().out))
    assert documents[0] == documents[1]
    assert documents[0]["synthetic"] is True
    assert documents[0]["cohorts"][name]["report"]["recordings"] == 1
    verdicts = documents[0]["cohorts"][name]["verdicts"]["acceleration"]
    assert sum(share for _, _, share in verdicts["cramp"]["reliability"]) == pytest.approx(1.0, abs=0.01)
    bundle = tmp_path / "bundle"
    shutil.copytree(shipped_bundle(), bundle)
    assert evaluate(EvaluateRequest([name], nights=1, bundle=str(bundle), card=True)) == 0
    assert json.loads((bundle / "scores.json").read_text()) == documents[0]
    assert "not evidence about people" in " ".join(capsys.readouterr().out.split())


def test_the_yardstick_calls_every_loud_stretch_a_cramp() -> None:
    night = QUICK.make(0)
    threshold = Threshold(night)
    for item in night.items():
        threshold.feed(item)
    said = threshold.labels()
    assert said
    assert all(one.alert == "cramp" and one.end_s - one.onset_s >= 5.0 for one in said)


def test_every_moment_is_found_missed_or_imagined() -> None:
    truth = (
        Label(100.0, 160.0, "tonic", "cramp", name="long"),
        Label(300.0, 330.0, "tonic", "cramp", name="short"),
    )
    said = (Label(101.0, 158.0, "tonic", "cramp"), Label(600.0, 630.0, "tonic", "cramp"))
    recording = LabelledRecording("night", "one", truth, said, 900.0)
    assert [(one.kind, one.what) for one in moments(recording, 0, CRAMP)] == [
        ("found", "long"),
        ("missed", "short"),
        ("false", "cramp where truly: nothing there"),
    ]


@pytest.mark.shared_data
def test_what_is_claimed_of_real_recordings_holds(shared_data: Path) -> None:
    from models.evaluate import classifier_of

    checked = list(check_recordings(shared_data, classifier_of(None)))
    assert [one.claim for one in checked] == list(CLAIMS)
    assert {one.claim.text: one.failing for one in checked if one.failing} == {}


def test_examine_tells_of_every_night(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.evaluate.ProcessPoolExecutor", InProcess)
    monkeypatch.setitem(EXAMS, "quick", QUICK)
    told: list[int] = []
    (one,) = examine(["quick"], nights=1, bundle="rules", advance=lambda: told.append(1))
    assert told == [1]
    assert one.cohort == "quick"
    assert len(one.report.recordings) == 1
