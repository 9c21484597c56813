"""Learns how far verdicts can be trusted, and how far that holds of other people.

Of each kind of verdict, events are put into a few groups by their evidence; each group's share that was true, never
less than that of a group with less evidence, is a point of its curve. A group in which all were true still leaves room
for one that was not: nobody has seen enough to be certain.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from detector.additive import Calibration
from detector.trust import SENSES, VERDICTS, Trust
from models.dataset import Reals
from models.reliability import Reliability, reliability
from models.verdicts import Verdict

# Groups of a curve at most, and events in one at least.
GROUPS, LEAST_IN_GROUP = 6, 25
# Decimals of a curve: what one event more or less would change lies before them.
DECIMALS = 4


def trust_of(said: Sequence[Verdict]) -> Trust:
    """Return the curves of all verdicts that were ever said."""
    curves = {}
    for (sense, verdict), ones in by_verdict(said).items():
        curves[sense, verdict] = _curve(
            np.array([one.sure for one in ones]), np.array([one.is_true for one in ones], np.float64)
        )
    return Trust(curves)


def by_verdict(said: Iterable[Verdict]) -> Mapping[tuple[str, str], list[Verdict]]:
    """Return the verdicts by what the sensor showed and what was said; only those that were said."""
    found: dict[tuple[str, str], list[Verdict]] = {
        (sense, verdict): [] for sense in SENSES for verdict in VERDICTS
    }
    for one in said:
        found[one.sense, one.verdict].append(one)
    return {key: ones for key, ones in found.items() if ones}


def believed(said: Iterable[Verdict]) -> Mapping[tuple[str, str], tuple[int, float, Reliability]]:
    """Return for each verdict how often it was said, the share that was true, and how far its confidence holds."""
    result = {}
    for key, ones in by_verdict(said).items():
        sure = np.array([one.sure for one in ones])
        is_true = np.array([one.is_true for one in ones])
        result[key] = len(ones), float(is_true.mean()), reliability(sure, is_true, np.ones(len(ones)))
    return result


def as_card(said: Sequence[Verdict]) -> dict[str, dict[str, object]]:
    """Return the same as a card states it."""
    card: dict[str, dict[str, object]] = {}
    for (sense, verdict), (events, share, found) in believed(said).items():
        card.setdefault(sense, {})[verdict] = {
            "events": events,
            "true_share": round(share, DECIMALS),
            **found.as_card(),
        }
    return card


def _curve(sure: Reals, is_true: Reals) -> Calibration:
    """Return the curve of one verdict: groups by evidence, pooled until none has less truth than one below it."""
    order = np.argsort(sure, kind="stable")
    groups = max(1, min(GROUPS, len(order) // LEAST_IN_GROUP))
    pools: list[tuple[float, float, float]] = []
    for group in np.array_split(order, groups):
        pools.append((float(len(group)), float(sure[group].sum()), float(is_true[group].sum())))
        while len(pools) > 1 and (
            _share(pools[-2]) >= _share(pools[-1]) or _mean(pools[-2]) >= _mean(pools[-1])
        ):
            last, before = pools.pop(), pools.pop()
            pools.append((last[0] + before[0], last[1] + before[1], last[2] + before[2]))
    return Calibration(
        np.array([_mean(pool) for pool in pools]),
        np.array([round(_share(pool), DECIMALS) for pool in pools]),
    )


def _mean(pool: tuple[float, float, float]) -> float:
    return round(pool[1] / pool[0], DECIMALS)


def _share(pool: tuple[float, float, float]) -> float:
    """Return the share that was true, one more and one less than were seen."""
    return (pool[2] + 1.0) / (pool[0] + 2.0)
