"""Cutting a stream to pieces: losses leave holes, blocks get the length that was asked for."""

from collections.abc import Iterator

import numpy as np

from firmware_bridge.samples import Gap, Mark, SampleBlock

NightItem = SampleBlock | Gap | Mark


class Holes:
    """What of a signal never arrives. Losses that overlap or touch are one gap, with the first one's reason.

    One that reaches the stream's end is no gap: the stream just ends earlier.
    """

    def __init__(self) -> None:
        self._gaps: list[Gap] = []

    def add(self, gap: Gap) -> None:
        """Let samples be lost; called before the block in which they are."""
        merged: list[Gap] = []
        for later in sorted([*self._gaps, gap], key=lambda each: each.first_index):
            if not merged or later.first_index > merged[-1].end_index:
                merged.append(later)
                continue
            first = merged.pop()
            end = max(first.end_index, later.end_index)
            merged.append(Gap(first.first_index, end - first.first_index, first.reason))
        self._gaps = merged

    def pass_through(self, block: SampleBlock) -> Iterator[SampleBlock | Gap]:
        """Yield what arrives of the next block, and each gap when the first sample after it has come."""
        at = block.first_index
        while self._gaps and self._gaps[0].first_index < block.end_index:
            gap = self._gaps[0]
            yield from part(block, at, gap.first_index)
            at = min(gap.end_index, block.end_index)
            if gap.end_index >= block.end_index:
                break
            yield self._gaps.pop(0)
        yield from part(block, at, block.end_index)


def part(block: SampleBlock, first: int, end: int) -> Iterator[SampleBlock]:
    """Yield the samples of a block from index ``first`` to before ``end``, if there are any."""
    if first >= end:
        return
    ratio, base = block.info.acc_ratio, block.first_index
    emg = block.emg_counts[first - base : end - base]
    acc = block.acc_counts[(first - base) // ratio : (end - base) // ratio]
    emg.flags.writeable = acc.flags.writeable = False
    yield SampleBlock(block.info, first, emg, acc)


def recut(items: Iterator[NightItem], block: int) -> Iterator[NightItem]:
    """Yield the same samples in blocks of ``block`` samples, shorter before a gap and at the end.

    A mark comes just before the first block or gap that reaches beyond its index.
    """
    held: list[SampleBlock] = []
    marks: list[Mark] = []
    for item in items:
        match item:
            case Mark():
                marks.append(item)
            case SampleBlock():
                held.append(item)
                if sum(piece.samples for piece in held) >= block:
                    whole = joined(held)
                    full = whole.first_index + whole.samples // block * block
                    yield from with_marks(pieces(whole, full, block), marks)
                    held = list(part(whole, full, whole.end_index))
            case Gap():
                yield from with_marks(iter([joined(held)] if held else []), marks)
                held = []
                yield from with_marks(iter([item]), marks)
    yield from with_marks(iter([joined(held)] if held else []), marks)


def with_marks(items: Iterator[SampleBlock | Gap], marks: list[Mark]) -> Iterator[NightItem]:
    """Yield items, each after those marks (ascending; taken off the list) that lie before its end."""
    for item in items:
        while marks and marks[0].index < item.end_index:
            yield marks.pop(0)
        yield item


def pieces(block: SampleBlock, end: int, length: int) -> Iterator[SampleBlock]:
    """Yield a block up to index ``end`` in pieces of ``length`` samples."""
    for first in range(block.first_index, end, length):
        yield from part(block, first, min(first + length, end))


def joined(blocks: list[SampleBlock]) -> SampleBlock:
    """Return contiguous blocks, at least one, as one."""
    if len(blocks) == 1:
        return blocks[0]
    emg = np.concatenate([block.emg_counts for block in blocks])
    acc = np.concatenate([block.acc_counts for block in blocks])
    emg.flags.writeable = acc.flags.writeable = False
    return SampleBlock(blocks[0].info, blocks[0].first_index, emg, acc)
