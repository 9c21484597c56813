"""Labels that are asked for over MQTT, by whoever holds the pages' login: looked at, and kept as a page's own are."""

import logging
from collections import Counter, deque
from datetime import datetime

from dashboard.database import NightLogError
from dashboard.labels import LONGEST_NAME, Label, Labels, label_id
from dashboard.night_queries import NightQueries
from detector.commands import Command, RefusedCommandError, read_command
from detector.messages import iso
from detector.noon import evening_of
from detector.topics import PREFIX

_log = logging.getLogger(__name__)

# What a subscriber of the night log asks the broker for.
TOPIC = f"{PREFIX}/+/command/+/label"
# One that comes twice comes again within a minute: QoS 1 repeats over a new connection.
_REMEMBERED = 500


class AskedLabels:
    """Keeps them. All methods are for one thread.

    Args:
        queries: Which events there are.
        labels: What people said.

    Attributes:
        refused: How many messages were no labels of an event, by reason. Whoever asked for what no monitor would take
            either has been told by the monitor, which hears every command of its sensor.
    """

    def __init__(self, queries: NightQueries, labels: Labels) -> None:
        self.refused: Counter[str] = Counter()
        self._queries = queries
        self._labels = labels
        self._done: deque[str] = deque(maxlen=_REMEMBERED)

    def heard(self, topic: str, payload: bytes, *, retained: bool, now: datetime) -> None:
        """Take a message from the topic of labels."""
        try:
            command = read_command(topic, payload, retained=retained, now=now)
        except RefusedCommandError as error:
            self.refused[error.refusal] += 1
            return
        if command.id in self._done:
            self.refused["repeated"] += 1
            return
        self._done.append(command.id)
        try:
            self._keep(command)
        except NightLogError as error:
            self.refused["not kept"] += 1
            _log.warning("night log: a label of %.80r was not kept: %s", command.event_id, error)

    def _keep(self, command: Command) -> None:
        event_id, by = command.event_id or "", command.who[:LONGEST_NAME]
        event = self._queries.event(event_id)
        if event is None or event["sensor"] != command.sensor or command.verdict is None:
            self.refused["no such event"] += 1
            return
        # By the clock on the wall of this place, as the nights are named.
        began = datetime.fromisoformat(event["onset_at"]).astimezone()
        label = Label(
            id=label_id(event_id, by),
            night=f"{evening_of(began)}_{command.sensor}",
            by=by,
            verdict=command.verdict,
            at=iso(command.at),
            event_id=event_id,
            note=command.note,
        )
        self._labels.put(label)
