"""What the check says of the sensor and its signal: pure, from what was heard."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from crampwatch.check_line import Line
from crampwatch.check_listening import SQUEEZE_S, Heard
from detector.levels import FINE_COUNT_UV, shows_microvolts
from detector.resting import REST_CAP_UV

# A board's clock may be off by 1 %, and eight seconds are measured to within 1 % on a busy computer.
_RATE_OFF = 0.05
# Lost samples up to this share are bridged by the detector without harm.
_LOST_SHARE = 0.001
# Seconds with a fault up to this share are a cough, not a state.
_SECONDS_SHARE = 0.2
# A leg at rest shows 1 g; a sensor that is far from it is not scaled in g.
_LEAST_G, _MOST_G = 0.8, 1.25
# Noise that no accelerometer is without; less is a stuck one, g.
_STUCK_G = 1e-5
# A lithium cell is nearly empty below, and has not a night in it, mV.
_LOW_BATTERY_MV = 3500

_CLEAN = "clean the skin, press the electrodes on, and see that no cable pulls"


def signal_lines(heard: Heard, warnings: Sequence[str]) -> list[Line]:
    """Return what there is to say of a sensor that was listened to.

    Args:
        heard: What was heard.
        warnings: What its source had to guess.
    """
    made = [make(heard) for make in _LINES]
    return [*made, *(Line("board", "unknown", warning) for warning in warnings)]


def unheard_lines(why: str) -> list[Line]:
    """Return the same lines for a sensor that could not be heard."""
    return [Line(name, "unknown", why) for name in NAMES]


def _rate(heard: Heard) -> Line:
    if heard.rate_hz is None:
        return Line(
            "rate", "bad", "no samples came", "switch the sensor on and bring it near, or press its reset"
        )
    stated_hz = heard.info.emg_rate_hz
    text = f"{heard.rate_hz:.1f} samples a second, {stated_hz:g} stated"
    if abs(heard.rate_hz / stated_hz - 1) <= _RATE_OFF:
        return Line("rate", "good", text)
    return Line("rate", "bad", text, "close what keeps this computer busy, or state the right rate")


def _loss(heard: Heard) -> Line:
    sent = heard.samples + heard.lost
    if not sent:
        return Line("loss", "unknown", "no samples came")
    share = heard.lost / sent
    text = f"{heard.lost} of {sent} samples lost ({share:.2%})"
    if share <= _LOST_SHARE:
        return Line("loss", "good", text)
    return Line("loss", "bad", text, "try a shorter cable or another port, or bring the sensor nearer")


def _scale(heard: Heard) -> Line:
    scale = heard.info.emg_scales[0]
    if scale.unit != "uV":
        return Line(
            "scale",
            "unknown",
            "nobody knows how many µV a count is: only ratios to rest are judged",
            "add uv_per_count=… to the sensor's address",
        )
    gain_uv = abs(scale.gain)
    if all(map(shows_microvolts, heard.info.emg_scales)):
        return Line("scale", "good", f"{gain_uv:.3g} µV a count: weak contractions can be seen")
    return Line(
        "scale",
        "bad",
        f"{gain_uv:.3g} µV a count: contractions of a few counts are lost, and only ratios to rest are judged",
        f"a front end and converter with at most {FINE_COUNT_UV:g} µV a count see more",
    )


def _noise(heard: Heard) -> Line:
    if heard.noise_uv is None:
        return Line("noise floor", "unknown", "nothing was heard at rest")
    if heard.info.emg_scales[0].unit != "uV":
        return Line("noise floor", "unknown", f"{heard.noise_uv:.3g} counts RMS at rest; µV are not known")
    text = f"{heard.noise_uv:.1f} µV RMS at rest"
    if heard.noise_uv <= REST_CAP_UV:
        return Line("noise floor", "good", text)
    return Line("noise floor", "bad", f"{text}, expected at most {REST_CAP_UV:g}", f"relax the leg; {_CLEAN}")


def _mains(heard: Heard) -> Line:
    if not heard.seconds:
        return Line("mains", "unknown", "nothing was heard")
    share = float(np.median(heard.mains_share))
    text = f"{share:.0%} of the power at 50 or 60 Hz and harmonics"
    if heard.flags["mains"] <= _SECONDS_SHARE * heard.seconds:
        return Line("mains", "good", text)
    return Line("mains", "bad", text, f"{_CLEAN}; unplug the charger, keep away from power leads")


def _clipping(heard: Heard) -> Line:
    if not heard.seconds:
        return Line("clipping", "unknown", "nothing was heard")
    railed = heard.flags["railed"]
    if not railed:
        return Line("clipping", "good", "never at the converter's ends")
    text = f"{railed} of {heard.seconds} s at the converter's ends"
    return Line("clipping", "bad", text, f"lower the gain of the front end; {_CLEAN}")


def _contact(heard: Heard) -> Line:
    if heard.lead_off:
        return Line("electrode contact", "bad", "the board says that an electrode is off", _CLEAN)
    if not heard.seconds:
        return Line("electrode contact", "unknown", "nothing was heard")
    for flag, words in (("flat", "the signal is flat"), ("mains", "hum, as from a loose electrode")):
        if heard.flags[flag] > _SECONDS_SHARE * heard.seconds:
            return Line("electrode contact", "bad", words, _CLEAN)
    if heard.squeezed or heard.lead_off is not None:
        return Line(
            "electrode contact", "good", "the muscle is heard" if heard.squeezed else "the board says so"
        )
    return Line("electrode contact", "unknown", "the board does not measure it, and no squeeze showed it")


def _squeeze(heard: Heard) -> Line:
    if heard.squeeze_times is None:
        return Line("calf squeeze", "unknown", "not asked for")
    text = f"{heard.squeeze_times:.1f} x the resting level"
    if heard.squeezed:
        return Line("calf squeeze", "good", f"seen, {text}")
    return Line(
        "calf squeeze",
        "bad",
        f"none seen within {SQUEEZE_S:g} s: {text} at most",
        "tense the calf for two seconds; if that is not seen, move the electrodes over the muscle's belly",
    )


def _acceleration(heard: Heard) -> Line:
    if heard.info.acc_scale is None:
        return Line(
            "acceleration",
            "unknown",
            "the sensor has none: cramps are told a little later, and movement is told less well",
        )
    if not heard.acc_g:
        return Line("acceleration", "unknown", "no samples came")
    acc_g = np.concatenate(heard.acc_g)
    rest_g = float(np.median(np.sqrt(np.square(acc_g.astype(np.float64)).sum(axis=1))))
    text = f"{rest_g:.2f} g at rest"
    if float(acc_g.std(axis=0).max()) < _STUCK_G:
        return Line(
            "acceleration",
            "bad",
            f"{text}, and never anything else",
            "the accelerometer is stuck: reset the board",
        )
    if _LEAST_G <= rest_g <= _MOST_G:
        return Line("acceleration", "good", text)
    return Line(
        "acceleration", "bad", f"{text}, expected 1", "keep the leg still; else the sensor's scale is wrong"
    )


def _battery(heard: Heard) -> Line:
    if heard.battery_mv is None:
        return Line("battery", "unknown", "the board does not tell")
    text = f"{heard.battery_mv / 1000:.2f} V"
    if heard.battery_mv >= _LOW_BATTERY_MV:
        return Line("battery", "good", text)
    return Line("battery", "bad", f"{text}, expected {_LOW_BATTERY_MV / 1000:g} V for a night", "charge it")


_TABLE: Mapping[str, Callable[[Heard], Line]] = MappingProxyType(
    {
        "rate": _rate,
        "loss": _loss,
        "scale": _scale,
        "noise floor": _noise,
        "mains": _mains,
        "clipping": _clipping,
        "electrode contact": _contact,
        "calf squeeze": _squeeze,
        "acceleration": _acceleration,
        "battery": _battery,
    }
)
NAMES, _LINES = tuple(_TABLE), tuple(_TABLE.values())
