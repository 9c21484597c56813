"""Labels of the night log reach training, and are of the recording they are about."""

from pathlib import Path

import pytest

from crampwatch.night_log_labels import NIGHTS, labels_of_home
from dashboard.night_log import NightLog
from models.bundle_files import TrainingError
from models.labelled_recordings import OwnRecordings, labelled_in
from tests.crampwatch.labelled_home import labelled_home


def test_what_people_said_of_a_night_is_handed_to_training(tmp_path: Path) -> None:
    home = labelled_home(tmp_path)
    (file,) = labelled_in(OwnRecordings(home / NIGHTS, handed=labels_of_home(home))).files
    assert [(one.onset_s, one.end_s, one.kind, one.alert) for one in file.labels] == [
        (20.0, 40.0, "tonic", "cramp")
    ]
    assert file.path.is_relative_to(home / NIGHTS)


def test_a_home_that_nobody_labelled_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="expected a night log"):
        labels_of_home(tmp_path)
    NightLog(tmp_path / "night_log.sqlite").close()
    with pytest.raises(TrainingError, match="expected labels of people"):
        labels_of_home(tmp_path)
