"""The page of the evening diary: twenty seconds in the evening, and what lasts longer."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dashboard.asking import BAD_REQUEST, NOT_FOUND, asked, body_of
from dashboard.diary import (
    FACTS,
    QUESTIONS,
    RefusedSheetError,
    evening_answers,
    profile_answers,
    trial_week,
)
from dashboard.doors import OWNER, Door
from dashboard.household import Household
from dashboard.rendering import page
from dashboard.texts import Texts
from detector.guidance import sentences
from detector.messages import iso

_LONGEST_BODY_BYTES = 32_768
# Evenings that can be filled in afterwards: who remembers more is mistaken.
_BACK_DAYS = 7


class DiaryPages:
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
        return [
            Door("/diary", self.show, OWNER),
            Door("/api/diary/{date}", self.keep, OWNER, ("POST",)),
            Door("/api/diary/{date}/undo", self.undo, OWNER, ("POST",)),
            Door("/api/profile", self.keep_profile, OWNER, ("POST",)),
        ]

    async def show(self, request: Request) -> Response:
        """Show an evening's sheet, and what lasts."""
        tonight = self._household.tonight()
        day = self._day(request.query_params.get("date", tonight.isoformat()))
        sheet = await asked(self._household.diary.of, day.isoformat())
        profile = await asked(self._household.diary.profile)
        lasting = profile.answers if profile else {}
        return page(
            self._texts,
            "diary.html",
            "diary",
            "diary",
            title=self._texts("menu.diary"),
            day=day.isoformat(),
            days=[(tonight - timedelta(days=back)).isoformat() for back in range(_BACK_DAYS)],
            questions=QUESTIONS,
            facts=FACTS,
            answers=sheet.answers if sheet else {},
            profile=lasting,
            trial=trial_week(lasting, day),
            stretch=[
                sentence.text
                for sentence in sentences("stretch", "prevention", language=self._texts.language)
            ],
            suspected=[sentence.text for sentence in sentences("diary", language=self._texts.language)],
        )

    async def keep(self, request: Request) -> Response:
        """Keep an evening's answers."""
        day = self._day(request.path_params["date"]).isoformat()
        return await self._kept(
            request, evening_answers, lambda answers: self._household.diary.put(day, answers, at=_now())
        )

    async def keep_profile(self, request: Request) -> Response:
        """Keep what lasts."""
        return await self._kept(
            request, profile_answers, lambda answers: self._household.diary.put_profile(answers, at=_now())
        )

    async def undo(self, request: Request) -> Response:
        """Bring back what was said of an evening before."""
        day = self._day(request.path_params["date"]).isoformat()
        sheet = await asked(lambda: self._household.diary.undo(day, at=_now()))
        return JSONResponse({"answers": sheet.answers if sheet else {}})

    async def _kept(
        self,
        request: Request,
        read: Callable[[object], dict[str, Any]],
        keep: Callable[[Mapping[str, Any]], object],
    ) -> Response:
        try:
            answers = read(json.loads(await body_of(request, _LONGEST_BODY_BYTES)))
        except RefusedSheetError as error:
            return JSONResponse({"why": str(error)}, BAD_REQUEST)
        except (ValueError, RecursionError):
            return JSONResponse({"why": self._texts("not_understood")}, BAD_REQUEST)
        await asked(keep, answers)
        return JSONResponse({"answers": answers})

    def _day(self, told: str) -> date:
        """Return the evening that an address names.

        Raises:
            HTTPException: it names none, or one that is still to come.
        """
        try:
            day = date.fromisoformat(told)
        except ValueError as error:
            raise HTTPException(NOT_FOUND, "Expected an evening such as 2026-11-22.") from error
        if day > self._household.tonight():
            raise HTTPException(NOT_FOUND, "That evening is still to come.")
        return day


def _now() -> str:
    return iso(datetime.now(UTC))
