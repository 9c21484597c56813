"""Looking at what the detector sees changes nothing of what it says."""

from pathlib import Path

import numpy as np

from detector.classifier import CLASSES
from detector.observed_pipeline import SEEN, ObservedPipeline
from detector.pipeline import Pipeline
from detector.settings import DetectorSettings
from firmware_bridge.recordings import open_recording
from tests.dashboard.recorded import CRAMP, record_night

SETTINGS = DetectorSettings(levels=False)


def test_what_is_said_is_the_same_and_what_was_seen_stands_at_its_hop(tmp_path: Path) -> None:
    recording = open_recording(record_night(tmp_path))
    observed = ObservedPipeline(recording.info, SETTINGS, recording_id="rec")
    plain = Pipeline(recording.info, SETTINGS, recording_id="rec")
    said, expected = [], []
    for item in recording.items(7.0):
        said += observed.feed(item)
        expected += plain.feed(item)
    assert said + observed.finish() == expected + plain.finish()
    runs = observed.take_seen()
    assert observed.take_seen() == []
    hops = np.concatenate([np.arange(first, first + len(rows)) for first, rows in runs])
    rows = np.concatenate([rows for _, rows in runs])
    # Each hop once, in order.
    assert (np.diff(hops) > 0).all()
    assert rows.shape[1] == len(SEEN)
    sums = rows[:, : len(CLASSES)].sum(axis=1)
    np.testing.assert_allclose(sums[~np.isnan(sums)], 1.0, rtol=1e-5)
    strong = rows[(hops * observed.grid.hop_s > CRAMP[0] + 2) & (hops * observed.grid.hop_s < CRAMP[1])]
    assert (strong[:, SEEN.index("times_resting")] > 10).all()
