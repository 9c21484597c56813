"""The page of trends: what the nights add up to, how sure that is, and what stood beside it."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from dashboard.asking import asked
from dashboard.before_cramps import before_rows
from dashboard.chances import LEAST_NIGHTS, mean_of
from dashboard.diary import Association, associations
from dashboard.doors import OWNER, Door
from dashboard.evenings import LEAST_USABLE_S, Evening
from dashboard.household import Household, Known
from dashboard.night_hours import local_time
from dashboard.rendering import page
from dashboard.texts import Texts
from dashboard.trend_pictures import lengths, raster, strengths, weeks
from dashboard.wording import length
from detector.guidance import sentences

# Widths that the pictures are drawn for, px: a shrunken picture is not read on a phone.
_WIDE, _NARROW = 880.0, 360.0
# Nights on a phone's raster, and on a desktop's.
_FEW_NIGHTS, _MANY_NIGHTS = 14, 90
_PER_CENT = 100.0


class TrendPages:
    """The handlers, and what they share.

    Args:
        household: What is known.
        texts: What the pages say.
    """

    def __init__(self, household: Household, texts: Texts) -> None:
        self._household = household
        self._texts = texts

    def doors(self) -> list[Door]:
        """Return what may be asked for here."""
        return [Door("/trends", self.show, OWNER)]

    async def show(self, _request: Request) -> Response:
        """Show the trends."""
        told = await asked(self._told)
        return page(self._texts, "trends.html", "trends", "trends", title=self._texts("menu.trends"), **told)

    def _told(self) -> dict[str, Any]:
        known, t = self._household.known(), self._texts
        pictures = [
            {"name": name, "wide": drawn(known.nights, _WIDE), "narrow": drawn(known.nights, _NARROW)}
            for name, drawn in (
                ("weeks", self._weeks),
                ("lengths", self._lengths),
                ("strengths", self._strengths),
            )
        ]
        return {
            "sentence": sentence(t, known.nights),
            "left_out": left_out(t, known),
            "raster": {
                "wide": raster(t, known.nights[-_MANY_NIGHTS:], local_time, _WIDE).markup(),
                "narrow": raster(t, known.nights[-_FEW_NIGHTS:], local_time, _NARROW).markup(),
            },
            "pictures": pictures if any(night.cramps for night in known.nights) else [],
            "nights": [night_row(t, night) for night in reversed(known.nights)],
            "associations": [
                association_row(t, one) for one in associations(known.nights, known.sheets, known.profile)
            ],
            "before": before_rows(t, known.nights),
            "suspected": [one.text for one in sentences("diary", language=self._texts.language)],
            "answered": answered(t, known.nights),
        }

    def _weeks(self, nights: list[Evening], width: float) -> str:
        return weeks(self._texts, nights if width == _WIDE else nights[-8 * 7 :], width).markup()

    def _lengths(self, nights: list[Evening], width: float) -> str:
        return lengths(self._texts, nights, width).markup()

    def _strengths(self, nights: list[Evening], width: float) -> str:
        return strengths(self._texts, nights, width).markup()


def sentence(t: Texts, nights: list[Evening]) -> str:
    """Return what the nights add up to, in one sentence."""
    counted = [night for night in nights if night.is_counted]
    mean = mean_of([float(len(night.cramps)) for night in counted])
    if mean is None:
        return t("trends_none")
    return t(
        "trends_sentence",
        cramps=t.counted(sum(len(night.cramps) for night in counted), "cramp"),
        nights=len(counted),
        mean=f"{mean.value:.2f}",
        low=f"{mean.low:.2f}",
        high=f"{mean.high:.2f}",
    )


def left_out(t: Texts, known: Known) -> str:
    """Return what was not counted, and why; empty where everything was."""
    thin = sum(not night.is_counted for night in known.nights)
    told = [t("thin_nights", count=thin, least=length(LEAST_USABLE_S))] if thin else []
    return " ".join([*told, *([t("unread_nights", count=known.unread)] if known.unread else [])])


def night_row(t: Texts, night: Evening) -> dict[str, Any]:
    """Return a night as a row of the table that says what the pictures show."""
    return {
        "names": night.names,
        "date": night.date.isoformat(),
        "cramps": len(night.cramps),
        "total": length(sum(cramp.duration_s for cramp in night.cramps)) if night.cramps else "",
        "usable": t("monitored_of", seen=length(night.usable_s), whole=length(night.recorded_s)),
        "is_counted": night.is_counted,
    }


def association_row(t: Texts, one: Association) -> dict[str, Any]:
    """Return a question beside the cramps, in words; never more than its nights can carry."""
    name = t(f"question.{one.key}")
    if one.found is None:
        need = t("too_few", with_it=one.nights_with, without=one.nights_without, least=LEAST_NIGHTS)
        return {"name": name, "told": need, "verdict": "few", "word": ""}
    found = one.found
    told = t(
        "randomised_told" if one.is_randomised else "association_told",
        with_it=found.nights_with,
        without=found.nights_without,
        mean_with=f"{found.with_it:.1f}",
        mean_without=f"{found.without:.1f}",
        # Nought has no sign.
        low=f"{found.low:+.1f}".replace("-0.0", "0.0"),
        high=f"{found.high:+.1f}".replace("-0.0", "0.0"),
        level=f"{_PER_CENT * found.level:.1f}",
    )
    return {"name": name, "told": told, "verdict": found.verdict, "word": t(f"verdict_on.{found.verdict}")}


def answered(t: Texts, nights: list[Evening]) -> str:
    """Return how soon alarms were answered; empty where none was."""
    all_cramps = [cramp for night in nights for cramp in night.cramps]
    after = sorted(cramp.answered_s for cramp in all_cramps if cramp.answered_s is not None)
    if not after:
        return ""
    return t("answered_told", count=len(after), cramps=len(all_cramps), median=length(after[len(after) // 2]))
