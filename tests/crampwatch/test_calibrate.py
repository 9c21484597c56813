"""`crampwatch calibrate`: from a recording of the two minutes to a private file that lowers a weak wearer's limits."""

from __future__ import annotations

import io
import stat
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from crampwatch.calibrate import CalibrateRequest, calibrate
from crampwatch.errors import DONE
from crampwatch.settings import SensorSettings, Settings, SettingsError
from detector.personal_fit import PersonalFitError, UnclearCalibrationError, fit_file, load_fit
from firmware_bridge.simulated_board import SimulatedBoard
from models.fit_effect import calibration_night, fit_of
from models.synthesis import PERSON_RANGES, Person, SensorModel, simulate_night
from models.synthesis.draws import Uniform
from models.synthesis.night_files import write_night


def person(mvc_uv: float) -> Person:
    ranges = {**PERSON_RANGES, "mvc_uv": Uniform(mvc_uv, mvc_uv)}
    return Person.sample(np.random.default_rng(5), ranges, "wearer")


def quiet() -> Console:
    return Console(file=io.StringIO(), width=200)


def test_a_recorded_calibration_is_kept_for_its_sensor_alone(tmp_path: Path) -> None:
    night = calibration_night(person(80.0), SensorModel(), 1)
    write_night(tmp_path / "two-minutes.edf", night)
    console = quiet()
    request = CalibrateRequest(recording=tmp_path / "two-minutes.edf", folder=tmp_path / "kept")
    assert calibrate(Settings(), request, console) == DONE
    (path,) = (tmp_path / "kept" / "fits").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    fit = load_fit(fit_file(tmp_path / "kept", path.stem))
    assert fit is not None
    assert fit.cramp_rise_uv < 12.0
    assert isinstance(console.file, io.StringIO)
    assert "delete it to go back" in console.file.getvalue()
    # A fit that cannot be kept is told, and the one that is there stays.
    kept = path.read_bytes()
    (path.parent / f".{path.name}.new").mkdir()
    with pytest.raises(PersonalFitError, match=rf"{path.name}: cannot be written"):
        calibrate(Settings(), request, console)
    assert path.read_bytes() == kept


def test_the_live_calibration_says_what_to_do_and_stops_by_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    night = calibration_night(person(400.0), SensorModel(), 2)
    with SimulatedBoard(night.items(block_s=1.0), night.info, speed=40.0) as board:
        worn = SensorSettings(source=f"serial:{board.port}", id="left-leg", hardware=night.info.hardware_id)
        assert calibrate(Settings(sensors=(worn,)), CalibrateRequest(folder=tmp_path), quiet()) == DONE
    told = capsys.readouterr().err
    assert told.index("lie still") < told.index("tense the calf") < told.index("point your toes")
    # By the name under which the night is watched, whatever the board calls itself.
    assert night.info.sensor_id != "left-leg"
    assert load_fit(fit_file(tmp_path, "left-leg")) is not None


def test_of_several_sensors_the_one_that_is_worn_has_to_be_named() -> None:
    two = Settings(sensors=(SensorSettings(id="left-leg"), SensorSettings(id="right-leg")))
    with pytest.raises(SettingsError, match="--sensor: expected one of left-leg, right-leg"):
        calibrate(two, CalibrateRequest(), quiet())
    with pytest.raises(SettingsError, match="--sensor: expected one of left-leg, right-leg, got 'arm'"):
        calibrate(two, CalibrateRequest(name="arm"), quiet())


def test_somebody_who_does_not_squeeze_is_told_so(tmp_path: Path) -> None:
    write_night(tmp_path / "still.edf", simulate_night(0.04, 3, scene="still"))
    with pytest.raises(UnclearCalibrationError, match="squeeze harder"):
        calibrate(Settings(), CalibrateRequest(recording=tmp_path / "still.edf", folder=tmp_path), quiet())


def test_labels_without_their_recording_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PersonalFitError, match="--night and --labels"):
        calibrate(Settings(), CalibrateRequest(labels=tmp_path / "labels.tsv"), quiet())


@pytest.mark.parametrize(("mvc_uv", "least_uv", "most_uv"), [(60.0, 5.0, 9.0), (900.0, 30.0, 45.0)])
def test_synthetic_people_get_limits_of_their_size(mvc_uv: float, least_uv: float, most_uv: float) -> None:
    fit = fit_of(calibration_night(person(mvc_uv), SensorModel(), 4))
    assert least_uv <= fit.cramp_rise_uv <= most_uv
