"""Two opinions side by side: paired once, symmetric, beyond chance; and what is no table is refused in words."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from dashboard.comparison import Comparison, Said, compare, kappa
from dashboard.labels import Label, Labels, Verdict, label_id
from dashboard.night_log import NightLog
from tests.dashboard.addresses import HERE
from tests.dashboard.events import event
from tests.dashboard.recorded import CRAMP, NIGHT, SECONDS, START

NIGHT_S = (0.0, 1000.0)
BEGAN = START.timestamp()
sides = st.lists(
    st.builds(
        lambda start, length, what: Said(float(start), float(start + length), what),
        st.integers(0, 900),
        st.integers(1, 90),
        st.sampled_from(["cramp", "spasm"]),
    ),
    max_size=8,
)


def kinds(found: Comparison) -> list[str]:
    return [row.kind for row in found.rows]


def test_what_both_say_what_differs_and_what_one_alone_says() -> None:
    ours = [Said(10, 30, "cramp"), Said(100, 110, "cramp"), Said(200, 210, "cramp")]
    theirs = [Said(12, 30, "cramp"), Said(101, 109, "spasm"), Said(300, 310, "spasm")]
    found = compare(ours, theirs, [], NIGHT_S)
    assert kinds(found) == ["both", "differ", "first", "second"]
    assert found.onset_difference_s == 1.5
    assert found.f1 == pytest.approx(2 / 6)


def test_a_span_is_paired_once_with_what_it_overlaps_longest() -> None:
    found = compare([Said(10, 50, "cramp")], [Said(5, 15, "cramp"), Said(20, 50, "cramp")], [], NIGHT_S)
    assert kinds(found) == ["second", "both"]
    assert found.rows[1].second == Said(20, 50, "cramp")


def test_what_nobody_was_asked_about_counts_for_neither() -> None:
    found = compare(
        [Said(10, 30, "cramp"), Said(50, 60, "cramp")], [Said(50, 60, "cramp")], [(10, 30)], NIGHT_S
    )
    assert kinds(found) == ["both"]
    assert found.kappa == 1.0


@given(sides, sides)
def test_comparing_the_other_way_round_says_the_same(ours: list[Said], theirs: list[Said]) -> None:
    one, other = compare(ours, theirs, [], NIGHT_S), compare(theirs, ours, [], NIGHT_S)
    assert one.kappa == other.kappa or one.kappa == pytest.approx(other.kappa)
    for row in one.rows:
        assert row.first or row.second
    assert sum(row.first is not None for row in one.rows) == len(ours)
    assert sum(row.second is not None for row in one.rows) == len(theirs)


@given(sides)
def test_with_oneself_one_agrees(ours: list[Said]) -> None:
    apart = [
        one for at, one in enumerate(ours) if all(one.end <= b.start or b.end <= one.start for b in ours[:at])
    ]
    found = compare(apart, apart, [], NIGHT_S)
    assert set(kinds(found)) <= {"both"}
    assert found.kappa in {None, 1.0}


def test_kappa_is_the_textbooks() -> None:
    # Cohen 1960's arithmetic by hand: 20 and 15 of 50 agree; by chance 0.5.
    first = np.repeat([1, 1, 0, 0], [20, 5, 10, 15]).astype(np.int8)
    second = np.repeat([1, 0, 1, 0], [20, 5, 10, 15]).astype(np.int8)
    assert kappa(first, second) == pytest.approx(0.4)
    assert kappa(np.zeros(9, np.int8), np.zeros(9, np.int8)) is None
    assert kappa(np.zeros(0, np.int8), np.zeros(0, np.int8)) is None


@pytest.fixture
def labels(log: NightLog) -> Labels:
    log.add(
        [
            event(1, "rec.1", onset_index=CRAMP[0] * 1000, duration_s=20.0),
            event(2, "rec.2", onset_index=45_000, duration_s=2.0, alert="clonic", kind="clonic"),
            event(3, "rec.3", onset_index=55_000, duration_s=2.0, alert="clonic", kind="clonic"),
        ]
    )
    return Labels(log.database)


def said(labels: Labels, name: str, by: str, verdict: Verdict) -> None:
    labels.put(Label(label_id(name, by), NIGHT, by, verdict, "2026-11-22T08:00:00.000Z", name))


def ask(client: TestClient, status: int = 200, **body: Any) -> Any:
    answer = client.post(f"/api/nights/{NIGHT}/comparison", json=body, headers={"origin": HERE})
    assert answer.status_code == status, answer.text
    return answer.json()


def figures(told: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["value"] for one in told["figures"]}


def test_the_detector_is_held_against_those_who_labelled(client: TestClient, labels: Labels) -> None:
    said(labels, "rec.1", "Ann", "cramp")
    said(labels, "rec.2", "Ann", "nothing")
    said(labels, "rec.3", "Ann", "unknown")
    told = ask(client, first="detector", second="by:Ann")
    assert [(row["kind"], row["first"], row["second"]) for row in told["rows"]] == [
        ("both", "Cramp", "Cramp"),
        ("first", "Spasm", "–"),
    ]
    assert figures(told)["Left out"] == "1"
    assert figures(told)["F1"] == "0.67"


def test_two_people_are_compared_on_what_both_were_asked(client: TestClient, labels: Labels) -> None:
    said(labels, "rec.1", "Ann", "cramp")
    said(labels, "rec.1", "Ben", "spasm")
    said(labels, "rec.2", "Ann", "spasm")
    assert [one["id"] for one in client.get(f"/api/nights/{NIGHT}/opinions").json()] == [
        "detector",
        "labels",
        "by:Ann",
        "by:Ben",
        "table",
    ]
    told = ask(client, first="by:Ann", second="by:Ben")
    assert [row["kind"] for row in told["rows"]] == ["differ"]
    assert figures(told)["Left out"] == "2"


@pytest.mark.usefixtures("labels")
def test_a_table_of_ones_own_is_compared(client: TestClient) -> None:
    table = "onset\tduration\ttrial_type\n20.5\t19.5\ttonic\n5\t4\tclonic\n"
    told = ask(client, first="detector", second="table", table=table)
    assert [row["kind"] for row in told["rows"]] == ["second", "both", "first", "first"]
    assert told["rows"][0]["start"] == BEGAN + 5
    assert told["sides"][1][0][1] <= BEGAN + SECONDS


@pytest.mark.usefixtures("labels")
@pytest.mark.parametrize(
    "table",
    [
        "",
        "onset\tduration\n1\t2\n",
        "onset\tduration\ttrial_type\nx\t2\ttonic\n",
        "onset\tduration\ttrial_type\n-1\t2\ttonic\n",
        "\0",
        "a" * 9999,
    ],
)
def test_what_is_no_table_is_refused_in_words(client: TestClient, table: str) -> None:
    why = ask(client, 400, first="detector", second="table", table=table)["why"]
    assert "cannot be read" in why
    assert "/tmp" not in why


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"first": "detector"},
        {"first": "detector", "second": "table"},
        {"first": 1, "second": [2]},
        {"first": "evil", "second": "detector"},
    ],
)
def test_what_is_no_opinion_is_refused(client: TestClient, body: dict[str, Any]) -> None:
    ask(client, 400, **body)


def test_a_table_that_is_too_long_is_refused(client: TestClient) -> None:
    ask(client, 400, first="detector", second="table", table="x" * 2_000_001)
