"""The sensor's own buzz, from verdict to skin and back: on a simulated board that shakes what it measures.

A cue's vibration is strong in EMG and acceleration alike. It must neither start, prolong nor hide an event, and what
was judged live is judged again from the recording.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from detector import mqtt_link
from detector.monitor import Monitor, Wishes
from detector.monitor_state import Mode
from detector.pipeline import Pipeline
from detector.settings import DetectorSettings
from detector.types import Contraction
from firmware_bridge.clock import Clock
from firmware_bridge.frames import PATTERNS, Cue
from firmware_bridge.recordings import open_recording
from firmware_bridge.samples import Mark, SampleBlock
from firmware_bridge.simulated_board import SimulatedBoard
from firmware_bridge.sources import open_source
from tests.detector.signals import ACC_SCALE, EMG_SCALE, Scene, contractions, exact, part
from tests.detector.test_monitor import NOBODY

# Seconds of the night in a second of life: the link's delay is then some tenths of a second of signal.
RATE = 16.0
PIECE = 20
# After all that is played.
NEVER = 1e6
PATIENCE_S = 60.0
# What a coin motor on the strap does: 170 Hz on the electrodes' leads, and half a g.
SHAKE_UV, SHAKE_G, SHAKE_HZ = 150.0, 0.5, 170.0
DOUBLE = PATTERNS.index("double")


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for a broker that is not there."""
    monkeypatch.setattr(mqtt_link, "_RECONNECT_S", (0.05, 0.05))


class ShakingBoard:
    """A board whose samples show its own vibration from the moment a cue is heard."""

    def __init__(self, block: SampleBlock, call_at_s: float) -> None:
        self._block = block
        self._call_index = int(call_at_s * block.info.emg_rate_hz)
        self.board = SimulatedBoard(self._items(), block.info, clock=Clock(rate=RATE))
        self.call = threading.Event()

    def _items(self) -> Iterator[SampleBlock]:
        yield part(self._block, 0, PIECE)
        shaken_until, felt = 0, 0
        for begin in range(PIECE, self._block.samples, PIECE):
            cues = self.board.cues
            if len(cues) > felt:
                felt = len(cues)
                shaken_until = begin + cues[-1].duration_ms
            if begin >= self._call_index:
                self.call.set()
            piece = part(self._block, begin, min(begin + PIECE, self._block.samples))
            yield shaken(piece) if begin < shaken_until else piece


def shaken(block: SampleBlock) -> SampleBlock:
    time_s = (block.first_index + np.arange(block.samples)) / block.info.emg_rate_hz
    hum = np.sqrt(2.0) * np.sin(2 * np.pi * SHAKE_HZ * time_s)
    emg = block.emg_counts + np.rint(hum[:, None] * SHAKE_UV / EMG_SCALE.gain).astype(np.int16)
    rng = np.random.default_rng(block.first_index)
    acc = block.acc_counts + np.rint(
        rng.normal(scale=SHAKE_G / ACC_SCALE.gain, size=block.acc_counts.shape)
    ).astype(np.int16)
    return SampleBlock(block.info, block.first_index, emg, acc)


def watched(folder: Path, scene: Scene, mode: Mode, call_at_s: float = NEVER) -> tuple[Path, int]:
    """Watch a scene, calling for a buzz at a time; return the recording and how many cues were felt."""
    shaking = ShakingBoard(scene.block(), call_at_s)
    with shaking.board as board:
        clock = Clock(rate=RATE)
        source = open_source(f"serial:{board.port}", clock=clock)
        wishes = Wishes(folder / "nights", folder / "outbox", mode=mode)
        monitor = Monitor(lambda: source, NOBODY, wishes, clock)
        watching = threading.Thread(target=monitor.run, args=(threading.Event(),))
        watching.start()
        if call_at_s != NEVER and shaking.call.wait(PATIENCE_S):
            source.send(Cue(DOUBLE, DOUBLE, 3000))
        watching.join(PATIENCE_S)
        assert board.failure is None
        felt = len(board.cues)
    [file] = (folder / "nights").rglob("*.edf")
    return file, felt


def judged(file: Path, *, deaf: bool = False) -> list[Contraction]:
    """Return what is found in a recording; ``deaf`` to its cues on demand."""
    recording = open_recording(file)
    pipeline = Pipeline(recording.info, DetectorSettings(), recording_id=recording.recording_id)
    items = [
        item for item in recording.items() if not (deaf and isinstance(item, Mark) and item.kind == "cue")
    ]
    return contractions([*(one for item in items for one in pipeline.feed(item)), *pipeline.finish()])


def said_live(file: Path) -> list[str]:
    return [mark.text for mark in open_recording(file).annotations if mark.kind == "event"]


def cues_noted(file: Path) -> list[Mark]:
    return [item for item in open_recording(file).items() if isinstance(item, Mark) and item.kind == "cue"]


CRAMP = Scene(26.0, amplitude_uv=[(4.0, 20.0, 60.0)])
# It ends in the middle of the buzz that its verdict brings, some 8.5 s after it began.
SHORT = Scene(24.0, amplitude_uv=[(4.0, 14.0, 60.0)])
REST = Scene(20.0)


@pytest.mark.parametrize("scene", [CRAMP, SHORT], ids=["long", "short"])
def test_the_buzz_at_a_cramp_neither_hides_nor_prolongs_it(scene: Scene, tmp_path: Path) -> None:
    file, felt = watched(tmp_path, scene, "guarded")
    [mark] = cues_noted(file)
    assert felt == 1
    [(begin_s, end_s, _)] = scene.amplitude_uv
    [cramp] = [event for event in judged(file) if event.kind == "tonic"]
    assert cramp.alert == "cramp"
    assert cramp.onset_index / 1000 == pytest.approx(begin_s, abs=0.5)
    # One that ends under the buzz ends where it was seen last: never later than it did.
    assert cramp.offset_index is not None
    assert min(end_s, mark.index / 1000) - 0.5 <= cramp.offset_index / 1000 <= end_s + 0.5
    assert {event.kind for event in judged(file)} <= {"tonic"}
    # The cue stands where it was felt: after the verdict. How soon, the benchmark of cues tells.
    assert mark.index >= cramp.decided_index


def test_a_buzz_at_rest_starts_nothing_and_would_if_it_were_not_known(tmp_path: Path) -> None:
    file, felt = watched(tmp_path, REST, "observe", call_at_s=10.0)
    assert felt == 1
    assert judged(file) == []
    assert judged(file, deaf=True) != []


def test_what_was_judged_under_a_buzz_is_judged_again_from_the_recording(tmp_path: Path) -> None:
    file, _ = watched(tmp_path, CRAMP, "self-managed")
    recording = open_recording(file)
    pipeline = Pipeline(recording.info, DetectorSettings(), recording_id=recording.recording_id)
    again = [
        *(one for item in recording.items(block_s=0.1) for one in pipeline.feed(item)),
        *pipeline.finish(),
    ]
    revisions = [one for one in again if isinstance(one, Contraction)]
    assert [text.split(": ", 1)[1] for text in said_live(file)] == [one.reason for one in revisions]
    assert [exact(one) for one in judged(file)] == [exact(one) for one in contractions(again)]


def test_who_observes_feels_nothing(tmp_path: Path) -> None:
    file, felt = watched(tmp_path, CRAMP, "observe")
    assert felt == 0
    assert cues_noted(file) == []
    assert any(event.alert == "cramp" for event in judged(file))
