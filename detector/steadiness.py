"""How steady the envelope is: it tells a tonic contraction from a rhythmic one (science.md section 0.1)."""

from dataclasses import dataclass

import numpy as np

from detector.filters import Signal

# Below this part of the strong envelope the muscle is silent (science.md section 6).
SILENT_SHARE = 0.2
# Quantiles of the envelope that stand for weak and strong.
WEAK, STRONG = 0.1, 0.9
# Fewer envelope values say nothing; at 25 ms a tick this is one and a half seconds of the three.
FEWEST = 60


@dataclass(frozen=True, slots=True, eq=False)
class Steadiness:
    """``[rows]`` each; NaN where too little was seen.

    Attributes:
        modulation_depth: (p90 − p10) / (p90 + p10) of the envelope.
        silent_share: Part of the time in which the envelope is below a fifth of its p90.
    """

    modulation_depth: Signal
    silent_share: Signal


def steadiness(envelope_uv: Signal) -> Steadiness:
    """Measure ``[rows, ticks]`` of envelope; NaN stands where it was not seen."""
    ordered = np.sort(envelope_uv, axis=-1)
    seen = np.count_nonzero(~np.isnan(ordered), axis=-1)
    rows, last = np.arange(len(ordered)), np.maximum(seen - 1, 0)
    weak, strong = (ordered[rows, np.rint(share * last).astype(np.int64)] for share in (WEAK, STRONG))
    enough = (seen >= FEWEST) & (strong > 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        depth = (strong - weak) / (strong + weak)
        silent = np.count_nonzero(ordered < (SILENT_SHARE * strong)[:, None], axis=-1) / seen
    return Steadiness(np.where(enough, depth, np.nan), np.where(enough, silent, np.nan))
