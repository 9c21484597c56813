"""Labels leave the night log as an event table that scoring and calibration read."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from crampwatch.commands import app
from dashboard.database import NightLogError
from detector.event_files import EventFileError, EventFileExistsError, read_events
from tests.crampwatch.labelled_home import labelled_home


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return labelled_home(tmp_path)


def export(home: Path, *options: str) -> str:
    out = home / "labels.tsv"
    found = CliRunner().invoke(
        app, ["export", "labels", *options, "--folder", str(home), "--out", str(out)], catch_exceptions=False
    )
    assert found.exit_code == 0, found.output
    return found.output


def test_a_nights_labels_are_written_with_their_times(home: Path) -> None:
    assert "1 labels" in export(home, "2026-11-21")
    (row,) = read_events(home / "labels.tsv")
    assert (row.onset_s, row.duration_s, row.trial_type, row.alert) == (20.0, 20.0, "tonic", "cramp")
    assert (home / "labels.json").is_file()


def test_one_persons_labels_are_hers_alone_and_nothing_is_overwritten(home: Path) -> None:
    assert "0 labels" in export(home, "--by", "Ben")
    with pytest.raises(EventFileExistsError):
        export(home)
    assert "1 labels" in export(home, "--force", "--by", "Ann")


def test_labels_are_taken_from_the_night_log_that_the_settings_name(home: Path) -> None:
    file = home / "settings.toml"
    file.write_text('[night_log]\nurl = "postgresql://nobody@127.0.0.1:1/none"\n', encoding="utf-8")
    # Nobody is there: what the file in the folder holds is of another log, and is not given in its place.
    with pytest.raises(NightLogError, match=r"127\.0\.0\.1"):
        export(home, "--settings", str(file))


def test_a_place_that_cannot_be_written_is_told(home: Path) -> None:
    there = home / "absent" / "labels.tsv"
    with pytest.raises(EventFileError, match=r"absent/labels.tsv: cannot be written .*--out"):
        CliRunner().invoke(
            app, ["export", "labels", "--folder", str(home), "--out", str(there)], catch_exceptions=False
        )
