"""Rows G3 to G5: counts at their limits, models that are none, and streams cut anyhow."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from detector.bundle import CARD, PARAMETERS, shipped_bundle
from detector.classifier import RuleClassifier
from detector.model_at_hand import model_at_hand
from detector.pipeline import Pipeline
from detector.settings import DetectorSettings
from detector.types import Contraction, SignalQuality
from firmware_bridge.dialect_text import TextDecoder
from firmware_bridge.samples import SampleBlock
from tests.detector.signals import EMG_SCALE, Scene, alerts, detect, exact, sensor, stream
from tests.faults.row import Outcome, row

# Of the board's converter, counts.
LOWEST, HIGHEST = int(EMG_SCALE.digital_min), int(EMG_SCALE.digital_max)
TEXTS = (b"nan\n", b"inf,0,0,1\n", b"-inf\n", b"1e999\n", b"32767\n", b"-32768\n", b"99999999999999999999\n")


@row(
    "G3",
    "limits of int16, steps, gain changes; NaN and inf as text",
    "no exception, no alert, nothing that is not a number",
    pr=150,
    nightly=5000,
)
def extremes(repetitions: int) -> Outcome:
    rng, broke, false, not_finite = np.random.default_rng(3), list[str](), 0, 0
    for _ in range(repetitions):
        try:
            found = detect([extreme(rng)], sensor())
            false += len(alerts(found))
            not_finite += sum(
                not np.isfinite(one.noise_uv) for one in found if isinstance(one, SignalQuality)
            )
            decoder = TextDecoder()
            list(decoder.feed(b"".join(rng.permutation(np.array(TEXTS)).tolist()) * 3))
        except Exception as error:  # noqa: BLE001 - counted: that is the row's question
            broke.append(f"{type(error).__name__}: {error}")
    return Outcome(
        lost=len(broke),
        wrong=false + not_finite,
        passed=not broke and not false and not not_finite,
        figures=f"{repetitions} x 20 s at the limits; {len(broke)} exceptions {broke[:1] or ''}, {false} alerts, "
        f"{not_finite} not finite",
    )


def extreme(rng: np.random.Generator) -> SampleBlock:
    """Return twenty seconds in which counts lie at the limits, jump, or change their gain."""
    block = Scene(20.0, seed=int(rng.integers(1 << 30))).block()
    emg = block.emg_counts.astype(np.float64)
    begin = int(rng.integers(4_000, 10_000))
    span = slice(begin, begin + int(rng.integers(1, 8_000)))
    match int(rng.integers(6)):
        case 0:
            emg[span] = LOWEST
        case 1:
            emg[span] = HIGHEST
        case 2:
            emg[span] = rng.choice([LOWEST, HIGHEST], size=emg[span].shape)
        case 3:
            emg[begin:] += rng.uniform(-30_000, 30_000)
        case 4:
            emg[begin:] *= rng.choice([0.1, 2.0, 4.0])
        case _:
            emg[begin] = rng.choice([LOWEST, HIGHEST])
    counts = np.clip(np.rint(emg), LOWEST, HIGHEST).astype(np.int16)
    return SampleBlock(block.info, 0, counts, block.acc_counts)


CRAMP = Scene(40.0, amplitude_uv=[(10.0, 30.0, 60.0)])


def damage_model(folder: Path, rng: np.random.Generator) -> str:
    """Spoil a bundle; return how."""
    card, numbers = folder / CARD, folder / PARAMETERS
    how = ("missing", "cut", "old format", "other features", "not a number", "flipped", "empty", "garbage")
    kind = how[int(rng.integers(len(how)))]
    which = (card, numbers)[int(rng.integers(2))]
    content = which.read_bytes()
    match kind:
        case "missing":
            which.unlink()
        case "cut":
            which.write_bytes(content[: int(rng.integers(len(content)))])
        case "old format":
            card.write_text(json.dumps(json.loads(card.read_text()) | {"format": 1}))
        case "other features":
            told = json.loads(card.read_text())
            told["features"] = dict(list(told["features"].items())[int(rng.integers(1, 5)) :])
            card.write_text(json.dumps(told))
        case "not a number":
            numbers.write_text(numbers.read_text().replace("0.", "NaN, 0.", 1))
        case "flipped":
            place = int(rng.integers(len(content)))
            which.write_bytes(content[:place] + bytes([content[place] ^ 0x20]) + content[place + 1 :])
        case "empty":
            which.write_bytes(b"")
        case _:
            which.write_bytes(rng.bytes(500))
    return kind


@row(
    "G4",
    "model missing, cut, old, of other features, NaN, flipped",
    "plain rules judge and say so, a cramp is found; or the model is as good as whole",
    pr=40,
    nightly=500,
)
def bad_models(repetitions: int) -> Outcome:
    rng, missed, silent, kinds, worst_s = np.random.default_rng(4), 0, 0, Counter[str](), 0.0
    whole = model_at_hand().classifier.name
    block = CRAMP.block()
    for _ in range(repetitions):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "bundle"
            shutil.copytree(shipped_bundle(), folder)
            kinds[damage_model(folder, rng)] += 1
            began_s = time.monotonic()
            hand = model_at_hand(folder)
            worst_s = max(worst_s, time.monotonic() - began_s)
        is_rules = isinstance(hand.classifier, RuleClassifier)
        silent += is_rules != bool(hand.trouble) or not (is_rules or hand.classifier.name == whole)
        pipeline = Pipeline(CRAMP.info, DetectorSettings(), recording_id="t", classifier=hand.classifier)
        found = [*pipeline.feed(block), *pipeline.finish()]
        missed += not any(isinstance(one, Contraction) and one.alert == "cramp" for one in found)
    return Outcome(
        lost=missed,
        wrong=silent,
        passed=missed == silent == 0,
        figures=f"{dict(kinds)}; cramp missed {missed}, trouble not told {silent}",
        worst_delay_s=worst_s,
    )


@row(
    "G5",
    "a night cut into pieces of 10 to 5000 samples",
    "the same items, bit for bit, as of one piece",
    pr=6,
    nightly=100,
)
def any_pieces(repetitions: int) -> Outcome:
    rng, differ, items, events = np.random.default_rng(5), 0, 0, 0
    for _ in range(repetitions):
        block = busy(rng)
        found = detect([block], block.info)
        whole = [exact(item) for item in found]
        longest = int(rng.choice([10, 100, 1000, 5000]))
        cuts = np.cumsum(rng.integers(1, longest // 10 + 1, size=2 * block.samples // longest + 10)) * 10
        pieces = detect(stream(block, [int(cut) for cut in cuts if cut < block.samples]), block.info)
        differ += [exact(item) for item in pieces] != whole
        items += len(found)
        events += sum(isinstance(one, Contraction) for one in found)
    return Outcome(
        lost=0,
        wrong=differ,
        passed=differ == 0 and events > 0,
        figures=f"{repetitions} stretches of {BUSY_S:.0f} s, synthetic, {items} items, {events} of events; "
        f"{differ} differ",
    )


BUSY_S = 120.0


def busy(rng: np.random.Generator) -> SampleBlock:
    """Return two minutes of all kinds of things at random times."""
    at = np.sort(rng.uniform(5.0, 100.0, size=4))
    return Scene(
        BUSY_S,
        amplitude_uv=[(float(at[0]), float(at[0]) + 1.5, 40.0), (float(at[1]), float(at[1]) + 15.0, 60.0)],
        bursts=[(float(at[2]), float(at[2]) + 10.0, 80.0, 3.0, 0.15)],
        movement_mg=[(float(at[3]), float(at[3]) + 3.0, 250.0)],
        hum_uv=[(105.0, 110.0, 80.0)],
        seed=int(rng.integers(1 << 30)),
    ).block()
