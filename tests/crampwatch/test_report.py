"""``crampwatch report`` on a real folder: the newest night, one by its date, and what is said where there is none."""

import re
import subprocess
import sys
from pathlib import Path

from tests.dashboard.recorded import NIGHT, record_night


def crampwatch(*arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "crampwatch", "report", "--folder", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


def test_a_report_is_written_and_its_place_is_said(tmp_path: Path) -> None:
    record_night(tmp_path / "nights")
    done = crampwatch(NIGHT.partition("_")[0], "--csv", "tables", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == f"report-{NIGHT}.html"
    assert "comfort aid" in (tmp_path / f"report-{NIGHT}.html").read_text(encoding="utf-8")
    assert {path.name for path in (tmp_path / "tables").iterdir()} == {
        "nights.csv",
        "cramps.csv",
        "diary.csv",
    }


def test_the_report_speaks_as_the_pages_do(tmp_path: Path) -> None:
    record_night(tmp_path / "nights")
    settings = tmp_path / "settings.toml"
    settings.write_text('[dashboard]\nlanguage = "de"\nhours = "12"\n', encoding="utf-8")
    assert crampwatch("--settings", str(settings), folder=tmp_path).returncode == 0
    text = (tmp_path / f"report-{NIGHT}.html").read_text(encoding="utf-8")
    assert '<html lang="de"' in text
    assert "kein Medizinprodukt" in text
    assert re.search(r">\d+:00 [ap]m<", text)


def test_without_a_night_it_says_what_to_do(tmp_path: Path) -> None:
    done = crampwatch(folder=tmp_path)
    assert done.returncode == 1
    assert "expected nights in" in done.stderr
    record_night(tmp_path / "nights")
    done = crampwatch("1999-01-01", folder=tmp_path)
    assert done.returncode == 1
    assert NIGHT in done.stderr
    done = crampwatch("--out", "no/such/folder/report.html", folder=tmp_path)
    assert done.returncode == 1
    assert "--out" in done.stderr
