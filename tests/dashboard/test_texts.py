"""The catalogue: every language says everything, with the same places to fill in, and every page finds its words."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

import dashboard
from dashboard.texts import UnknownLanguageError, catalogue, languages, texts_in
from detector.alarms.conditions import CONDITIONS
from detector.guidance import SENTENCES, advice

HOME = Path(dashboard.__file__).parent
NUMBER = re.compile(r"\d+")
PLACE = re.compile(r"\{(\w+)\}")
# What a template or a script asks for by name.
ASKED = re.compile(r"\bt\.(\w+)|\bsay\(\"([\w.]+)\"")
ENGLISH = texts_in()
OTHERS = [language for language in languages() if language != ENGLISH.language]


def every(files: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {f"{file}/{key}": text for file, found in files.items() for key, text in found.items()}


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_says_everything(language: str) -> None:
    own, english = every(catalogue(language)), every(ENGLISH.files())
    assert own.keys() == english.keys()
    for key, text in english.items():
        assert set(PLACE.findall(own[key])) == set(PLACE.findall(text)), key
        assert bool(own[key]) == bool(text), key


def test_what_a_language_lacks_is_said_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {"en": {"a": {"k": "K", "l": "L"}, "b": {}}, "de": {"a": {"l": "Ł"}}}
    monkeypatch.setattr("dashboard.texts.catalogue", kept.__getitem__)
    texts_in.cache_clear()
    try:
        texts = texts_in("de")
        assert (texts("k"), texts("l")) == ("K", "Ł")
    finally:
        texts_in.cache_clear()


def test_alarms_are_called_in_english_as_the_detector_calls_them() -> None:
    assert ENGLISH.group("alarm_title") == {code: condition.title for code, condition in CONDITIONS.items()}


def test_advice_is_there_in_german_word_for_word_and_with_its_source() -> None:
    for sentence in SENTENCES:
        german = sentence.said_in("de")
        assert german.text == sentence.german
        assert german.text not in {"", sentence.text}
        assert german.source == sentence.source
        # Numbers are the same in every language.
        assert sorted(NUMBER.findall(german.text)) == sorted(NUMBER.findall(sentence.text))
    assert "Notruf" in advice("RHYTHMIC", "left-calf", "de")
    assert advice("CRAMP", "left-calf", "de").startswith("Das Knie strecken")


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


def is_asked_for(key: str, sources: str) -> bool:
    """Tell whether a text is asked for by its name, or by a name that begins with its group's."""
    groups = [key[:at] for at, sign in enumerate(key) if sign == "."]
    named = "|".join(
        [rf"\bt\.{re.escape(key)}\b", *(rf"[\"'`]{re.escape(one)}[\"'`.]" for one in (key, *groups))]
    )
    return re.search(named, sources) is not None


def test_no_text_is_kept_that_nobody_asks_for() -> None:
    paths = [path for ending in ("py", "html", "js") for path in HOME.rglob(f"*.{ending}")]
    sources = "\n".join(path.read_text(encoding="utf-8") for path in paths if "vendor" not in path.parts)
    assert not is_asked_for("said_by_nobody", sources)
    keys = {key for found in ENGLISH.files().values() for key in found}
    assert [key for key in sorted(keys) if not is_asked_for(key, sources)] == []


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
