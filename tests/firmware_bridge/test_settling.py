"""After a restart the earliest of several reads tells how long the board was away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from firmware_bridge.assembler import Assembler
from firmware_bridge.frames import END_OF_RECORDING, Bye
from firmware_bridge.samples import StreamItem
from firmware_bridge.settling import SETTLE_S, Settling
from tests.firmware_bridge.assembled import FRAME, HELLO, blocks, frames_of, gaps

AGAIN = replace(HELLO, boot_id=2, epoch=2)


def watched() -> tuple[Assembler, Settling]:
    """Return an assembler that has heard five seconds in step with the host's clock."""
    assembler = Assembler()
    settling = Settling(assembler)
    settling.feed([HELLO], 0.0)
    for i in range(100):
        settling.feed(frames_of(i * 5 * FRAME, 5), (i + 1) * 0.05)
    return assembler, settling


def restarted(settling: Settling, lateness_s: list[float], away_s: float = 2.0) -> list[StreamItem]:
    """Let the board begin anew, and each read be late by so much."""
    items = settling.feed([AGAIN], 5.0 + away_s)
    for i, late_s in enumerate(lateness_s):
        items += settling.feed(frames_of(i * 5 * FRAME, 5, epoch=2), 5.0 + away_s + (i + 1) * 0.05 + late_s)
    return items


def test_without_a_restart_nothing_waits() -> None:
    assembler, settling = watched()
    assert assembler.counters.samples == 5000
    assert blocks(settling.feed(frames_of(5000, 1), 5.01)) == [(5000, 5010)]


@pytest.mark.parametrize("lateness_s", [[0.2, 0, 0.1, 0, 0, 0, 0, 0], [0.15, 0.1, 0.05, 0, 0.3, 0, 0, 0]])
def test_a_late_first_read_does_not_widen_the_gap(lateness_s: list[float]) -> None:
    assembler, settling = watched()
    items = restarted(settling, lateness_s)
    assert [(gap.reason, gap.first_index, gap.missing) for gap in gaps(items)] == [
        ("sensor restarted", 5000, 2000)
    ]
    assert blocks(items)[0][0] == 7000
    assert assembler.counters.samples == 5000 + len(lateness_s) * 5 * FRAME


def test_what_waits_comes_when_the_link_breaks_or_the_stream_ends() -> None:
    _, settling = watched()
    assert restarted(settling, [0.0, 0.0]) == []
    items = settling.release()
    assert [gap.missing for gap in gaps(items)] == [2000]
    assert blocks(items)[-1][1] == 7100
    assert settling.release() == []
    _, settling = watched()
    assert restarted(settling, [0.0, 0.0]) == []
    assert blocks(settling.feed([Bye(100, 2, END_OF_RECORDING)], 7.2))[-1][1] == 7100


def test_a_board_that_restarts_while_it_waits_is_timed_anew() -> None:
    assembler, settling = watched()
    items = restarted(settling, [0.0, 0.0])
    items += settling.feed([replace(AGAIN, boot_id=3, epoch=3)], 8.1)
    for i in range(8):
        items += settling.feed(frames_of(i * 5 * FRAME, 5, epoch=3), 8.1 + (i + 1) * 0.05)
    assert [gap.missing for gap in gaps(items)] == [2000, 1000]
    assert assembler.counters.restarts == 2


def test_a_counter_that_cannot_be_tells_no_time() -> None:
    _, settling = watched()
    settling.feed([AGAIN], 7.0)
    settling.feed(frames_of(0, 5, epoch=2), 7.05)
    items = settling.feed(frames_of(50, 1, zero=2**31, epoch=2), 7.06)
    assert [gap.missing for gap in gaps(items)] == [2000]


def test_no_more_waits_than_it_takes() -> None:
    """A simulated board may send faster than life."""
    _, settling = watched()
    settling.feed([AGAIN], 7.0)
    waiting = round(SETTLE_S * 1000 / FRAME) + 1
    assert blocks(settling.feed(frames_of(0, waiting - 1, epoch=2), 7.0)) == []
    assert blocks(settling.feed(frames_of((waiting - 1) * FRAME, 1, epoch=2), 7.0)) != []
