"""Every text of the pages, in the household's language, from `dashboard/catalogue`. No advice stands there.

One folder for each language, one file for each page; `words` is what the base station says by itself, `common`
what every page needs. A key that a language lacks is an error of ours, not of the reader: a test holds all
languages to the same keys and the same places to fill in.

    UnknownLanguageError    there is no catalogue in that language
"""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

_CATALOGUE = Path(__file__).parent / "catalogue"
ENGLISH = "en"
_COMMON = "common"
# How the hours are counted.
Hours = Literal["24", "12"]
_NOON = 12


class UnknownLanguageError(ValueError):
    """There is no catalogue in a language; the text says which there are."""


class Texts:
    """The texts of one language, and how times are written.

    Args:
        language: Its two letters.
        files: The texts of each file, by their dotted keys.
        hours: Of a day, or of half a day.
    """

    def __init__(self, language: str, files: Mapping[str, Mapping[str, str]], hours: Hours = "24") -> None:
        self.language = language
        self.hours: Hours = hours
        self._files = files
        self._all = {key: text for texts in files.values() for key, text in texts.items()}

    def __call__(self, key: str, **values: object) -> str:
        """Return a text, its ``{places}`` filled in.

        Raises:
            KeyError: there is none of that key.
        """
        text = self._all[key]
        return text.format(**values) if values else text

    def get(self, key: str, otherwise: str) -> str:
        """Return a text, or ``otherwise`` where the catalogue has none of that key."""
        return self._all.get(key, otherwise)

    def counted(self, count: int, noun: str) -> str:
        """Return a count and its noun, ``2 cramps``: from ``count.NOUN.none``, ``.one`` and ``.many``."""
        form = {0: "none", 1: "one"}.get(count, "many")
        return self(f"count.{noun}.{form}", count=count)

    def hour(self, hour: int) -> str:
        """Return a full hour of the day, 0 to 23, as an axis has room for it: ``21``, ``9 pm``."""
        if self.hours == "24":
            return f"{hour:02d}"
        return f"{hour % _NOON or _NOON} {_half(hour)}"

    def time(self, moment: datetime, *, seconds: bool = False) -> str:
        """Return a time of day as this household writes it: ``01:23``, ``1:23 am``."""
        rest = f"{moment:%M:%S}" if seconds else f"{moment:%M}"
        if self.hours == "24":
            return f"{moment:%H}:{rest}"
        return f"{moment.hour % _NOON or _NOON}:{rest} {_half(moment.hour)}"

    def group(self, name: str) -> dict[str, str]:
        """Return the texts under a dotted name, by what follows it."""
        start = f"{name}."
        return {key.removeprefix(start): text for key, text in self._all.items() if key.startswith(start)}

    def page(self, name: str) -> dict[str, str]:
        """Return what the template and the scripts of a page say by themselves."""
        return {**self._files[_COMMON], **self._files[name]}

    def files(self) -> Mapping[str, Mapping[str, str]]:
        """Return the texts of each file."""
        return self._files


def _half(hour: int) -> str:
    return "am" if hour < _NOON else "pm"


def languages() -> list[str]:
    """Return the languages that there are."""
    return sorted(folder.name for folder in _CATALOGUE.iterdir() if folder.is_dir())


@cache
def texts_in(language: str = ENGLISH, hours: Hours = "24") -> Texts:
    """Return the texts of a language; what it lacks is said in English, since a word at night beats an error.

    Raises:
        UnknownLanguageError: there is no catalogue in it.
    """
    own = catalogue(language)
    files = {name: texts | own.get(name, {}) for name, texts in catalogue(ENGLISH).items()}
    return Texts(language, files, hours)


def catalogue(language: str) -> dict[str, dict[str, str]]:
    """Return what stands in a language's own files.

    Raises:
        UnknownLanguageError: there is no catalogue in it.
    """
    if language not in languages():
        raise UnknownLanguageError(f"language: expected one of {', '.join(languages())}, got {language!r}")
    return {
        path.stem: dict(_flat(tomllib.loads(path.read_text(encoding="utf-8"))))
        for path in sorted((_CATALOGUE / language).glob("*.toml"))
    }


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, str):
            yield above + key, value
        else:
            yield from _flat(value, f"{above}{key}.")
