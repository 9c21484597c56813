from collections.abc import Iterator

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.samples import Gap, Mark, SampleBlock
from models.synthesis import SensorModel
from models.synthesis.cutting import Holes, NightItem, recut
from tests.models.synthesis.playing import flattened

INFO = SensorModel().info()
TOTAL = 2000


def whole() -> SampleBlock:
    emg = np.arange(TOTAL, dtype=np.int16)[:, None]
    acc = np.repeat(np.arange(TOTAL // 10, dtype=np.int16)[:, None], 3, axis=1)
    return SampleBlock(INFO, 0, emg, acc)


def chunks(length: int) -> Iterator[SampleBlock]:
    block = whole()
    for first in range(0, TOTAL, length):
        emg = block.emg_counts[first : first + length]
        yield SampleBlock(INFO, first, emg, block.acc_counts[first // 10 : (first + length) // 10])


gaps = st.lists(st.tuples(st.integers(0, 199), st.integers(1, 60)), max_size=6)
steps = st.integers(1, 60).map(lambda n: 10 * n)


def with_holes(lost: list[tuple[int, int]], chunk: int) -> list[SampleBlock | Gap]:
    holes = Holes()
    for first, missing in lost:
        holes.add(Gap(first * 10, missing * 10, "lost frames"))
    return [item for block in chunks(chunk) for item in holes.pass_through(block)]


@given(lost=gaps, chunk=steps)
def test_what_is_lost_is_missing_and_everything_else_arrives_once(
    lost: list[tuple[int, int]], chunk: int
) -> None:
    gone = np.zeros(TOTAL, bool)
    for first, missing in lost:
        gone[first * 10 : (first + missing) * 10] = True
    at = 0
    for item in with_holes(lost, chunk):
        assert item.first_index == at
        at = item.end_index
        assert np.all(gone[item.first_index : item.end_index] == isinstance(item, Gap))
        if isinstance(item, SampleBlock):
            assert np.array_equal(item.emg_counts[:, 0], np.arange(item.first_index, item.end_index))
            assert np.array_equal(
                item.acc_counts[:, 0], np.arange(item.first_index // 10, item.end_index // 10)
            )
    # A loss up to the end is no gap: the stream ends earlier.
    assert at == TOTAL or np.all(gone[at:])


@given(lost=gaps, first=steps, second=steps)
def test_gaps_do_not_depend_on_the_chunks(lost: list[tuple[int, int]], first: int, second: int) -> None:
    assert flattened(with_holes(lost, first)) == flattened(with_holes(lost, second))


@given(lost=gaps, marks=st.lists(st.integers(0, TOTAL - 1), max_size=5), chunk=steps, block=steps)
def test_recutting_changes_nothing_but_the_cuts(
    lost: list[tuple[int, int]], marks: list[int], chunk: int, block: int
) -> None:
    def stream() -> Iterator[NightItem]:
        waiting = sorted(marks)
        for item in with_holes(lost, chunk):
            while waiting and waiting[0] < item.end_index:
                yield Mark(waiting.pop(0), "button short")
            yield item

    items = list(recut(stream(), block))
    assert flattened(items) == flattened(list(stream()))
    sizes = [item.samples for item in items if isinstance(item, SampleBlock)]
    assert all(size <= block for size in sizes)
    reached = 0
    for item in items:
        if isinstance(item, Mark):
            # A mark comes just before what reaches beyond its index.
            assert item.index >= reached
        else:
            reached = item.end_index


def test_blocks_that_leave_are_read_only() -> None:
    for item in recut(chunks(330), 100):
        assert isinstance(item, SampleBlock)
        assert not item.emg_counts.flags.writeable
        assert not item.acc_counts.flags.writeable
