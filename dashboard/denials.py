"""That a contraction was no cramp, said at the bed while its alarm stands: kept as a label of its event."""

from collections.abc import Mapping
from datetime import datetime

from dashboard.answers import NOT_POSSIBLE, NOT_UNDERSTOOD, RefusedAnswerError
from dashboard.labels import Label, Labels, label_id
from dashboard.live import Live
from detector.messages import iso
from detector.noon import evening_of


class Denials:
    """Keeps what people deny.

    Args:
        live: What stands now, and the night's clock.
        labels: What people said.
    """

    def __init__(self, live: Live, labels: Labels) -> None:
        self._live = live
        self._labels = labels

    def give(self, asked: object) -> None:
        """Keep that an alarm's event was nothing: ``{"occurrence_id"}``.

        Raises:
            RefusedAnswerError: there is no such alarm, or it tells of no event.
            NightLogError: it cannot be kept.
        """
        if not isinstance(asked, Mapping) or not isinstance(asked.get("occurrence_id"), str):
            raise RefusedAnswerError(NOT_UNDERSTOOD, self._live.texts("not_understood"))
        alarm = self._live.alarms.get(asked["occurrence_id"])
        if alarm is None or alarm["event_id"] is None:
            raise RefusedAnswerError(NOT_POSSIBLE, self._live.texts("alarm_over"))
        by = self._live.texts("at_the_page")
        began = datetime.fromisoformat(alarm["began_at"]).astimezone()
        label = Label(
            id=label_id(alarm["event_id"], by),
            night=f"{evening_of(began)}_{alarm['sensor']}",
            by=by,
            verdict="nothing",
            at=iso(self._live.clock.wall()),
            event_id=alarm["event_id"],
        )
        self._labels.put(label)
