"""The causal band-pass that all EMG passes, its state carried from call to call."""

import numpy as np
import numpy.typing as npt

from detector.butterworth import band_pass_sections, settled_state
from detector.section_filter import section_filter

Signal = npt.NDArray[np.float64]

# Surface EMG lies between 20 and 450 Hz; lower is motion, higher noise (SENIAM; De Luca 2010; science.md
# section 6).
BAND_HZ = (20.0, 450.0)
# At low rates the band ends here, as a part of the rate: short of the Nyquist frequency, where a filter is
# ill-made.
BAND_END = 0.45
ORDER = 4


def band_hz(rate_hz: float) -> tuple[float, float]:
    """Return the pass band at a sampling rate."""
    low_hz, high_hz = BAND_HZ
    return low_hz, min(high_hz, BAND_END * rate_hz)


class BandPass:
    """A 4th-order Butterworth band-pass over all channels, 20–450 Hz or up to 0.45 of the rate.

    Bit for bit the same output however the signal is cut into calls. It begins as if the first sample had
    stood for ever, so that the DC offset of an electrode (tens of mV) makes no step.

    >>> import numpy as np
    >>> band_pass = BandPass(1000.0)
    >>> bool(abs(band_pass.feed(np.full((1, 500), 58_000.0), fresh=True)).max() < 1e-6)
    True
    """

    def __init__(self, rate_hz: float) -> None:
        self._filter = section_filter()
        self._sections = band_pass_sections(ORDER, band_hz(rate_hz), rate_hz)
        self._settled = settled_state(self._sections)
        self._state: Signal = np.zeros((0, ORDER, 2))

    def feed(self, emg_uv: Signal, *, fresh: bool) -> Signal:
        """Return ``[channel, n]`` filtered; with ``fresh`` forget all before."""
        return self.filter(np.array(emg_uv, np.float64, order="C"), fresh=fresh)

    def filter(self, emg_uv: Signal, *, fresh: bool) -> Signal:
        """Filter ``[channel, n]``, contiguous, in place, and return it."""
        if fresh:
            self._state = emg_uv[:, :1, None] * self._settled
        self._filter(self._sections, emg_uv, self._state)
        return emg_uv
