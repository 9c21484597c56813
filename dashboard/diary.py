"""The evening diary: what is asked, what may be answered, and which nights a trigger was there. Pure.

Everything is a *suspected* trigger. What nobody answered is not "no": it is left out on both sides. Lasting facts
(a pregnancy, a diuretic) belong to the profile, since they cannot differ from one night to the next.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from dashboard.chances import LEAST_NIGHTS, Difference, difference
from dashboard.diary_store import Sheet
from dashboard.evenings import Evening

# What is asked each evening, by yes or no; their texts are in the catalogue.
QUESTIONS: tuple[str, ...] = (
    "exercise",
    "standing",
    "little_drink",
    "caffeine",
    "alcohol",
    "smoking",
    "stress",
    "new_medicine",
    "cold",
    "shoes",
    "warm_bath",
    "socks",
    "stretch",
    "remedy",
    "other",
)
ANSWERS: tuple[str, ...] = ("yes", "no")
# What lasts, by yes or no.
FACTS: tuple[str, ...] = (
    "pregnancy",
    "diuretic",
    "statin",
    "inhaler",
    "kidney",
    "diabetes",
    "thyroid",
    "circulation",
    "nerve",
)
LONGEST_NOTE = 1000
MOST_MEDICINES, LONGEST_MEDICINE = 40, 120
# Whether the household tries the evening stretch in weeks on and off.
Trial = Literal["on", "off"]
_TRIAL_KEY = "stretch_trial"
_WEEKS_A_PAIR = 2


class RefusedSheetError(ValueError):
    """Answers that no diary takes; the text says which."""


def evening_answers(asked: object) -> dict[str, Any]:
    """Return an evening's answers, looked at; what was not answered is not there.

    Raises:
        RefusedSheetError: they are none.
    """
    given = _mapping(asked)
    answers: dict[str, Any] = _yes_or_no(given, QUESTIONS)
    note = _text(given.get("note", ""), "note", LONGEST_NOTE)
    return answers | ({"note": note} if note else {})


def profile_answers(asked: object) -> dict[str, Any]:
    """Return what lasts, looked at: facts, medicines, and since when the stretch is tried in weeks on and off.

    Raises:
        RefusedSheetError: it is none.
    """
    given = _mapping(asked)
    answers: dict[str, Any] = _yes_or_no(given, FACTS)
    medicines = given.get("medicines", [])
    if not isinstance(medicines, list) or len(medicines) > MOST_MEDICINES:
        raise RefusedSheetError(f"medicines: expected at most {MOST_MEDICINES} lines")
    named = [_text(medicine, "medicines", LONGEST_MEDICINE) for medicine in medicines]
    if any(named):
        answers["medicines"] = [name for name in named if name]
    trial = given.get(_TRIAL_KEY)
    if trial is not None:
        answers[_TRIAL_KEY] = _date(trial)
    return answers


def trial_week(profile: Mapping[str, Any], evening: date) -> Trial | None:
    """Return whether the stretch is on this week; None where none is tried, or it has not begun.

    Of each two weeks one is on and one is off, in an order that nobody chose: it is drawn from the first day by
    a hash (SHA-256), so that it stays the same and cannot be guessed from what came before.
    """
    begun = profile.get(_TRIAL_KEY)
    if begun is None:
        return None
    days = (evening - date.fromisoformat(begun)).days
    if days < 0:
        return None
    pair, second = divmod(days // 7, _WEEKS_A_PAIR)
    first_is_on = hashlib.sha256(f"{begun} {pair}".encode()).digest()[0] % 2 == 0
    return "on" if first_is_on == (second == 0) else "off"


@dataclass(frozen=True, slots=True)
class Association:
    """A question beside the cramps of the nights: their difference, or how many nights are still to come.

    Attributes:
        key: The question's, or ``stretch_trial``.
        found: The difference; None where an arm has too few nights.
        nights_with: Counted nights with it.
        nights_without: Without.
        is_randomised: Whether chance, not the person, chose the nights.
    """

    key: str
    found: Difference | None
    nights_with: int
    nights_without: int
    is_randomised: bool = False


def associations(
    nights: Sequence[Evening], sheets: Iterable[Sheet], profile: Mapping[str, Any]
) -> list[Association]:
    """Return every question that somebody answered, those that can be told first.

    Args:
        nights: All nights; those that are not counted are left out.
        sheets: The diary's newest.
        profile: What lasts.
    """
    answers = {sheet.date: sheet.answers for sheet in sheets}
    arms = {key: _arms(nights, answers, key) for key in QUESTIONS}
    arms[_TRIAL_KEY] = _trial_arms(nights, profile)
    answered = {key: arm for key, arm in arms.items() if arm[0] or arm[1]}
    looked_at = sum(min(map(len, arm)) >= LEAST_NIGHTS for arm in answered.values())
    rows = [
        Association(
            key,
            difference(with_it, without, looked_at),
            len(with_it),
            len(without),
            is_randomised=key == _TRIAL_KEY,
        )
        for key, (with_it, without) in answered.items()
    ]
    return sorted(rows, key=lambda row: row.found is None)


def _arms(
    nights: Sequence[Evening], answers: Mapping[str, Mapping[str, Any]], key: str
) -> tuple[list[float], list[float]]:
    arms: dict[str, list[float]] = {answer: [] for answer in ANSWERS}
    for night in nights:
        said = answers.get(night.date.isoformat(), {}).get(key)
        if night.is_counted and said in arms:
            arms[said].append(float(len(night.cramps)))
    return arms["yes"], arms["no"]


def _trial_arms(nights: Sequence[Evening], profile: Mapping[str, Any]) -> tuple[list[float], list[float]]:
    """Return nights by the week that chance gave them, whatever was done: as randomised, none left out."""
    arms: dict[Trial | None, list[float]] = {"on": [], "off": [], None: []}
    for night in nights:
        if night.is_counted:
            arms[trial_week(profile, night.date)].append(float(len(night.cramps)))
    return arms["on"], arms["off"]


def _mapping(asked: object) -> Mapping[str, Any]:
    if not isinstance(asked, Mapping):
        raise RefusedSheetError("expected answers by question")
    return asked


def _yes_or_no(given: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    found = {key: given[key] for key in keys if given.get(key) is not None and given[key] != ""}
    for key, answer in found.items():
        if answer not in ANSWERS:
            raise RefusedSheetError(f"{key}: expected yes, no or nothing, got {answer!r:.40}")
    return found


def _text(value: object, name: str, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise RefusedSheetError(f"{name}: expected at most {longest} characters")
    # What no database and no page has room for.
    return "".join(sign for sign in value if sign == "\n" or sign.isprintable()).strip()


def _date(value: object) -> str:
    try:
        return date.fromisoformat(value).isoformat()  # type: ignore[arg-type]  # what is no text raises
    except (TypeError, ValueError) as error:
        raise RefusedSheetError(f"expected a date such as 2026-11-22, got {value!r:.40}") from error
