"""A change that makes the shipped model worse does not pass: figures of fixed synthetic nights, within bounds."""

import json
from pathlib import Path

import pytest

from crampwatch.errors import BAD_INPUT, DONE
from crampwatch.gate import GateRequest, pass_gate
from models.cohorts import EXAMS
from models.gate import SHIPPED, GateError, bounds_file, read_bounds
from tests.crampwatch.in_process import InProcess
from tests.models.gate_bundles import without_clonic, without_weights

ONE_NIGHT = """
[cohorts]
gate-enriched = 1

[[bound]]
cohort = "gate-enriched"
figure = "cramps_found"
at_least = 0.9
of_at_least = 5
reason = "all five today"

[[bound]]
cohort = "gate-enriched"
figure = "clonic_found"
at_least = 0.9
of_at_least = 3
reason = "all three today"
"""


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.evaluate.ProcessPoolExecutor", InProcess)


@pytest.fixture
def one_night(tmp_path: Path) -> str:
    path = tmp_path / "bounds.toml"
    path.write_text(ONE_NIGHT, "utf-8")
    return str(path)


@pytest.mark.slow
def test_the_shipped_model_is_within_its_bounds(capsys: pytest.CaptureFixture[str]) -> None:
    assert pass_gate(GateRequest("quick", json=True)) == DONE
    said = json.loads(capsys.readouterr().out)
    assert said["holds"] is True
    figures = {(one["cohort"], one["figure"]): one for one in said["bounds"]}
    assert len(figures) == len(read_bounds(bounds_file("quick")).bounds)
    cramps = [one for (_, name), one in figures.items() if name == "cramps_found"]
    # One miss in fewer would be more than the share that is asked for.
    assert sum(one["of"] for one in cramps) >= 20


def test_a_model_without_weights_does_not_pass(
    one_night: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    worse = without_weights(tmp_path / "worse")
    assert pass_gate(GateRequest(one_night, str(worse))) == BAD_INPUT
    said = capsys.readouterr()
    assert "gate-enriched: cramps_found: expected ≥ 0.9 of 5 or more, got 0.000 (0 of 5.00)" in said.err
    assert "NO" in said.out


def test_a_model_that_calls_everything_tonic_does_not_pass(
    one_night: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    worse = without_clonic(tmp_path / "worse")
    assert pass_gate(GateRequest(one_night, str(worse), json=True)) == BAD_INPUT
    said = capsys.readouterr()
    assert "clonic_found: expected ≥ 0.9" in said.err
    assert [one["holds"] for one in json.loads(said.out)["bounds"]] == [True, False]


def test_too_small_a_denominator_does_not_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.crampwatch.test_evaluate import QUICK

    monkeypatch.setitem(EXAMS, "gate-enriched", QUICK)
    path = tmp_path / "bounds.toml"
    path.write_text(ONE_NIGHT.replace("of_at_least = 5", "of_at_least = 500"), "utf-8")
    assert pass_gate(GateRequest(str(path))) == BAD_INPUT
    assert "cramps_found: expected ≥ 0.9 of 500 or more" in capsys.readouterr().err


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_bounds_can_be_read_and_give_reasons(name: str) -> None:
    bounds = read_bounds(bounds_file(name))
    assert {one.cohort for one in bounds.bounds} == set(bounds.cohorts)
    figures = {one.figure for one in bounds.bounds}
    assert figures >= {
        "cramps_found",
        "clonic_found",
        "confused",
        "false_cramps_per_night",
        "false_clonic_per_night",
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("gate-enriched = 1", "everybody = 1"), "cohorts: expected one of .*'everybody'"),
        (("gate-enriched = 1", "gate-enriched = 0"), "a number of nights"),
        (("gate-enriched = 1", "gate-lessons = 1"), "bound 1: cohort"),
        (("cramps_found", "beauty"), "figure: expected one of cramps_found"),
        (("at_least = 0.9\n", "at_least = nan\n"), "at_least: expected a number"),
        (("at_least = 0.9\n", ""), "either at_least or at_most, got none"),
        (("at_least = 0.9\n", "at_least = 0.9\nat_most = 1.0\n"), "got at_least and at_most"),
        (('"all five today"', '" "'), "expected a reason"),
        (("of_at_least = 5", "of_at_lest = 5"), "got of_at_lest"),
        (("[cohorts]", "[cohort]"), r"expected \[cohorts\]"),
        (("[[bound]]", "bound = 3\n[["), "expected TOML"),
    ],
)
def test_bounds_that_nobody_can_examine_are_refused(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    path = tmp_path / "bounds.toml"
    path.write_text(ONE_NIGHT.replace(*change, 1), "utf-8")
    with pytest.raises(GateError, match=message):
        read_bounds(path)


def test_a_file_that_is_not_there_is_told_with_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(GateError, match="quick or full"):
        read_bounds(tmp_path / "none.toml")
