from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from detector.delivery import FIRST_PATIENCE_S, LAST_PATIENCE_S, REPEAT_ROWS, Redelivery, contiguous_mark


@dataclass
class Rows:
    """An outbox in memory: the numbers that wait."""

    waiting: list[int] = field(default_factory=list)
    last: int = 0

    def append(self) -> None:
        self.last += 1
        self.waiting.append(self.last)

    def pending(self, after: int, limit: int) -> list[tuple[int, int]]:
        """Return ``(seq, after)`` as they would be sent now."""
        before = [0, *self.waiting]
        rows = [(seq, before[position]) for position, seq in enumerate(self.waiting) if seq > after]
        return rows[:limit]

    def acknowledge(self, mark: int) -> int:
        covered = [seq for seq in self.waiting if seq <= mark]
        self.waiting = self.waiting[len(covered) :]
        return len(covered)


@dataclass
class Log:
    """A night log in memory: what it has committed, and the mark it says."""

    mark: int = 0
    committed: dict[int, int] = field(default_factory=dict)

    def commit(self, seq: int, after: int) -> None:
        self.committed[seq] = min(after, self.committed.get(seq, after))
        self.mark = contiguous_mark(self.mark, self.committed.items())


def turn(rows: Rows, redelivery: Redelivery, now_s: float, limit: int = 10) -> list[tuple[int, int]]:
    """Take one turn of the run loop; return what was handed over."""
    sent = []
    oldest = rows.waiting[0] if rows.waiting else None
    for after, at_most in redelivery.due(oldest, now_s, limit):
        for row in rows.pending(after, at_most):
            redelivery.sent(row[0], now_s)
            sent.append(row)
    return sent


class DeliveryMachine(RuleBasedStateMachine):
    """An outbox, a way on which anything may be lost, and a night log, in any order of events."""

    def __init__(self) -> None:
        super().__init__()
        self.rows, self.redelivery, self.log, self.now_s = Rows(), Redelivery(), Log(), 0.0
        self.redelivery.connected(self.now_s)

    @rule()
    def append(self) -> None:
        self.rows.append()

    @rule(lost=st.sets(st.integers(0, 9)))
    def send(self, lost: set[int]) -> None:
        for position, row in enumerate(turn(self.rows, self.redelivery, self.now_s)):
            if position not in lost:
                self.log.commit(*row)

    @rule()
    def hear_the_mark(self) -> None:
        covered = self.rows.acknowledge(self.log.mark)
        self.redelivery.marked(self.log.mark, covered, self.now_s)

    @rule()
    def connect_again(self) -> None:
        self.redelivery.connected(self.now_s)

    @rule(rank=st.integers(0, 5))
    def give_one_up(self, rank: int) -> None:
        del self.rows.waiting[rank : rank + 1]

    @rule()
    def begin_a_new_log(self) -> None:
        self.log = Log()

    @rule(pause_s=st.floats(0.1, 40))
    def wait(self, pause_s: float) -> None:
        self.now_s += pause_s

    @invariant()
    def the_mark_is_at_something_committed(self) -> None:
        assert self.log.mark == 0 or self.log.mark in self.log.committed

    def teardown(self) -> None:
        """Lose nothing more: all that waits arrives, and the outbox empties.

        A row that was given up after it had arrived may leave the mark behind it, with nothing waiting; the
        next message says that nothing does, and brings the mark to the end.
        """
        must_arrive = set(self.rows.waiting)
        self.settle()
        assert must_arrive <= set(self.log.committed)
        self.append()
        self.settle()
        assert self.log.mark == max(self.log.committed)

    def settle(self) -> None:
        for _ in range(200):
            self.send(set())
            self.hear_the_mark()
            self.wait(1.0)
        assert self.rows.waiting == []


TestDeliveryMachine = DeliveryMachine.TestCase
TestDeliveryMachine.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


COMMITTED = st.lists(st.tuples(st.integers(1, 30), st.integers(0, 29)).filter(lambda row: row[1] < row[0]))


@given(COMMITTED, st.integers(0, 30))
def test_a_mark_covers_what_is_committed_or_stepped_over_and_all_of_it(
    committed: list[tuple[int, int]], mark: int
) -> None:
    result = contiguous_mark(mark, committed)
    accounted_for = {
        number for seq, after in committed if seq <= result for number in range(after + 1, seq + 1)
    }
    assert set(range(mark + 1, result + 1)) <= accounted_for
    assert not [seq for seq, after in committed if after <= result < seq]


@given(st.permutations([(seq, seq - 1) for seq in range(1, 9)]))
def test_the_order_of_arrival_does_not_matter(arrivals: list[tuple[int, int]]) -> None:
    log = Log()
    for row in arrivals:
        log.commit(*row)
    assert log.mark == 8


def test_a_hole_stops_the_mark_until_it_is_filled() -> None:
    log = Log()
    for row in ((1, 0), (3, 2), (4, 3)):
        log.commit(*row)
    assert log.mark == 1
    log.commit(2, 1)
    assert log.mark == 4


def test_a_new_log_begins_where_the_outbox_begins() -> None:
    log = Log()
    log.commit(502, 501)
    assert log.mark == 0
    log.commit(501, 0)
    assert log.mark == 502


def filled(count: int) -> Rows:
    rows = Rows()
    for _ in range(count):
        rows.append()
    return rows


def test_each_row_goes_once_while_the_log_answers() -> None:
    rows, redelivery = filled(25), Redelivery()
    sent = [row for _ in range(5) for row in turn(rows, redelivery, 0.0)]
    assert [seq for seq, _ in sent] == list(range(1, 26))


def test_a_mark_that_stands_still_brings_a_repetition_and_new_rows_do_not_put_it_off() -> None:
    rows, redelivery = filled(3), Redelivery()
    turn(rows, redelivery, 0.0)
    now_s = 0.0
    while now_s < FIRST_PATIENCE_S - 0.5:
        now_s += 0.5
        rows.append()
        assert [seq for seq, _ in turn(rows, redelivery, now_s)] == [rows.last]
    assert [seq for seq, _ in turn(rows, redelivery, FIRST_PATIENCE_S)] == rows.waiting


def test_repetitions_become_rarer_but_never_stop() -> None:
    rows, redelivery = filled(1), Redelivery()
    turn(rows, redelivery, 0.0)
    times = [now_s for now_s in range(1, 301) if turn(rows, redelivery, float(now_s))]
    gaps = [later - earlier for earlier, later in zip([0, *times], times, strict=False)]
    assert gaps[0] == FIRST_PATIENCE_S
    assert gaps == sorted(gaps)
    assert set(gaps[4:]) == {LAST_PATIENCE_S}


def test_a_log_that_comes_back_and_says_its_mark_again_need_not_wait() -> None:
    rows, redelivery = filled(3), Redelivery()
    turn(rows, redelivery, 0.0)
    for now_s in range(1, 100):
        turn(rows, redelivery, float(now_s))
    turn(rows, redelivery, 99.0)
    assert turn(rows, redelivery, 101.0) == []
    redelivery.marked(0, 0, 101.0)
    assert [seq for seq, _ in turn(rows, redelivery, 101.0)] == [1, 2, 3]


def test_an_absent_log_costs_the_broker_a_bounded_repetition() -> None:
    rows, redelivery = filled(REPEAT_ROWS * 3), Redelivery()
    assert len(turn(rows, redelivery, 0.0, limit=10_000)) == REPEAT_ROWS * 3
    now_s = FIRST_PATIENCE_S
    repeated = [row for _ in range(10) for row in turn(rows, redelivery, now_s, limit=100)]
    assert [seq for seq, _ in repeated] == list(range(1, REPEAT_ROWS + 1))
    redelivery.marked(150, rows.acknowledge(150), now_s)
    more = [row for _ in range(10) for row in turn(rows, redelivery, now_s, limit=100)]
    assert [seq for seq, _ in more] == list(range(REPEAT_ROWS + 1, REPEAT_ROWS + 151))


def test_a_new_connection_sends_everything_again_at_once() -> None:
    rows, redelivery = filled(4), Redelivery()
    turn(rows, redelivery, 0.0)
    redelivery.connected(0.5)
    assert [seq for seq, _ in turn(rows, redelivery, 0.5)] == [1, 2, 3, 4]


@pytest.mark.parametrize("now_s", [0.0, 1e6])
def test_an_empty_outbox_asks_for_nothing(now_s: float) -> None:
    assert Redelivery().due(None, now_s, 10) == ()
