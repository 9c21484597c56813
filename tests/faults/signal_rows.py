"""Rows G1 and G2: signals that are none, and an electrode that is off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from detector.alarms.engine import AlarmEngine
from detector.alarms.values import AlarmChange, Moment
from detector.monitor_state import MonitorState
from detector.standing import QUIET_S, Standing
from detector.types import DetectorItem, SignalQuality
from firmware_bridge.samples import SampleBlock, SensorStatus
from tests.detector.mqtt_world import BEGAN
from tests.detector.signals import EMG_SCALE, Scene, Signal, alerts, detect, part, sensor, stream
from tests.faults.row import Outcome, row

RATE = 1000
# When the fault begins and ends in its minute, s.
BEGINS_S, ENDS_S, LASTS_S = 20, 40, 70.0
SOON_S = 10
# Of the board's converter, counts.
LOWEST, HIGHEST = int(EMG_SCALE.digital_min), int(EMG_SCALE.digital_max)


def spoilt(block: SampleBlock, change: Callable[[Signal, Signal], Signal]) -> SampleBlock:
    """Return a block whose counts in the fault's span were changed by a function of them and their time."""
    emg = block.emg_counts.astype(np.float64)
    span = slice(BEGINS_S * RATE, ENDS_S * RATE)
    time_s = np.arange(ENDS_S * RATE - BEGINS_S * RATE) / RATE
    emg[span, 0] = change(emg[span, 0], time_s)
    return SampleBlock(
        block.info, 0, np.clip(np.rint(emg), LOWEST, HIGHEST).astype(np.int16), block.acc_counts
    )


def hum(hz: float, level: float, time_s: Signal) -> Signal:
    """Return hum of an RMS of ``level`` counts."""
    wave: Signal = np.sqrt(2.0) * level * np.sin(2 * np.pi * hz * time_s)
    return wave


def fault_of(kind: str, rng: np.random.Generator) -> tuple[SampleBlock, list[SensorStatus]]:
    """Return a stretch of rest with a fault in its middle, and what the board says."""
    scene = Scene(LASTS_S, seed=int(rng.integers(1 << 30)), rest_uv=float(rng.uniform(2.0, 6.0)))
    notes = list[SensorStatus]()
    match kind:
        case "flat":
            scene = replace(scene, flat=[(BEGINS_S, ENDS_S)])
        case "lead off":
            ends = ((BEGINS_S * RATE, True), (ENDS_S * RATE, False))
            notes = [SensorStatus(at, None, (off,), 0, 0) for at, off in ends]
        case "thrashing":
            scene = replace(scene, movement_mg=[(BEGINS_S, ENDS_S, float(rng.uniform(200.0, 600.0)))])
        case _:
            return with_signal(kind, scene.block(), rng), notes
    return scene.block(), notes


def with_signal(kind: str, block: SampleBlock, rng: np.random.Generator) -> SampleBlock:
    """Return the block with what is no muscle in it, in counts."""
    strength, pace = float(rng.uniform(0.2, 1.0)) / EMG_SCALE.gain, float(rng.uniform(1.0, 3.0))
    match kind:
        case "cable":
            return spoilt(block, lambda emg, t: emg + 900.0 * strength * np.sin(2 * np.pi * pace * t))
        case "white noise":
            return spoilt(block, lambda emg, _t: emg + rng.normal(scale=300.0 * strength, size=len(emg)))
        case "rails":
            # Hum, or a contact that comes and goes, larger than the amplifier; what is quick at a rail may be a cramp
            # that is too strong for it, and is judged.
            return spoilt(
                block, lambda emg, t: emg + np.where(pace < 2.0, hum(50.0, 5e4 * strength, t), HIGHEST)
            )
        case "drying":
            # Hum grows as the contact dries, and the muscle fades.
            return spoilt(
                block, lambda emg, t: emg * (1 - t / t[-1]) + hum(50.0, 400.0 * strength, t) * t / t[-1]
            )
        case _:
            return spoilt(block, lambda emg, t: emg / 10.0 + hum(float(kind[-2:]), 400.0 * strength, t))


# What each fault is called by the quality gate; noise that nobody has measured for minutes has no name of its own.
FLAG_OF = {
    "flat": "flat",
    "rails": "railed",
    "lead off": "lead_off",
    "mains 50": "mains",
    "mains 60": "mains",
    "cable": "motion",
    "thrashing": "motion",
    "drying": "mains",
    "white noise": "",
}


@row(
    "G1",
    "flat, lead off, rails, mains 50 and 60 Hz, cable, drying, noise",
    "right code <= 10 s, over <= 10 s after its end, no alert",
    pr=6,
    nightly=200,
)
def bad_signals(repetitions: int) -> Outcome:
    """Spoil so many stretches of rest in each way (for a drying electrode the code must come while it dries)."""
    rng, missed, false, worst_s = np.random.default_rng(1), Counter[str](), Counter[str](), 0.0
    for kind, flag in FLAG_OF.items():
        for _ in range(repetitions):
            block, notes = fault_of(kind, rng)
            found = detect(stream(block, notes=notes), block.info)
            false[kind] += len(alerts(found))
            if flag:
                told_s, over_s = named(found, flag)
                limit_s = ENDS_S - BEGINS_S if kind == "drying" else SOON_S
                missed[kind] += told_s > limit_s or over_s > SOON_S
                worst_s = max(worst_s, over_s, told_s if kind != "drying" else 0.0)
    total = repetitions * len(FLAG_OF)
    return Outcome(
        lost=missed.total(),
        wrong=false.total(),
        passed=not missed.total() and not false.total(),
        figures=f"{repetitions} stretches of {len(FLAG_OF)} kinds, synthetic; not named or not over in time: "
        f"{dict(+missed) or 'none'}; alerts: {dict(+false) or 'none'}",
        worst_delay_s=worst_s,
        repetitions=total,
    )


def named(found: list[DetectorItem], flag: str) -> tuple[float, float]:
    """Return how long after its beginning a fault is named, and after its end still is, s."""
    seconds = [
        one.first_index / RATE + 1 for one in found if isinstance(one, SignalQuality) and flag in one.flags
    ]
    in_time = [second for second in seconds if second > BEGINS_S]
    if not in_time:
        return float("inf"), 0.0
    return in_time[0] - BEGINS_S, max(0.0, in_time[-1] - ENDS_S)


# An electrode hangs in the air: what the body gave is gone, hum and noise are there; s, before and during.
ON_BODY_S, OFF_BODY_S = 60, 1200
# It counts after 10 s, and is MEDIUM 60 s later at the latest.
MEDIUM_S = 70.0


@row(
    "G2",
    "off the body for 20 min",
    "BAD_SIGNAL becomes MEDIUM <= 60 s after 10 s, stands to the end, and nothing alerts",
    pr=1,
    nightly=50,
)
def off_body(repetitions: int) -> Outcome:
    rng, lost, false, worst_s = np.random.default_rng(2), 0, 0, 0.0
    for _ in range(repetitions):
        found, block = off_body_night(rng)
        false += len(alerts(found))
        came_s = becomes_medium(found, block)
        lost += came_s is None or came_s > MEDIUM_S
        worst_s = max(worst_s, came_s or 0.0)
    return Outcome(
        lost=lost,
        wrong=false,
        passed=lost == false == 0,
        figures=f"{repetitions} x {OFF_BODY_S / 60:.0f} min, synthetic, hum 20 to 200 uV or the board's lead-off; "
        f"MEDIUM at worst {worst_s:.0f} s after it came off, {false} alerts",
        worst_delay_s=worst_s,
    )


def off_body_night(rng: np.random.Generator) -> tuple[list[DetectorItem], SampleBlock]:
    scene = Scene(float(ON_BODY_S + OFF_BODY_S), seed=int(rng.integers(1 << 30)), info=sensor(250.0, 25.0))
    block = scene.block()
    emg = block.emg_counts.astype(np.float64)
    off = slice(ON_BODY_S * 250, None)
    time_s = np.arange(len(emg[off])) / 250.0
    uv = float(rng.uniform(20.0, 200.0))
    emg[off, 0] = rng.normal(scale=1.0, size=len(time_s)) / EMG_SCALE.gain
    notes = []
    if rng.random() < 0.5:
        emg[off, 0] += np.sqrt(2.0) * uv / EMG_SCALE.gain * np.sin(2 * np.pi * 50.0 * time_s)
    else:
        notes = [SensorStatus(ON_BODY_S * 250, None, (True,), 0, 0)]
    block = SampleBlock(block.info, 0, np.rint(emg).astype(np.int16), block.acc_counts)
    return detect(stream(block, notes=notes), block.info), block


def becomes_medium(found: list[DetectorItem], block: SampleBlock) -> float | None:
    """Show the alarm engine the quality of each second as it comes; return when its alarm was MEDIUM, s.

    None where it never was, or was not to the end.
    """
    standing = Standing(MonitorState("test", "b", BEGAN), 0.0, QUIET_S)
    engine = AlarmEngine("test", "guarded", Moment(0.0, BEGAN), boot_id="b")
    medium_s: float | None = None
    for quality in (one for one in found if isinstance(one, SignalQuality)):
        now_s = quality.first_index / 250.0 + 1
        standing.data(part(block, quality.first_index, quality.first_index + 250), now_s)
        standing.quality(quality, 250.0, now_s)
        for change in engine.conditions(standing.observed(now_s), Moment(now_s, BEGAN)):
            if not isinstance(change, AlarmChange) or change.occurrence.code != "BAD_SIGNAL":
                continue
            if change.now == "active" and change.occurrence.priority == "medium":
                medium_s = medium_s or now_s - ON_BODY_S
            elif medium_s is not None:
                return None
    return medium_s
