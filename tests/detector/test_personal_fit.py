"""Personal limits: weak signals get lower ones, strong ones higher, all within bounds, and labels are heard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.event_files import EventRecord
from detector.fit_seconds import LabelledLevel, Seconds, labelled_levels, seconds_of
from detector.personal_fit import (
    LEAST_MOVEMENT_MG,
    LEAST_RATIO,
    LEAST_RISE_UV,
    MOST_RATIO,
    MOST_RISE_UV,
    PROTOCOL,
    PersonalFit,
    PersonalFitError,
    UnclearCalibrationError,
    UnreadableFitError,
    fit_file,
    fit_text,
    fitted,
    fitted_settings,
    limits_of,
    limits_text,
    load_fit,
)
from detector.settings import DetectorSettings
from detector.types import Levels
from firmware_bridge.samples import Mark

USUAL = DetectorSettings()


def calibration(rest_uv: float = 3.0, squeeze_uv: float = 120.0, point_mg: float = 80.0) -> Seconds:
    """A perfect wearer's two minutes."""
    shown = {"rest": (rest_uv, 2.0), "squeeze": (squeeze_uv, 20.0), "point": (0.5 * squeeze_uv, point_mg)}
    parts = [shown[name] for name, length_s in PROTOCOL for _ in range(round(length_s))]
    count = len(parts)
    return Seconds(
        [float(second + 1) for second in range(count)],
        [rms_uv for rms_uv, _ in parts],
        [rest_uv] * count,
        [moved_mg if point_mg else 0.0 for _, moved_mg in parts],
    )


def test_the_protocol_takes_two_minutes() -> None:
    assert sum(length_s for _, length_s in PROTOCOL) == 120.0


def test_an_ordinary_wearer_gets_the_usual_limits() -> None:
    settings = fitted(calibration()).applied(USUAL)
    assert settings == USUAL


def test_a_weak_signal_gets_lower_limits() -> None:
    fit = fitted(calibration(squeeze_uv=60.0))
    assert fit.cramp_rise_uv == pytest.approx(6.0)
    assert LEAST_RATIO <= fit.cramp_ratio < USUAL.cramp_ratio


def test_a_strong_signal_gets_a_higher_limit_but_never_one_that_hides_a_cramp() -> None:
    assert fitted(calibration(squeeze_uv=300.0)).cramp_rise_uv == pytest.approx(30.0)
    assert fitted(calibration(squeeze_uv=5000.0)).cramp_rise_uv == MOST_RISE_UV


def test_a_sensor_that_hardly_feels_the_toes_takes_less_for_movement() -> None:
    assert fitted(calibration(point_mg=40.0)).movement_mg == pytest.approx(20.0)
    assert fitted(calibration(point_mg=4.0)).movement_mg == LEAST_MOVEMENT_MG


def test_without_an_accelerometer_the_limit_of_movement_stays() -> None:
    still = calibration()
    silent = Seconds(still.at_s, still.rms_uv, still.resting_uv, [0.0] * len(still.at_s))
    assert fitted(silent).movement_mg == USUAL.movement_mg


def test_a_cramp_that_the_wearer_reports_lowers_the_limit_and_a_false_one_raises_it() -> None:
    weak, strong_tension = LabelledLevel(13.0, 3.0, is_cramp=True), LabelledLevel(23.0, 3.0, is_cramp=False)
    assert fitted(calibration(), [weak]).cramp_rise_uv == pytest.approx(8.0)
    assert fitted(calibration(), [strong_tension]).cramp_rise_uv == pytest.approx(22.0)
    # Where both cannot be had, the cramp is heard.
    assert fitted(calibration(), [weak, strong_tension]).cramp_rise_uv == pytest.approx(8.0)


@pytest.mark.parametrize(("rest_uv", "squeeze_uv"), [(3.0, 5.0), (30.0, 60.0), (0.0, 100.0)])
def test_a_squeeze_that_cannot_be_seen_is_said_to_be_missing(rest_uv: float, squeeze_uv: float) -> None:
    with pytest.raises(UnclearCalibrationError, match="squeeze"):
        fitted(calibration(rest_uv, squeeze_uv))


def test_a_calibration_that_broke_off_is_refused() -> None:
    whole = calibration()
    broken = Seconds(
        *(list(values)[:65] for values in (whole.at_s, whole.rms_uv, whole.resting_uv, whole.movement_mg))
    )
    with pytest.raises(UnclearCalibrationError, match="got 65 s"):
        fitted(broken)


@given(
    rest_uv=st.floats(0.1, 50.0),
    squeeze_uv=st.floats(0.1, 1e5),
    point_mg=st.floats(0.0, 5000.0),
    labels=st.lists(
        st.builds(LabelledLevel, st.floats(0.1, 1e4), st.floats(0.1, 50.0), st.booleans()), max_size=5
    ),
)
def test_no_calibration_leaves_the_bounds(
    rest_uv: float, squeeze_uv: float, point_mg: float, labels: list[LabelledLevel]
) -> None:
    try:
        fit = fitted(calibration(rest_uv, squeeze_uv, point_mg), labels)
    except UnclearCalibrationError:
        return
    assert LEAST_RATIO <= fit.cramp_ratio <= MOST_RATIO
    assert LEAST_RISE_UV <= fit.cramp_rise_uv <= MOST_RISE_UV
    assert LEAST_MOVEMENT_MG <= fit.movement_mg <= USUAL.movement_mg


def test_a_kept_fit_is_read_back_and_applied(tmp_path: Path) -> None:
    path = fit_file(tmp_path, "left-calf")
    path.parent.mkdir()
    path.write_text(fit_text(PersonalFit(3.0, 70.0, 3.5, 7.0, 20.0)), encoding="utf-8")
    settings = fitted_settings(tmp_path, "left-calf", USUAL)
    assert (settings.cramp_ratio, settings.cramp_rise_uv, settings.movement_mg) == (3.5, 7.0, 20.0)


def test_who_was_never_calibrated_keeps_the_usual_limits(tmp_path: Path) -> None:
    assert load_fit(fit_file(tmp_path, "left-calf")) is None
    assert fitted_settings(tmp_path, "left-calf", USUAL) is USUAL


GOOD = fit_text(PersonalFit(3.0, 70.0, 3.5, 7.0, 20.0))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not toml at all [",
        GOOD.replace("cramp_rise_uv = 7.000", "cramp_rise_uv = 4000.0"),
        GOOD.replace("cramp_rise_uv = 7.000", "cramp_rise_uv = nan"),
        GOOD.replace("cramp_rise_uv = 7.000", 'cramp_rise_uv = "7"'),
        GOOD.replace("movement_mg = 20.000", "movement_mg = 900.0"),
        GOOD + "surprise = 1.0\n",
    ],
)
def test_a_damaged_or_reckless_fit_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "fit.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableFitError, match="expected"):
        load_fit(path)


def levels(first_index: int, rms_uv: float, movement_mg: float | None) -> Levels:
    envelope_uv = np.full((5, 1), rms_uv, np.float32)
    return Levels(first_index, 50, envelope_uv, np.array([2.0], np.float32), movement_mg)


def test_levels_become_seconds() -> None:
    hops = [levels(250 * hop, 3.0 if hop < 8 else 4.0, 1.0 + hop) for hop in range(12)]
    seconds = seconds_of(hops, 1000.0)
    assert list(seconds.at_s) == [1.0, 2.0, 3.0]
    assert list(seconds.rms_uv) == pytest.approx([3.0, 3.0, 4.0])
    assert list(seconds.movement_mg) == [4.0, 8.0, 12.0]


def test_time_begins_where_the_protocol_does() -> None:
    hops = [levels(10_000 + 250 * hop, 3.0, None) for hop in range(8)]
    seconds = seconds_of(hops, 1000.0, origin_index=11_000)
    assert list(seconds.at_s) == [1.0]
    assert list(seconds.movement_mg) == [0.0]


def record(onset_s: float, kind: str, alert: str | None) -> EventRecord:
    return EventRecord(onset_s, 2.0, kind, alert)


def test_labels_take_their_strength_from_the_signal() -> None:
    seconds = Seconds([1.0, 2.0, 3.0, 4.0], [2.0, 40.0, 3.0, 2.0], [2.0] * 4, [0.0] * 4)
    rows = [record(1.0, "tonic", "cramp"), record(0.0, "tonic", "none"), record(1.0, "artefact", "none")]
    assert labelled_levels(seconds, [*rows, record(90.0, "cramp", None)]) == [
        LabelledLevel(40.0, 2.0, is_cramp=True),
        LabelledLevel(40.0, 2.0, is_cramp=False),
    ]
    assert labelled_levels(seconds, [record(1.0, "cramp", None)])[0].is_cramp


def test_every_error_of_a_fit_is_one_of_its_family() -> None:
    assert issubclass(UnclearCalibrationError, PersonalFitError)
    assert issubclass(UnreadableFitError, PersonalFitError)


@given(
    ratio=st.floats(LEAST_RATIO, MOST_RATIO),
    rise_uv=st.floats(LEAST_RISE_UV, MOST_RISE_UV),
    movement_mg=st.floats(LEAST_MOVEMENT_MG, USUAL.movement_mg),
)
def test_a_recording_tells_the_limits_it_was_made_with(
    ratio: float, rise_uv: float, movement_mg: float
) -> None:
    own = DetectorSettings(cramp_ratio=ratio, cramp_rise_uv=rise_uv, movement_mg=movement_mg)
    assert limits_of([Mark(0, "limits", limits_text(own))], USUAL) == own


def test_the_usual_limits_need_no_note() -> None:
    assert limits_text(USUAL) == ""
    assert limits_of([], USUAL) == USUAL


@pytest.mark.parametrize(
    "mark",
    [
        Mark(0, "limits", ""),
        Mark(0, "limits", "cramp_ratio=nan"),
        Mark(0, "limits", "cramp_ratio=1e9"),
        Mark(0, "limits", "cramp_ratio=0"),
        Mark(0, "limits", "movement_mg=5000.0 cramp_ratio=3.0"),
        Mark(0, "limits", "levels=0 clonic_bursts=1"),
        Mark(0, "note", "cramp_ratio=3.0"),
        Mark(500, "limits", "cramp_ratio=3.0"),
    ],
)
def test_a_note_that_is_damaged_or_out_of_bounds_changes_nothing(mark: Mark) -> None:
    assert limits_of([mark], USUAL) == USUAL
