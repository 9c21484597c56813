"""What the rows of the fault matrix are made of can tell right from wrong; `make faults` runs the rows themselves."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from detector.types import SignalQuality
from firmware_bridge.decoder import Decoder
from firmware_bridge.frames import Samples, encode
from tests.faults.conversation import Talk, judged
from tests.faults.damage import damage
from tests.faults.matrix import ROWS
from tests.faults.signal_rows import becomes_medium, off_body_night
from tests.firmware_bridge.assembled import frames_of


class NeverDiffers:
    """Stands in for the check sum's residue, and switches the check off."""

    def __ne__(self, other: object) -> bool:
        return False

    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize(("name", "repetitions"), [("A2", 200_000), ("A11", 40)])
def test_a_decoder_that_does_not_look_at_the_check_sum_fails_the_row(
    name: str, repetitions: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firmware_bridge.frames._CRC_RESIDUE", NeverDiffers())
    outcome = ROWS[name].run(repetitions)
    assert not outcome.passed
    assert outcome.wrong > 10


@pytest.mark.parametrize("share", [0.001, 0.01, 0.1])
def test_damage_tells_what_it_did(share: float) -> None:
    """A frame that is called clean is all there; one that is called hit is not, but for the rarest luck.

    A zero put between a frame and its delimiter changes nothing.
    """
    frames = [encode(frame) for frame in frames_of(0, 3000)]
    result = damage(frames, share, np.random.default_rng(8))
    found = {frame.payload for frame in Decoder().feed(result.data) if isinstance(frame, Samples)}
    unharmed = 0
    for frame, hit, clean in zip(frames, result.hit, result.clean, strict=True):
        [whole] = Decoder().feed(frame)
        assert isinstance(whole, Samples)
        assert not clean or frame in result.data
        assert not (hit and clean)
        unharmed += bool(hit) and whole.payload in found
    assert unharmed <= 0.01 * result.hit.sum() + 1
    assert 0 < result.hit.sum() < len(frames)
    assert result.clean.any()


@pytest.mark.parametrize(
    ("logged", "lost", "twice"),
    [
        ({("rec.0", 0): 1, ("rec.1", 0): 1}, 0, 0),
        ({("rec.0", 0): 1}, 1, 0),
        ({("rec.0", 0): 1, ("rec.1", 0): 1, ("rec.1", 1): 1}, 0, 1),
        ({("rec.0", 0): 1, ("rec.1", 0): 1, ("rec.2", 0): 1}, 0, 1),
    ],
)
def test_what_the_night_log_lacks_is_lost_and_what_nobody_said_came_twice(
    logged: dict[tuple[str, int], int], lost: int, twice: int
) -> None:
    talk = SimpleNamespace(
        settle=lambda: None,
        logged=lambda: Counter(logged),
        voice=SimpleNamespace(said={"rec.0": 0.0, "rec.1": 1.0}, waiting=0),
        broker=SimpleNamespace(kind="none"),
    )
    outcome = judged(cast("Talk", talk), [0.1], 1.0, "in the night log after")
    assert (outcome.lost, outcome.wrong) == (lost, twice)
    assert outcome.passed == (not lost + twice)


def test_a_bad_signal_that_is_taken_back_before_its_end_fails_the_row() -> None:
    found, block = off_body_night(np.random.default_rng(2))
    assert becomes_medium(found, block) == pytest.approx(60.0, abs=1.0)
    middle = block.samples // 2
    mended = [
        one._replace(flags=()) if isinstance(one, SignalQuality) and one.first_index > middle else one
        for one in found
    ]
    assert becomes_medium(mended, block) is None
