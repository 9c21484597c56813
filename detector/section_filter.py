"""The loop of `scipy.signal.sosfilt`, without the package around it.

Importing `scipy.signal` brings statistics, optimisation and interpolation with it and takes longer than the
analysis of a whole night; its compiled loop alone loads in hundredths of a second. The loop is not part of
SciPy's public interface: where it is missing, or does not do what it should, the public function takes its
place, and only the start is slower. A test holds both equal to the bit.
"""

import importlib.machinery
import importlib.util
import logging
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt

_log = logging.getLogger(__name__)

Signal = npt.NDArray[np.float64]
# (sections[section, 6], signals[channel, n], state[channel, section, 2]): filters both in place.
SectionFilter = Callable[[Signal, Signal, Signal], None]

_NAME = "scipy.signal._sosfilt"


def section_filter() -> SectionFilter:
    """Return the fastest filter at hand that passes a short trial."""
    try:
        loop = _compiled_loop()
        _try_out(loop)
    # Whatever another release of SciPy does here, the public function does the work.
    except Exception as error:  # noqa: BLE001
        _log.warning("SciPy's compiled filter cannot be used by itself (%s); the start is slower", error)
        return public_filter
    return loop


def public_filter(sections: Signal, signals: Signal, state: Signal) -> None:
    """Filter in place by `scipy.signal.sosfilt`."""
    from scipy import signal

    signals[:], after = signal.sosfilt(sections, signals, axis=-1, zi=np.swapaxes(state, 0, 1))
    state[:] = np.swapaxes(after, 0, 1)


def _compiled_loop() -> SectionFilter:
    package = importlib.util.find_spec("scipy")
    if package is None or package.origin is None:
        raise ImportError("no folder of SciPy")
    folder = Path(package.origin).parent / "signal"
    for suffix in importlib.machinery.EXTENSION_SUFFIXES:
        path = folder / f"_sosfilt{suffix}"
        if path.exists():
            loop: SectionFilter = vars(_load(path))["_sosfilt"]
            return loop
    raise ImportError(f"no _sosfilt in {folder}")


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(_NAME, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _try_out(loop: SectionFilter) -> None:
    """Raise ValueError unless a decaying pulse comes out as it should."""
    signals, state = np.array([[1.0, 0.0, 0.0]]), np.zeros((1, 1, 2))
    loop(np.array([[1.0, 0.0, 0.0, 1.0, -0.5, 0.0]]), signals, state)
    if signals.tolist() != [[1.0, 0.5, 0.25]] or state.tolist() != [[[0.125, 0.0]]]:
        raise ValueError(f"a pulse gave {signals.tolist()} and left {state.tolist()}")
