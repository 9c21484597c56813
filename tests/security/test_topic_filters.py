"""No topic, however long or crooked, takes more steps to look at than a short one."""

from __future__ import annotations

import sys
from itertools import islice
from types import FrameType
from typing import Any

import pytest

from detector.topics import PREFIX, TopicError, parse_topic
from tests.conftest import ROOT
from tests.security.topic_filters import LONGEST, PLACES, Place, hostile

OURS = tuple(str(ROOT / room) for room in ("detector", "crampwatch", "dashboard", "tests"))


def steps(place: Place, topic: str) -> int:
    """Return how many lines of ours are run to look at a topic."""
    count = 0

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        # A collection of garbage may come in between, and what listens to that is not ours.
        if not frame.f_code.co_filename.startswith(OURS):
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        place(topic)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("name", PLACES)
def test_the_steps_do_not_grow_with_the_topic(name: str) -> None:
    place = PLACES[name]
    short = max(steps(place, topic) for topic in ("a/b/c", f"{PREFIX}/left-calf/command/caregiver/ack", "x"))
    assert short > 0
    assert max(steps(place, topic) for topic in islice(hostile(LONGEST), 200)) <= 2 * short


def test_what_stands_behind_a_long_topic_is_never_taken_for_its_end() -> None:
    assert parse_topic(f"{PREFIX}/left-calf/event")[1] == "event"
    for end in ("/", "/event", "/a" * 8, "/a" * 30_000):
        with pytest.raises(TopicError):
            parse_topic(f"{PREFIX}/left-calf/event{end}")
