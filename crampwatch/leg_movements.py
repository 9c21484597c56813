"""`crampwatch leg-movements`: the periodic leg movements of recordings by the published rules, for the researcher."""

import json
import math
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.table import Table

from crampwatch.channel_flags import ChannelFlags
from crampwatch.errors import DONE
from crampwatch.table_console import table_console
from detector.leg_movements import AASM, WASM_2016, Envelope, Rules, Summary, amplitude_rule, score_envelopes
from detector.pipeline import Pipeline
from detector.types import DetectorItem, Levels, SignalQuality
from firmware_bridge.recordings import Recording
from firmware_bridge.samples import SensorInfo

BLOCK_S = 256.0
STANDARDS: Mapping[str, Rules] = {"wasm": WASM_2016, "aasm": AASM}
# Of the detector's 50-ms RMS so many make the 150 ms that an expert's eye comes close to (science.md section 6).
ROWS = 3
# What a second must not be flagged as for its movements to be seen; a moving leg moves its cable, too.
BLIND = frozenset({"lost", "flat", "railed", "lead_off", "noise"})


@dataclass(frozen=True, slots=True)
class LegMovementsRequest:
    """What the command line asks for.

    Attributes:
        files: Recordings.
        standard: A name of `STANDARDS`.
        channels: Which channels to take.
        json: Print one JSON document.
    """

    files: tuple[Path, ...]
    standard: str
    channels: ChannelFlags
    json: bool = False


def leg_movements(request: LegMovementsRequest) -> int:
    """Score every recording, print what came out, and return the exit code.

    Raises:
        RecordingError: one cannot be read.
        UnusableRateError: one is too slow for the detector.
    """
    rules = STANDARDS[request.standard]
    nights = [(path, summary_of(request.channels.open(path), rules)) for path in request.files]
    if request.json:
        json.dump([_as_json(path, night) for path, night in nights], sys.stdout, indent=1, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        _print_table(nights)
    return DONE


def summary_of(recording: Recording, rules: Rules) -> Summary:
    """Return the leg movements of a recording; every EMG channel is taken for a leg of its own."""
    info = recording.info
    pipeline = Pipeline(info, recording_id=recording.recording_id)
    items: list[DetectorItem] = []
    for item in recording.items(block_s=BLOCK_S):
        items += (one for one in pipeline.feed(item) if isinstance(one, Levels | SignalQuality))
    items += (one for one in pipeline.finish() if isinstance(one, Levels | SignalQuality))
    # The coarsest channel decides: what one of them cannot show is shown by none.
    scales = info.emg_scales
    counts = [abs(scale.gain) if scale.unit == "uV" else math.inf for scale in scales]
    amplitude = amplitude_rule(max(counts) if math.isfinite(max(counts)) else None)
    legs = {
        site or f"channel {channel + 1}": envelope_of(items, info, recording.samples, channel)
        for channel, site in enumerate(info.sites)
    }
    return score_envelopes(legs, rules, amplitude)


def envelope_of(items: Iterable[DetectorItem], info: SensorInfo, samples: int, channel: int) -> Envelope:
    """Return the envelope of one channel, NaN where nothing could be seen.

    Args:
        items: Levels and signal quality of the recording.
        info: The sensor.
        samples: Length of the recording.
        channel: Which.
    """
    kept = list(items)
    levels = [one for one in kept if isinstance(one, Levels)]
    step = levels[0].step if levels else 1
    energy = np.full(samples // step, np.nan)
    resting_uv = np.full(samples // step, np.nan)
    for one in levels:
        rows = slice(one.first_index // step, one.first_index // step + len(one.envelope_uv))
        room = len(energy[rows])
        energy[rows] = np.square(one.envelope_uv[:room, channel].astype(np.float64))
        resting_uv[rows] = one.baseline_uv[channel]
    for second in (one for one in kept if isinstance(one, SignalQuality)):
        if second.channel == channel and BLIND.intersection(second.flags):
            energy[second.first_index // step : -(-(second.first_index + second.samples) // step)] = np.nan
    padded = np.pad(energy, (ROWS // 2, ROWS // 2), constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, ROWS) if len(energy) else np.zeros((0, ROWS))
    known = ~np.isnan(windows)
    mean = np.where(known, windows, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    values_uv = np.where(np.isnan(energy), np.nan, np.sqrt(mean))
    return Envelope(values_uv, info.emg_rate_hz / step, resting_uv, ~np.isnan(resting_uv))


def _as_json(path: Path, night: Summary) -> dict[str, object]:
    return {
        "file": str(path),
        "rules": night.rules,
        "amplitude": night.amplitude,
        "muscle": "the rules are for the tibialis anterior; elsewhere they are an adaptation",
        "monitored_h": night.monitored_h,
        "leg_monitored_h": dict(night.leg_monitored_h),
        "movements": len(night.movements),
        "candidates": len(night.candidates),
        "candidates_per_h": night.candidates_per_h,
        "periodic": night.plm,
        "periodic_per_h": night.plm_per_h,
        "short_intervals": night.short_intervals,
        "isolated": night.isolated,
        "periodicity": night.periodicity,
        "mean_periodic_duration_s": night.mean_plm_duration_s,
        "series": [
            {
                "onset_s": run.movements[0].onset_s,
                "end_s": run.movements[-1].end_s,
                "movements": len(run.movements),
                "intervals_s": list(run.intervals_s),
            }
            for run in night.series
        ],
    }


def _print_table(nights: Sequence[tuple[Path, Summary]]) -> None:
    console = table_console()
    for path, night in nights:
        table = Table(title=f"{path.name}: {night.rules}, {night.amplitude}", title_justify="left", box=None)
        table.add_column("what")
        table.add_column("", justify="right")
        for what, value in _rows(night):
            table.add_row(what, value)
        console.print(table)
    console.print(
        "For the tibialis anterior; elsewhere the rules are an adaptation. No sleep is known, so rates are per "
        "monitored hour."
    )


def _rows(night: Summary) -> Iterator[tuple[str, str]]:
    yield "monitored, h", f"{night.monitored_h:.2f}"
    yield "leg movements (LM)", str(len(night.movements))
    yield "candidates (CLM)", f"{len(night.candidates)}, {_rate(night.candidates_per_h)}"
    yield "series of periodic movements", str(len(night.series))
    yield "periodic movements (PLM)", f"{night.plm}, {_rate(night.plm_per_h)}"
    yield "with short intervals", str(night.short_intervals)
    yield "isolated", str(night.isolated)
    yield "periodicity", "–" if night.periodicity is None else f"{night.periodicity:.2f}"


def _rate(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} an hour"
