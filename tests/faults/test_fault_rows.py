"""What the rows of the fault matrix are made of can tell right from wrong; `make faults` runs the rows themselves."""

from __future__ import annotations

import numpy as np
import pytest

from firmware_bridge.decoder import Decoder
from firmware_bridge.frames import Samples, encode
from tests.faults.damage import damage
from tests.faults.matrix import ROWS
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
