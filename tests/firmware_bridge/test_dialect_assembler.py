"""Rows of boards without identity on one index axis, and every hole in its place."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.dialect_assembler import DialectAssembler
from firmware_bridge.dialect_layout import learn_layout
from firmware_bridge.dialect_options import DialectOptions
from firmware_bridge.dialect_rows import BadRow, Found, Row
from firmware_bridge.samples import Gap, SampleBlock, StreamItem

RATE_HZ = 500.0
CHUNK = 25
LAYOUT = learn_layout([(512.0,)], (), DialectOptions(bits=10, uv_per_count=0.8))
INFO = LAYOUT.info("text-x", RATE_HZ, "text lines", "")
LOST = BadRow("neither numbers nor names", 3, 1)


class Board:
    """Sends rows that count up, in chunks of 50 ms."""

    def __init__(self, cycle: int = 0) -> None:
        self.assembler = DialectAssembler(INFO, LAYOUT, cycle=cycle)
        self.items: list[StreamItem] = []
        self.sent = 0
        self.now_s = 100.0

    def rows(self, count: int, skipped: int = 0) -> list[Found]:
        rows: list[Found] = [
            Row((float((self.sent + i) % 1000),), skipped if i == 0 else 0) for i in range(count)
        ]
        self.sent += count
        return rows

    def talk(self, seconds: float, skipped: int = 0) -> None:
        for chunk in range(round(seconds * RATE_HZ / CHUNK)):
            self.now_s += CHUNK / RATE_HZ
            self.hear(self.rows(CHUNK, skipped if chunk == 0 else 0))

    def hear(self, found: list[Found]) -> None:
        self.items += self.assembler.feed(found, self.now_s)

    def skip(self, seconds: float) -> None:
        """Let time pass in which what is sent is lost."""
        self.now_s += seconds
        self.sent += round(seconds * RATE_HZ)

    def gaps(self) -> list[Gap]:
        return [item for item in self.items if isinstance(item, Gap)]

    def misplaced(self) -> int:
        """Return by how many samples the worst sample stands in the wrong place."""
        worst = 0
        for item in self.items:
            if isinstance(item, SampleBlock):
                away = (item.emg_counts[:, 0] - np.arange(item.first_index, item.end_index)) % 1000
                worst = max(worst, int(np.minimum(away, 1000 - away).max()))
        return worst


def test_rows_become_samples_one_after_the_other() -> None:
    board = Board()
    board.talk(2)
    assert board.misplaced() == 0
    assert board.gaps() == []
    assert board.assembler.totals.samples == board.assembler.index == 1000


@given(
    st.lists(st.sampled_from(["row", "bad", "odd"]), min_size=1, max_size=60),
    st.lists(st.integers(0, 60), max_size=6),
)
def test_a_line_that_cannot_be_read_is_a_gap_of_one_however_lines_are_grouped(
    kinds: list[str], points: list[int]
) -> None:
    made: dict[str, Found] = {"row": Row((5.0,)), "bad": LOST, "odd": Row((1.0, 2.0))}
    found: list[Found] = [made[kind] for kind in kinds] + [Row((6.0,))]
    edges = sorted({0, len(found), *(point % len(found) for point in points)})
    assembler = DialectAssembler(INFO, LAYOUT)
    items = [item for a, b in pairwise(edges) for item in assembler.feed(found[a:b], 100.0)]
    came = np.concatenate(
        [np.arange(item.first_index, item.end_index) for item in items if isinstance(item, SampleBlock)]
    )
    assert came.tolist() == [
        place for place, one in enumerate(found) if one == Row((5.0,)) or one == Row((6.0,))
    ]
    assert assembler.totals.lost_samples == len(found) - len(came)
    assert sum(item.missing for item in items if isinstance(item, Gap)) == len(found) - len(came)


def test_rows_that_a_counter_misses_are_a_gap_in_their_place() -> None:
    board = Board(cycle=256)
    board.talk(1)
    board.sent += 7
    board.talk(1, skipped=7)
    assert board.gaps() == [Gap(500, 7, "lost frames")]
    assert board.misplaced() == 0


def test_what_comes_late_but_whole_is_no_gap() -> None:
    board = Board()
    board.talk(5)
    # The host was busy: a second's rows come at once, after a second.
    board.now_s += 1.0
    board.hear(board.rows(round(RATE_HZ) - CHUNK))
    board.talk(2)
    assert board.gaps() == []
    assert board.misplaced() == 0


def test_what_is_lost_in_a_silence_is_a_gap_as_long_as_the_clock_says() -> None:
    board = Board()
    board.talk(5)
    board.skip(3.0)
    board.talk(3)
    [gap] = board.gaps()
    assert gap.first_index == 2500
    assert board.misplaced() <= 0.02 * RATE_HZ


def test_a_counter_that_went_round_in_a_silence_gives_the_gap_to_the_sample() -> None:
    board = Board(cycle=256)
    board.talk(5)
    lost = round(3.0 * RATE_HZ)
    board.skip(3.0)
    board.talk(3, skipped=lost % 256)
    assert [gap.missing for gap in board.gaps()] == [lost]
    assert board.misplaced() == 0


def test_what_came_before_a_silence_stays_before_it() -> None:
    board = Board(cycle=256)
    board.talk(5)
    # A packet is believed when the next one comes, which it does after the silence.
    waiting = board.rows(1)
    lost = round(3.0 * RATE_HZ)
    board.skip(3.0)
    board.now_s += 0.05
    board.hear([*waiting, *board.rows(CHUNK - 1, skipped=lost % 256)])
    board.talk(3)
    assert board.gaps() == [Gap(2501, lost, "lost frames")]
    assert board.misplaced() == 0


def test_a_lost_link_is_a_gap_that_says_so() -> None:
    board = Board(cycle=256)
    board.talk(5)
    board.assembler.link_lost()
    board.skip(10.0)
    # The board has started anew: its counter means nothing.
    board.talk(3, skipped=0)
    [gap] = board.gaps()
    assert (gap.first_index, gap.reason) == (2500, "link down")
    assert board.misplaced() <= 0.02 * RATE_HZ
