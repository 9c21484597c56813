"""What people at the pages answer to an alarm: looked at, and handed to the broker as the dashboard's command.

RefusedAnswerError    it is not possible, with the reason for the person
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal, cast, get_args

from dashboard.alarms import Answer, answers
from dashboard.live import Live
from detector.alarms.conditions import SNOOZE_MINUTES
from detector.alarms.values import Mode
from detector.commands import Command, RefusedCommandError, command_message, read_command
from detector.messages import encode
from detector.mqtt_link import Publication

# A command is done by one monitor, or by none: it is never kept for another.
_QOS = 1
# What somebody at a page may ask of a night's watch.
WatchAct = Literal["arm", "standby", "mode", "test"]
_LONGEST_NAME = 40
# Status codes: not understood, not possible as things stand, nobody there to take it.
NOT_UNDERSTOOD, NOT_POSSIBLE, NOBODY_THERE = 400, 409, 503


class RefusedAnswerError(ValueError):
    """An answer that cannot be passed on; the text is for the person.

    Args:
        status: HTTP status code.
        why: In words.
    """

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Answers:
    """Passes answers on.

    Args:
        live: What stands now, and the night's clock.
        publish: Hands a message to the broker; tells whether it was taken.
    """

    def __init__(self, live: Live, publish: Callable[[Publication], bool]) -> None:
        self._live = live
        self._publish = publish
        self._texts = live.texts

    def give(self, asked: object) -> None:
        """Pass an answer on: ``{"id", "occurrence_id", "answer", "minutes"?, "who"?, "place"?}``.

        The id is made by the page, once for each press of a button, so that one sent twice is done once.

        Raises:
            RefusedAnswerError: it is not possible.
        """
        if not isinstance(asked, Mapping) or not isinstance(asked.get("occurrence_id"), str):
            raise RefusedAnswerError(NOT_UNDERSTOOD, self._texts("not_understood"))
        alarm = self._live.alarms.get(asked["occurrence_id"])
        if alarm is None:
            raise RefusedAnswerError(NOT_POSSIBLE, self._texts("alarm_over"))
        name = asked.get("answer")
        if name not in get_args(Answer):
            raise RefusedAnswerError(NOT_UNDERSTOOD, self._texts("not_understood"))
        if name not in answers(alarm):
            raise RefusedAnswerError(NOT_POSSIBLE, self._texts("not_now", title=alarm["title"]))
        self._send(self._publication(alarm, asked, cast("Answer", name)))

    def _send(self, publication: Publication) -> None:
        if not self._publish(publication):
            trouble = self._live.trouble() or self._texts("broker_slow")
            raise RefusedAnswerError(NOBODY_THERE, self._texts("not_sent", trouble=trouble))

    def act(self, asked: object) -> None:
        """Pass on what somebody asks of a watch: ``{"id", "sensor", "name", "minutes"?, "mode"?, "override"?, …}``.

        Raises:
            RefusedAnswerError: it is not possible.
        """
        if not isinstance(asked, Mapping) or asked.get("name") not in get_args(WatchAct):
            raise RefusedAnswerError(NOT_UNDERSTOOD, self._texts("not_understood"))
        sensor, minutes, override = asked.get("sensor"), asked.get("minutes"), asked.get("override", False)
        if not isinstance(sensor, str) or not self._live.knows(sensor):
            raise RefusedAnswerError(NOT_POSSIBLE, self._texts("never_heard"))
        mode = asked.get("mode") if asked["name"] == "mode" else None
        if (
            type(minutes) not in {int, float, type(None)}
            or not isinstance(override, bool)
            or (asked["name"] == "mode" and mode not in get_args(Mode))
        ):
            raise RefusedAnswerError(NOT_UNDERSTOOD, self._texts("not_understood"))
        command = Command(
            id=self._word(asked, "id", ""),
            role="dashboard",
            name=asked["name"],
            sensor=sensor,
            who=self._word(asked, "who", self._texts("at_the_page")),
            at=self._live.clock.wall(),
            place=self._word(asked, "place", self._texts("place")),
            minutes=minutes,
            mode=mode,
            override=override,
        )
        self._send(self._checked(command))

    def _publication(self, alarm: Mapping[str, Any], asked: Mapping[str, Any], name: Answer) -> Publication:
        minutes = asked.get("minutes") if name == "snooze" else None
        if name == "snooze" and (type(minutes) not in {int, float} or minutes not in SNOOZE_MINUTES):
            raise RefusedAnswerError(NOT_UNDERSTOOD, self._texts("not_understood"))
        command = Command(
            id=self._word(asked, "id", ""),
            role="dashboard",
            name=name,
            sensor=alarm["sensor"],
            who=self._word(asked, "who", self._texts("at_the_page")),
            at=self._live.clock.wall(),
            occurrence_id=alarm["id"],
            place=self._word(asked, "place", self._texts("place")),
            minutes=minutes,
        )
        return self._checked(command)

    def _checked(self, command: Command) -> Publication:
        """Return a command's message, looked at as the monitor will: nobody here would see its refusal."""
        payload = encode(command_message(command))
        try:
            read_command(command.topic, payload, retained=False, now=command.at)
        except RefusedCommandError as error:
            raise RefusedAnswerError(NOT_UNDERSTOOD, self._texts("not_understood")) from error
        return Publication(command.topic, payload, _QOS, retained=False)

    def _word(self, asked: Mapping[str, Any], key: str, otherwise: str) -> str:
        value = asked.get(key, otherwise)
        if not isinstance(value, str) or len(value) > _LONGEST_NAME:
            raise RefusedAnswerError(NOT_UNDERSTOOD, self._texts("not_understood"))
        return value
