"""The design of the band-pass: a digital Butterworth filter as second-order sections.

The closed form: poles on a circle, the low-pass to band-pass transformation, the bilinear transformation with
its frequencies warped (Oppenheim and Schafer, Discrete-Time Signal Processing, chapter 7). It equals
`scipy.signal.butter`, to rounding, without the seconds that importing `scipy.signal` takes.
"""

import numpy as np
import numpy.typing as npt

Sections = npt.NDArray[np.float64]

# The bilinear transformation at a sampling rate of 2, so that the Nyquist frequency is 1: s = 4 (z − 1) / (z + 1).
_BILINEAR = 4.0


def band_pass_sections(order: int, band_hz: tuple[float, float], rate_hz: float) -> Sections:
    """Return a Butterworth band-pass as ``[order, 6]`` sections ``b0 b1 b2 1 a1 a2``.

    Each section has a zero at 0 Hz and one at the Nyquist frequency, so that an offset goes no further than the
    first. The steepest poles come last.

    Args:
        order: Of the low-pass that it is made from; even.
        band_hz: Where the gain is −3 dB.
        rate_hz: Of the samples.

    Raises:
        ValueError: the order is odd, or the band does not lie between 0 and half the rate.
    """
    low_hz, high_hz = band_hz
    if order <= 0 or order % 2:
        raise ValueError(f"order: expected an even number above 0, got {order}")
    if not 0 < low_hz < high_hz < rate_hz / 2:
        raise ValueError(f"band: expected 0 < low < high < {rate_hz / 2:g} Hz, got {low_hz:g} to {high_hz:g}")
    low, high = (_BILINEAR * np.tan(np.pi * hz / rate_hz) for hz in band_hz)
    # One of each pair of conjugates; their mirror images complete the sections.
    angles = np.pi * (1 + 2 * np.arange(order // 2)) / (2 * order)
    scaled = 0.5 * (high - low) * 1j * np.exp(1j * angles)
    spread = np.sqrt(np.square(scaled) - low * high)
    analogue = np.concatenate([scaled + spread, scaled - spread])
    poles = (_BILINEAR + analogue) / (_BILINEAR - analogue)
    gains = (high - low) * _BILINEAR / np.square(np.abs(_BILINEAR - analogue))
    places = np.argsort(np.abs(poles))
    sections = np.zeros((order, 6))
    sections[:, 0], sections[:, 2] = gains[places], -gains[places]
    sections[:, 3], sections[:, 4], sections[:, 5] = (
        1.0,
        -2.0 * poles.real[places],
        np.square(np.abs(poles[places])),
    )
    return sections


def settled_state(sections: Sections) -> npt.NDArray[np.float64]:
    """Return the states ``[section, 2]`` of a filter that has seen 1 for ever (transposed direct form II)."""
    state = np.zeros((len(sections), 2))
    level = 1.0
    for section, (b0, b1, b2, _, a1, a2) in enumerate(sections.tolist()):
        out = level * (b0 + b1 + b2) / (1.0 + a1 + a2)
        state[section, 1] = b2 * level - a2 * out
        state[section, 0] = b1 * level - a1 * out + state[section, 1]
        level = out
    return state
