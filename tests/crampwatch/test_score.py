"""`crampwatch score` whole: tables on disk in, a table or JSON or a picture out."""

import io
import json
import math
import re
import sys
from pathlib import Path

import pytest

from crampwatch.errors import DONE
from crampwatch.score import ScoreRequest, score_files
from crampwatch.score_drawing import PictureError
from crampwatch.score_files import ScoreFilesError
from crampwatch.score_table import print_report
from detector.scoring import score
from detector.scoring_labels import Label, LabelledRecording

TRUTH = """onset\tduration\ttrial_type\talert\treason\tclass\tpeak_uv\tbaseline_uv
100\t60\ttonic\tcramp\tsynthetic cramp\tcramp\t100.0\t5.0
600\t40\ttonic\tcramp\tsynthetic cramp\tcramp\t100.0\t5.0
900\t30\tleg_movement\tnone\tsynthetic turn over\tturn_over\t200.0\t5.0
2000\t30\tclonic\tclonic\tsynthetic clonic\tclonic\t20.0\t5.0
"""
SAID = """onset\tduration\ttrial_type\talert\tdetected_at\tconfidence\tsite\tpeak_uv\tburst_rate_hz\tsequence\treason
50\t10\ttension_rise\tnone\t60\t0.5\tn/a\tn/a\tn/a\tn/a\tn/a
101\t58\ttonic\tcramp\t109.5\t0.9\tleft-calf\t100.0\tn/a\tn/a\tcalf tight
905\t25\ttonic\tcramp\t914\t0.6\tleft-calf\t90.0\tn/a\tn/a\tcalf tight
2001\t29\ttonic\tcramp\t2009\t0.6\tleft-calf\t90.0\tn/a\tn/a\tcalf tight
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (
        ("a_truth.tsv", TRUTH),
        ("a_events.tsv", SAID),
        ("b_truth.tsv", ""),
        ("b_events.tsv", ""),
    ):
        (tmp_path / name).write_text(text or TRUTH.splitlines()[0] + "\n", "utf-8")
    return tmp_path


def printed(request: ScoreRequest, capsys: pytest.CaptureFixture[str]) -> str:
    assert score_files(request) == DONE
    out, err = capsys.readouterr()
    assert err == ""
    return str(out)


def cells(table: str, name: str) -> list[str]:
    """Return the cells of a line of the table."""
    line = next(line for line in table.splitlines() if line.startswith(name))
    return [cell.strip() for cell in line[len(name) :].split("  ") if cell.strip()]


def test_the_table_gives_each_figure_with_its_denominator_and_interval(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = printed(ScoreRequest(folder, folder, hours=8.0), capsys)
    assert table.splitlines()[0] == "2 synthetic recordings, 16.0 h recorded, 16.0 h monitored"
    assert cells(table, "found, of those asked for") == ["1 of 2", "0 of 1", "2 of 3", "0 of 1"]
    assert cells(table, "sensitivity (95 %)")[0] == "50.0 % (9.5–90.5)"
    assert cells(table, "false alarms")[:3] == ["2", "0", "1"]
    assert cells(table, "… per 8-h night (95 %)")[0] == "1 (0.121–3.61)"
    assert cells(table, "… per monitored hour (95 %)")[0] == "0.125 (0.0151–0.452)"
    assert cells(table, "onset to verdict, median, p95")[0] == "9.5 s, 9.5 s"
    assert cells(table, "onset error, median (5–95 %)")[0] == "+1.0 s (+1.0…+1.0)"
    assert cells(table, "clonic ") == ["1", "0", "0"]
    assert "Taken for the other kind: 1 of 2 that got a verdict, 50.0 % (9.5–90.5)." in table
    assert cells(table, "turn over") == ["1", "1"]
    assert "announced 1 of 2 cramps, 40 s before (median); 0 of 1 led to none." in table


def test_in_a_pipe_there_is_no_colour_and_no_folded_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = printed(ScoreRequest(folder, folder, hours=8.0), capsys)
    assert "\x1b" not in table
    assert any(len(line) > 80 for line in table.splitlines())


def test_on_a_terminal_the_table_keeps_to_its_width() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    out = Terminal()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "80")
        patch.setenv("TERM", "xterm")
        print_report(score([recording()]), [], synthetic=False, out=out)
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in out.getvalue().splitlines()]
    assert "\x1b" in out.getvalue()
    assert max(len(line) for line in lines if not line.startswith("SzCORE")) <= 80


def recording() -> LabelledRecording:
    return LabelledRecording("night", "a", (Label(100.0, 160.0, "tonic", "cramp"),), (), 28_800.0)


def test_the_json_holds_what_the_table_shows(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(printed(ScoreRequest(folder, folder, hours=8.0, json=True), capsys))
    cramp = document["targets"]["cramp"]
    assert (document["version"], document["synthetic"], document["duration_s"]) == (1, True, 57_600.0)
    assert (cramp["sensitivity"]["hits"], cramp["sensitivity"]["of"]) == (1, 2)
    assert cramp["sensitivity"]["wilson_95"] == pytest.approx([0.0945, 0.9055], abs=1e-4)
    assert (cramp["false_per_night"]["count"], cramp["false_per_night"]["exposure"]) == (2, 2.0)
    assert cramp["false_by_class"] == {"clonic": 1, "turn_over": 1}
    assert (cramp["latency_s"]["median"], cramp["latency_s"]["known"]) == (9.5, 1)
    assert document["confusion"]["confused"]["hits"] == 1
    assert [(group["name"], group["sensitivity"]["of"]) for group in cramp["by_snr"]] == [("below 30 dB", 2)]
    assert (document["warnings"]["announced"]["hits"], document["warnings"]["lead_s"]["median"]) == (1, 40.0)


def test_the_json_is_json_even_of_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a_truth.tsv", "a_events.tsv"):
        (tmp_path / name).write_text("onset\tduration\ttrial_type\n", "utf-8")

    def refuse(constant: str) -> float:
        raise AssertionError(constant)

    text = printed(ScoreRequest(tmp_path, tmp_path, json=True), capsys)
    document = json.loads(text, parse_constant=refuse)
    assert document["targets"]["cramp"]["sensitivity"]["value"] is None
    assert document["targets"]["cramp"]["false_per_night"] is None


def test_a_length_that_nobody_knows_gives_no_rates_and_says_so(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = printed(ScoreRequest(folder, folder), capsys)
    assert table.startswith("2 synthetic recordings of unknown length")
    assert cells(table, "… per 8-h night (95 %)") == ["–"] * 4
    assert "Note: length unknown, so no rates" in table
    assert "(2 of 2 recordings)" in table


def test_without_its_package_szcore_is_called_not_installed(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "timescoring.scoring", None)
    assert "SzCORE's rule: not installed" in printed(ScoreRequest(folder, folder, hours=8.0), capsys)


def test_faint_cramps_are_asked_for_on_request(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = "600\t40\ttonic\tcramp\tsynthetic cramp\tcramp\t"
    text = TRUTH.replace(f"{line}100.0", f"{line}6.0")
    (folder / "a_truth.tsv").write_text(text, "utf-8")
    default = printed(ScoreRequest(folder, folder, hours=8.0), capsys)
    assert cells(default, "found, of those asked for")[0] == "1 of 1"
    assert cells(default, "too faint to be asked for")[0] == "1"
    strict = printed(ScoreRequest(folder, folder, hours=8.0, ask_faint=True), capsys)
    assert cells(strict, "found, of those asked for")[0] == "1 of 2"


def test_a_picture_is_drawn_beside_the_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = folder / "p.svg"
    printed(ScoreRequest(folder, folder, hours=8.0, picture=picture), capsys)
    assert "Found, missed and false alarms (synthetic)" in picture.read_text("utf-8")
    with pytest.raises(PictureError, match="is there already"):
        score_files(ScoreRequest(folder, folder, picture=picture))


def test_files_that_do_not_fit_print_nothing_and_draw_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "b_events.tsv").unlink()
    with pytest.raises(ScoreFilesError, match=r"found no b_events\.tsv"):
        score_files(ScoreRequest(folder, folder, picture=folder / "p.svg"))
    assert capsys.readouterr().out == ""
    assert not (folder / "p.svg").exists()


@pytest.mark.shared_data
def test_labels_of_real_holds_agree_with_themselves(
    shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    composites = shared_data / "composites"
    document = json.loads(printed(ScoreRequest(composites, composites, json=True), capsys))
    cramp = document["targets"]["cramp"]
    assert (cramp["sensitivity"]["hits"], cramp["sensitivity"]["of"], cramp["false_alarms"]) == (20, 20, 0)
    assert cramp["samples"]["f1"] == 1.0
    assert math.isclose(document["duration_s"], 20 * 120.0 + 120.0, abs_tol=5.0)
