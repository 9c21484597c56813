"""The catalogue: every language says everything, with the same places to fill in, and every page finds its words."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

import dashboard
from dashboard.texts import Texts, UnknownLanguageError, languages, texts_in

HOME = Path(dashboard.__file__).parent
PLACE = re.compile(r"\{(\w+)\}")
# What a template or a script asks for by name.
ASKED = re.compile(r"\bt\.(\w+)|\bsay\(\"([\w.]+)\"")
ENGLISH = texts_in()
OTHERS = [language for language in languages() if language != ENGLISH.language]


def every(texts: Texts) -> dict[str, str]:
    return {f"{file}/{key}": text for file, found in texts.files().items() for key, text in found.items()}


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_says_everything(language: str) -> None:
    own, english = every(texts_in(language)), every(ENGLISH)
    assert own.keys() == english.keys()
    for key, text in english.items():
        assert set(PLACE.findall(own[key])) == set(PLACE.findall(text)), key
        assert bool(own[key]) == bool(text), key


def test_no_text_has_two_places() -> None:
    files = ENGLISH.files()
    keys = [key for found in files.values() for key in found]
    assert sorted({key for key in keys if keys.count(key) > 1}) == []


def test_what_templates_and_scripts_ask_for_is_there() -> None:
    known = {key for found in ENGLISH.files().values() for key in found}
    for path in [*HOME.glob("templates/*.html"), *HOME.glob("static/*.js"), *HOME.glob("static/*/*.js")]:
        if "vendor" not in path.parts:
            asked = {a or b for a, b in ASKED.findall(path.read_text(encoding="utf-8"))}
            assert asked <= known, path.name


def test_a_language_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(UnknownLanguageError, match="expected one of"):
        texts_in("xx")


def test_counts_have_their_own_words() -> None:
    assert [ENGLISH.counted(count, "cramp") for count in (0, 1, 7)] == ["No cramps", "1 cramp", "7 cramps"]


@pytest.mark.parametrize(
    ("hour", "day", "half"),
    [(0, "00:05", "12:05 am"), (1, "01:05", "1:05 am"), (12, "12:05", "12:05 pm"), (23, "23:05", "11:05 pm")],
)
def test_times_are_written_as_the_household_does(hour: int, day: str, half: str) -> None:
    moment = datetime(2026, 11, 22, hour, 5, 9, tzinfo=UTC)
    assert texts_in("en").time(moment) == day
    assert texts_in("en", "12").time(moment) == half
    assert texts_in("en").time(moment, seconds=True) == f"{day}:09"
