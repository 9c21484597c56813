"""Medical wording: reviewed, sourced, dated, and nowhere else."""

from __future__ import annotations

import ast
import re

import pytest

from detector import guidance
from detector.alarms.wording import full_text
from tests.detector.alarms.alarm_world import in_stage
from tests.house.house import ROOT, python_files, short

# What a sentence of advice is made of; a program that says one of these elsewhere gives advice unreviewed.
ADVICE = re.compile(
    r"\bmassag|\btoes? toward|\bbig toe\b|\bheel down\b|straighten (?:the|your) knee|recovery position|cushion the head"
    r"|nothing in the mouth|emergency services|doctor's appointment|hold them down|sit before you stand"
    r"|calf and hamstring|seizure plan|possible clot"
    r"|\bmassier|\bZehen? zum|\bZehe zu sich|Seitenlage|Notruf|Arzttermin|Anfallsplan|erst aufsetzen",
    re.IGNORECASE,
)
# What popular articles say and nobody should hear from us.
NEVER = re.compile(
    r"between the teeth|tiptoe|turpentine|celandine|vinegar|aspirin|muscle relaxant|potassium|quinine|magnesium",
    re.IGNORECASE,
)
SEIZURE = re.compile(r"seizure (?:is |was )?detected", re.IGNORECASE)
TEXTS = ("*.html", "*.js", "*.toml", "*.txt", "*.json")


def spoken(path_text: str) -> list[str]:
    """Every text constant of a program that is not a docstring."""
    tree = ast.parse(path_text)
    documented = [
        node for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
    ]
    docstrings = {ast.get_docstring(node, clean=False) for node in documented}
    constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return [text for text in constants if isinstance(text, str) and text not in docstrings]


def said_elsewhere() -> dict[str, list[str]]:
    programs = {
        short(path): spoken(path.read_text(encoding="utf-8"))
        for path in python_files()
        if path.name != "guidance.py"
    }
    pages = {
        short(path): [path.read_text(encoding="utf-8", errors="replace")]
        for pattern in TEXTS
        for path in (ROOT / "dashboard").rglob(pattern)
        if "vendor" not in path.parts
    }
    return programs | pages


def test_no_other_file_gives_advice() -> None:
    found = {name: text for name, texts in said_elsewhere().items() for text in texts if ADVICE.search(text)}
    assert found == {}


@pytest.mark.parametrize("words", [NEVER, SEIZURE], ids=["harmful", "seizure"])
def test_what_must_never_be_said_is_said_nowhere(words: re.Pattern[str]) -> None:
    everything = said_elsewhere() | {"guidance": [item.text for item in guidance.SENTENCES]}
    assert {name: text for name, texts in everything.items() for text in texts if words.search(text)} == {}


def test_the_search_for_advice_finds_it() -> None:
    reviewed = [item.text for item in guidance.SENTENCES]
    assert sum(bool(ADVICE.search(text)) for text in reviewed) >= len(reviewed) // 2


@pytest.mark.parametrize("sentence", guidance.SENTENCES, ids=lambda item: item.topic)
def test_every_sentence_has_a_source_and_a_date(sentence: guidance.Sentence) -> None:
    assert sentence.source
    assert re.search(r"20\d\d", sentence.dated)
    assert sentence.text.endswith(".")


@pytest.mark.parametrize(
    ("site", "words"),
    [
        ("left-calf", "pull the toes toward the shin"),
        ("right gastrocnemius", "pull the toes toward the shin"),
        ("left foot", "Pull the big toe"),
        ("toe", "Pull the big toe"),
        ("right thigh", "Straighten and stretch"),
    ],
)
def test_a_cramp_is_answered_for_the_muscle_it_is_in(site: str, words: str) -> None:
    assert words in guidance.advice("CRAMP", site)
    assert "Mind the floor" in guidance.advice("CRAMP", site)


def test_nothing_is_advised_for_a_muscle_that_nobody_named_nor_for_a_fault() -> None:
    assert guidance.advice("CRAMP", "sensor-1") == ""
    assert guidance.advice("NO_DATA", "left-calf") == ""


def test_rhythmic_contractions_ask_to_check_the_person() -> None:
    text = guidance.advice("RHYTHMIC", "left-calf")
    assert text.startswith("Check the person.")
    assert "5 minutes" in text


def test_a_page_says_what_where_how_long_why_how_sure_and_what_to_do() -> None:
    night = in_stage("active")
    night.sleep(48.0)
    alarm = night.of("CRAMP")
    text = full_text(alarm, night.now)
    assert text.startswith("Cramp on left-calf since 21:00, for 0:48. it holds.")
    assert "Straighten the knee, pull the toes toward the shin" in text
    night.signal_lost = True
    night.observe()
    assert "whether it went on is not known" in full_text(night.of("CRAMP"), night.now)


def test_a_second_call_says_so() -> None:
    night = in_stage("snoozed")
    night.sleep(601.0)
    assert "(2nd call)" in full_text(night.of("CRAMP"), night.now)
