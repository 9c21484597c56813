"""How long each place of ours that looks at a topic takes over those that are made to be slow (RELIABILITY S27).

``python -m tests.security.topic_filters``: ten thousand topics at each place, in processor time; ends with 1 where one
took a millisecond.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from detector.topics import PREFIX, TopicError, Topics, command_topic, parse_command_topic, parse_topic

TOPICS = 10_000
# MQTT's own limit of a topic, bytes (MQTT 3.1.1, section 1.5.3).
LONGEST = 65_535
BOUND_S = 1e-3
# What a topic begins and ends with, so that it fails late.
_FRAMES = (
    ("", ""),
    (f"{PREFIX}/", "/event"),
    (f"{PREFIX}/{'a' * 32}", ""),
    (f"{PREFIX}/a/command/", "/x/ack"),
)
_RANDOM = 20

Place = Callable[[str], object]


def _refusing(ask: Place) -> Place:
    def place(topic: str) -> object:
        try:
            return ask(topic)
        except TopicError as error:
            return str(error)

    return place


PLACES: Mapping[str, Place] = {
    "parse_topic": _refusing(parse_topic),
    "parse_command_topic": _refusing(parse_command_topic),
    "Topics": _refusing(Topics),
    "command_topic": _refusing(lambda topic: command_topic("left-calf", topic, topic)),
}


def hostile(length: int, seed: int = 0) -> Iterator[str]:
    """Yield topics of about a length, without end: levels, wildcards, one long level, and near misses of ours."""
    rng = random.Random(seed)
    parts = (
        "/",
        "+/",
        "#",
        "a",
        "-",
        "a-",
        f"{PREFIX}/",
        f"{PREFIX}/left-calf/command/",
        "\0",
        "é",
        "$SYS/",
        "a/",
    )
    made = [f"{start}{part * length}"[: length - 6] + end for part in parts for start, end in _FRAMES]
    made += ["".join(rng.choices(parts, k=length // 2))[:length] for _ in range(_RANDOM)]
    while True:
        topic = rng.choice(made)
        yield topic[rng.randrange(len(topic)) :] + topic[: length // 2]


def worst_s(place: Place, topics: int = TOPICS) -> float:
    """Return the longest that a place took over a topic, s of the processor."""
    worst = 0.0
    for topic in islice(hostile(LONGEST), topics):
        began = time.process_time_ns()
        place(topic)
        worst = max(worst, (time.process_time_ns() - began) / 1e9)
    return worst


def main() -> int:
    """Print the figures; return the exit code."""
    found = {name: worst_s(place) for name, place in PLACES.items()}
    for name, took_s in found.items():
        sys.stdout.write(f"{name:20} {TOPICS} topics of up to {LONGEST} bytes: worst {took_s * 1e3:.3f} ms\n")
    return int(max(found.values()) >= BOUND_S)


if __name__ == "__main__":
    sys.exit(main())
