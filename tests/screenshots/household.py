"""A household that nobody lives in: one synthetic night in full, forty thin ones before it, labels and a diary."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.diary_store import DiaryStore
from dashboard.labels import Label, Labels, label_id
from dashboard.night_log import NightLog
from detector.messages import Stream, event_message, iso
from detector.pipeline import Pipeline
from detector.types import Contraction
from firmware_bridge.recorder import NightRecorder
from firmware_bridge.samples import SampleBlock, Scale, SensorInfo
from models.synthesis import simulate_night

SENSOR = "left-calf"
# The night that is shown, and how many there were before it.
EVENING, BEFORE = datetime(2026, 11, 20, 22, 15, tzinfo=UTC), 40
HOURS, SEED = 7.6, 15
NIGHT = f"{EVENING:%Y-%m-%d}_{SENSOR}"
# Of the thin nights: as little as a recording needs to count.
_THIN_HZ, _THIN_HOURS = 250, 7.2
_THIN = SensorInfo(
    SENSOR,
    _THIN_HZ,
    _THIN_HZ / 10,
    (SENSOR,),
    (Scale(-32767, 32767, -3276.7, 3276.7, "uV"),),
    Scale(-32767, 32767, -16.0, 16.0, "g"),
)


def furnish(folder: Path) -> None:
    """Write the household's nights, log, labels and diary."""
    folder.mkdir()
    log = NightLog(folder / "log.sqlite")
    random = np.random.default_rng(SEED)
    found = list(_shown_night(folder, log))
    labels, diary = Labels(log.database), DiaryStore(log.database)
    for number, message in enumerate([one for one in found if one["alert"] == "cramp"][:2]):
        by, at = "Ann", iso(EVENING + timedelta(hours=10, seconds=number))
        labels.put(Label(label_id(message["id"], by), NIGHT, by, "cramp", at, event_id=message["id"]))
    for ago in range(1, BEFORE + 1):
        evening = EVENING - timedelta(days=ago)
        # One in eight was slept without the sensor.
        if random.random() > 1 / 8:
            _thin_night(folder, log, evening, random, found)
        answers = {key: "yes" if random.random() < share else "no" for key, share in _HABITS.items()}
        diary.put(f"{evening:%Y-%m-%d}", answers, at=iso(evening))
    diary.put_profile(
        {"diuretic": "no", "statin": "yes", "medicines": ["simvastatin 20 mg"]}, at=iso(EVENING)
    )
    log.close()


_HABITS = {"exercise": 0.4, "alcohol": 0.3, "standing": 0.35, "stretch": 0.5}


def _shown_night(folder: Path, log: NightLog) -> Iterator[dict[str, Any]]:
    """Record a synthetic night in full, and let the detector find what is in it."""
    night = simulate_night(HOURS, SEED, scene="ordinary")
    pipeline = Pipeline(night.info, recording_id="shown")
    stream = Stream(
        night.info, "shown", lambda index: EVENING + timedelta(seconds=index / night.info.emg_rate_hz)
    )
    told: dict[str, dict[str, Any]] = {}
    path = folder / "nights" / NIGHT / "signal.edf"
    path.parent.mkdir(parents=True)
    with NightRecorder(path, night.info, recording_id="shown", start=EVENING) as recorder:
        for item in night.items():
            recorder.write(item)
            for known in pipeline.feed(item):
                if isinstance(known, Contraction):
                    told[known.id] = event_message(known, stream, issued_at=EVENING) | {"sensor": SENSOR}
    messages = list(told.values())
    log.add(
        [message | {"outbox": "shown", "seq": n, "after": n - 1} for n, message in enumerate(messages, 1)]
    )
    yield from messages


def _thin_night(
    folder: Path, log: NightLog, evening: datetime, random: np.random.Generator, found: list[dict[str, Any]]
) -> None:
    """Record quiet noise at a low rate, and put cramps into the log that are like those of the shown night."""
    name = f"thin-{evening:%Y-%m-%d}"
    begin = evening + timedelta(minutes=float(random.normal(0, 25)))
    path = folder / "nights" / f"{evening:%Y-%m-%d}_{SENSOR}" / "signal.edf"
    path.parent.mkdir(parents=True)
    samples = int(_THIN_HOURS * 3600) * _THIN_HZ
    with NightRecorder(path, _THIN, recording_id=name, start=begin) as recorder:
        emg = random.integers(-60, 60, (samples, 1), dtype=np.int16)
        acc = random.integers(-20, 20, (samples // 10, 3), dtype=np.int16) + np.array([0, 0, 2000], np.int16)
        recorder.write(SampleBlock(_THIN, 0, emg, acc))
    model = next(one for one in found if one["alert"] == "cramp")
    cramps = []
    for number in range(1, int(random.poisson(1.1)) + 1):
        onset_s = float(random.uniform(0.1, 0.95)) * _THIN_HOURS * 3600
        placed = {
            "id": f"{name}.{number}",
            "recording_id": name,
            "onset_index": int(onset_s * _THIN_HZ),
            "emg_rate_hz": float(_THIN_HZ),
            "onset_at": iso(begin + timedelta(seconds=onset_s)),
            "duration_s": float(random.lognormal(4.3, 0.8)),
            "times_baseline": float(random.lognormal(1.9, 0.4)),
        }
        cramps.append(model | placed | {"outbox": name, "seq": number, "after": number - 1})
    log.add(cramps)
