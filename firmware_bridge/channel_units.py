"""What a channel's unit text means, and its counts in µV or g.

Conversions are exact fractions; the limits that come out are the nearest decimals that an EDF header holds,
so that a recording of a replay states the very same scale. Standard gravity is 9.80665 m/s² (CGPM 1901).
"""

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from firmware_bridge.edf_header import EdfSignal, decimal_of, integer_of
from firmware_bridge.samples import Scale, edf_number

# µV in one unit, by its normal spelling.
MICROVOLTS: Mapping[str, Fraction] = MappingProxyType(
    {"v": Fraction(10**6), "mv": Fraction(10**3), "uv": Fraction(1), "nv": Fraction(1, 10**3)}
)
# No electrode or accelerometer reaches this, in any unit; float32 would soon overflow.
_ABSURD = 1e12
_STANDARD_GRAVITY = Fraction("9.80665")
# g in one unit.
GRAVITIES: Mapping[str, Fraction] = MappingProxyType(
    {
        "g": Fraction(1),
        "mg": Fraction(1, 10**3),
        "m/s2": 1 / _STANDARD_GRAVITY,
        "mm/s2": 1 / _STANDARD_GRAVITY / 10**3,
    }
)
# How writers say that they do not know.
COUNTS = frozenset(
    {"", "count", "counts", "adc", "lsb", "bit", "bits", "raw", "digital", "au", "arb", "1", "n/a"}
)

# The micro sign and the superscript two: UTF-8, Latin-1, code page 437/850, Shift-JIS, GBK, and UTF-8 taken
# for Latin-1.
_SIGNS = (
    *(("Âµ", "u"), ("Î¼", "u"), ("\x83Ê", "u"), ("¦Ì", "u"), ("æ", "u"), ("µ", "u"), ("μ", "u")),
    *(("Â²", "2"), ("²", "2"), ("ý", "2"), ("**", ""), ("^", ""), ("·", ""), (" ", ""), (".", "")),
)
_WORDS = (
    *(("microvolts", "uv"), ("microvolt", "uv"), ("millivolts", "mv"), ("millivolt", "mv"), ("volts", "v")),
    *(
        ("volt", "v"),
        ("microv", "uv"),
        ("milli-g", "mg"),
        ("m/s/s", "m/s2"),
        ("ms-2", "m/s2"),
        ("mps2", "m/s2"),
    ),
    *(("g0", "g"), ("gn", "g")),
)


def normal_unit(text: str) -> str:
    """Return a unit in lower case, blanks gone, its micro signs, exponents and long names in one spelling."""
    for sign, plain in _SIGNS:
        text = text.replace(sign, plain)
    text = text.lower()
    for word, short in _WORDS:
        if text == word:
            return short
    return text


def emg_scale(signal: EdfSignal, unit: str) -> Scale:
    """Return the signal's counts in µV; in ``"count"`` where ``unit`` is not a voltage.

    Raises:
        ValueError: a limit in the header is not a number, or the range is empty.
    """
    factor = MICROVOLTS.get(normal_unit(unit))
    return _scale(signal, Fraction(1), "count") if factor is None else _scale(signal, factor, "uV")


def acc_scale(signal: EdfSignal, unit: str) -> Scale:
    """Return the signal's counts in g.

    Raises:
        KeyError: ``unit`` is not one of acceleration.
        ValueError: a limit in the header is not a number, or the range is empty.
    """
    return _scale(signal, GRAVITIES[normal_unit(unit)], "g")


def limits_of(signal: EdfSignal) -> tuple[tuple[int, int], tuple[float, float]]:
    """Return a signal's digital and physical limits, in the unit of its header.

    Raises:
        ValueError: a limit in the header is not a number.
    """
    low, high = (
        integer_of(text, f"digital {end}")
        for end, text in (("minimum", signal.digital_min), ("maximum", signal.digital_max))
    )
    bottom, top = (
        float(decimal_of(text, f"physical {end}"))
        for end, text in (("minimum", signal.physical_min), ("maximum", signal.physical_max))
    )
    return (low, high), (bottom, top)


def _scale(signal: EdfSignal, factor: Fraction, unit: str) -> Scale:
    digital_min, digital_max = (
        integer_of(text, f"digital {end}")
        for end, text in (("minimum", signal.digital_min), ("maximum", signal.digital_max))
    )
    physical_min, physical_max = (
        _limit(Fraction(decimal_of(text, f"physical {end}")) * factor, f"physical {end}")
        for end, text in (("minimum", signal.physical_min), ("maximum", signal.physical_max))
    )
    return Scale(digital_min, digital_max, physical_min, physical_max, unit)


def _limit(value: Fraction, what: str) -> float:
    if abs(value) >= _ABSURD:
        raise ValueError(f"{what}: expected less than {_ABSURD:g}, got {float(value):g}")
    try:
        return float(edf_number(float(value)))
    except ValueError:
        # No header can state it, but it can be read.
        return float(value)
