"""A wearer's own limits: from a guided calibration of two minutes and from what they said of past nights.

    PersonalFitError
    ├── UnclearCalibrationError  what was asked for cannot be seen in the signal
    └── UnreadableFitError       the file of a fit is damaged, or its limits are out of bounds

Nothing is trained again: only where a contraction is strong enough for a cramp, and what counts as movement, are
set, and only within bounds. A weak signal (fat under the skin, worn electrodes) gets a lower limit, so that its
cramps are seen; a strong one a higher limit, so that idle tension is not called a cramp.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from statistics import median
from sys import float_info

from detector.fit_seconds import LabelledLevel, Seconds
from detector.settings import DetectorSettings
from firmware_bridge.samples import Mark
from firmware_bridge.toml_text import TomlError, toml_of

# The guided calibration: what is asked for, and for how long, seconds (two minutes in all).
PROTOCOL: tuple[tuple[str, float], ...] = (
    ("rest", 50.0),
    ("squeeze", 10.0),
    ("rest", 20.0),
    ("point", 15.0),
    ("rest", 25.0),
)
# A squeeze is at least so many times rest, and so far above it, or none was seen.
SQUEEZE_TIMES, SQUEEZE_RISE_UV = 3.0, 10.0
# A cramp reaches this part of the strongest voluntary contraction (science.md section 10).
CRAMP_MVC_SHARE = 0.10
# No fit may ask for less or more than this above rest: below lies restless sleep, above it a cramp that hurts.
LEAST_RISE_UV, MOST_RISE_UV = 5.0, 45.0
# … nor for fewer or more times the resting level.
LEAST_RATIO, MOST_RATIO = 2.5, 6.0
# Where pointing the toes moves the sensor less than usual, movement begins lower: at this part of what it did.
MOVEMENT_SHARE, LEAST_MOVEMENT_MG = 0.5, 12.0
# Labels: a limit stays this far below the weakest cramp, and this far above what was none.
BELOW_A_CRAMP, ABOVE_NO_CRAMP = 0.8, 1.1


# The note in a recording that tells its limits, and what a replay takes from it: limits and their bounds.
LIMITS_KIND = "limits"
_USUAL = DetectorSettings()
_LIMITS: Mapping[str, tuple[float, float]] = {
    "cramp_ratio": (LEAST_RATIO, MOST_RATIO),
    "cramp_rise_uv": (LEAST_RISE_UV, MOST_RISE_UV),
    "movement_mg": (LEAST_MOVEMENT_MG, _USUAL.movement_mg),
}
_LIMIT = re.compile(rf"({'|'.join(_LIMITS)})=([0-9]+\.?[0-9]*)", re.ASCII)


class PersonalFitError(ValueError):
    """A personal fit cannot be made or used; the text says why and what to do."""


class UnclearCalibrationError(PersonalFitError):
    """What was asked for cannot be seen."""


class UnreadableFitError(PersonalFitError):
    """The file cannot be used."""


@dataclass(frozen=True, slots=True)
class PersonalFit:
    """What one wearer's sensor showed, and the limits that follow.

    Attributes:
        rest_uv: RMS at rest.
        squeeze_uv: RMS of the strongest second of the squeeze.
        cramp_ratio: As in `detector.settings.DetectorSettings`; so the next two.
        cramp_rise_uv: Likewise.
        movement_mg: Likewise.

    Raises:
        UnreadableFitError: a value is out of bounds.
    """

    rest_uv: float
    squeeze_uv: float
    cramp_ratio: float
    cramp_rise_uv: float
    movement_mg: float

    def __post_init__(self) -> None:
        """Refuse limits that would silence the alarm or make it useless."""
        bounds = {
            "cramp_ratio": (LEAST_RATIO, MOST_RATIO),
            "cramp_rise_uv": (LEAST_RISE_UV, MOST_RISE_UV),
            "movement_mg": (LEAST_MOVEMENT_MG, DetectorSettings().movement_mg),
        }
        for name, (least, most) in bounds.items():
            value = getattr(self, name)
            if not least <= value <= most:
                raise UnreadableFitError(
                    f"personal fit: {name}: expected {least:g} to {most:g}, got {value}; calibrate again"
                )

    def applied(self, settings: DetectorSettings) -> DetectorSettings:
        """Return the settings with the wearer's own limits."""
        return replace(
            settings,
            cramp_ratio=self.cramp_ratio,
            cramp_rise_uv=self.cramp_rise_uv,
            movement_mg=self.movement_mg,
        )


def fitted(seconds: Seconds, labelled: Sequence[LabelledLevel] = ()) -> PersonalFit:
    """Return the limits that follow from a calibration and from labels.

    Args:
        seconds: Of the protocol, from its beginning.
        labelled: What the wearer said of past contractions.

    Raises:
        UnclearCalibrationError: rest or squeeze cannot be seen.
    """
    parts = _parts(seconds)
    rest_uv = median(seconds.rms_uv[place] for place in parts["rest"])
    squeeze_uv = max(seconds.rms_uv[place] for place in parts["squeeze"])
    if not (rest_uv > 0.0 and squeeze_uv >= max(SQUEEZE_TIMES * rest_uv, rest_uv + SQUEEZE_RISE_UV)):
        raise UnclearCalibrationError(
            f"calibration: expected a squeeze of {SQUEEZE_TIMES:g} times rest and {SQUEEZE_RISE_UV:g} µV above it, "
            f"got {squeeze_uv:.1f} µV over a rest of {rest_uv:.1f} µV; check the electrodes and squeeze harder"
        )
    usual = DetectorSettings()
    rise_uv = _bounded(_heard(CRAMP_MVC_SHARE * squeeze_uv, labelled), LEAST_RISE_UV, MOST_RISE_UV)
    # Where that is little, it is so many times the resting level, too.
    ratio = _bounded(1.0 + rise_uv / rest_uv, LEAST_RATIO, usual.cramp_ratio)
    moved_mg = max((seconds.movement_mg[place] for place in parts["point"]), default=0.0)
    movement_mg = _bounded(MOVEMENT_SHARE * moved_mg, LEAST_MOVEMENT_MG, usual.movement_mg)
    has_acc = any(value > 0.0 for value in seconds.movement_mg)
    return PersonalFit(rest_uv, squeeze_uv, ratio, rise_uv, movement_mg if has_acc else usual.movement_mg)


def _parts(seconds: Seconds) -> dict[str, list[int]]:
    """Return the places of the seconds of each part of the protocol.

    Raises:
        UnclearCalibrationError: a part is missing.
    """
    parts: dict[str, list[int]] = {}
    begin_s = 0.0
    for name, length_s in PROTOCOL:
        parts.setdefault(name, []).extend(seconds.during(begin_s, begin_s + length_s))
        begin_s += length_s
        if not parts[name]:
            raise UnclearCalibrationError(
                f"calibration: expected {begin_s:g} s of signal up to the end of {name!r}, got "
                f"{max(seconds.at_s, default=0.0):.0f} s; keep the sensor connected to the end"
            )
    return parts


def _heard(rise_uv: float, labelled: Sequence[LabelledLevel]) -> float:
    """Return a limit moved by what the wearer said: under every cramp, and above what was none if there is room."""
    cramps = [one.peak_uv - one.rest_uv for one in labelled if one.is_cramp]
    others = [one.peak_uv - one.rest_uv for one in labelled if not one.is_cramp]
    rise_uv = max(rise_uv, ABOVE_NO_CRAMP * max(others, default=0.0))
    return min([rise_uv, *(BELOW_A_CRAMP * cramp_uv for cramp_uv in cramps)])


def _bounded(value: float, least: float, most: float) -> float:
    return min(max(value, least), most)


def fit_file(folder: Path, sensor_id: str) -> Path:
    """Return where the fit of a sensor is kept."""
    return folder / "fits" / f"{sensor_id}.toml"


def fit_text(fit: PersonalFit) -> str:
    """Return a fit as a TOML file; numbers keep three decimals."""
    lines = [
        "# A wearer's own limits, from `crampwatch calibrate`. Delete this file to go back to the usual ones."
    ]
    lines += [f"{entry.name} = {getattr(fit, entry.name):.3f}" for entry in fields(fit)]
    return "\n".join(lines) + "\n"


def load_fit(path: Path) -> PersonalFit | None:
    """Read a fit; None where there is none.

    Raises:
        UnreadableFitError: it is damaged, or its limits are out of bounds.
    """
    names = [entry.name for entry in fields(PersonalFit)]
    try:
        content = toml_of(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, TomlError) as error:
        raise UnreadableFitError(f"{path}: expected a personal fit, got {error}; calibrate again") from error
    numbers = {
        name: float(value)
        for name, value in content.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= float_info.max
    }
    if sorted(content) != sorted(names) or len(numbers) != len(names):
        raise UnreadableFitError(
            f"{path}: expected the numbers {', '.join(names)}, got {', '.join(content) or 'nothing'}; calibrate again"
        )
    return PersonalFit(**numbers)


def fitted_settings(folder: Path, sensor_id: str, settings: DetectorSettings) -> DetectorSettings:
    """Return the settings with the limits of whoever wears a sensor; as they are where nobody calibrated it.

    Raises:
        UnreadableFitError: there is a fit that cannot be used.
    """
    fit = load_fit(fit_file(folder, sensor_id))
    return settings if fit is None else fit.applied(settings)


def limits_text(settings: DetectorSettings) -> str:
    """Return the limits that are a wearer's own, as a note for the recording; empty where all are the usual ones."""
    own = {name: getattr(settings, name) for name in _LIMITS}
    return " ".join(f"{name}={value!r}" for name, value in own.items() if value != getattr(_USUAL, name))


def limits_of(annotations: Iterable[Mark], settings: DetectorSettings) -> DetectorSettings:
    """Return the settings with the limits that a recording was made with, so that its replay says what was said.

    A note that is damaged, or asks for what no fit may ask for, changes nothing.
    """
    for mark in annotations:
        if mark.kind != LIMITS_KIND or mark.index:
            continue
        limits = {name: float(value) for name, value in _LIMIT.findall(mark.text)}
        if all(_LIMITS[name][0] <= value <= _LIMITS[name][1] for name, value in limits.items()):
            return replace(settings, **limits)  # type: ignore[arg-type]  # names of settings that are numbers
    return settings
