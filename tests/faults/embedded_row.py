"""Row E12: the embedded broker under what mosquitto is tried with."""

from __future__ import annotations

from tests.faults.broker_rows import hung_brokers, killed_brokers, wiped_brokers
from tests.faults.conversation import together
from tests.faults.rival_rows import stale_messages
from tests.faults.row import Outcome, row
from tests.faults.way_rows import bad_ways, flooded, lonely_night, lost_answers
from tests.faults.will_rows import last_wills


@row(
    "E12",
    "rows E1 to E11 with the embedded broker",
    "as with mosquitto",
    pr=1,
    nightly=10,
)
def embedded(repetitions: int) -> Outcome:
    """Run each so many times its least; E7 and E10 are about mosquitto's ways."""
    kind = "embedded"
    return together(
        [
            ("E1", killed_brokers(3 * repetitions, kind)),
            ("E2", lonely_night(kind, 1200 * repetitions)),
            ("E3", hung_brokers(1 if repetitions == 1 else 3, kind)),
            ("E4", bad_ways(2 * repetitions, kind)),
            ("E5", wiped_brokers(2 * repetitions, kind)),
            ("E6", stale_messages(2 * repetitions, kind)),
            ("E8", lost_answers(20 * repetitions, kind)),
            ("E9", last_wills(4 * repetitions, kind)),
            ("E11", flooded(3 * repetitions, kind)),
        ]
    )
