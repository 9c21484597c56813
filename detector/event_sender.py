"""Events and alarms on their way to the night log: stored first, sent, and sent again until its mark covers them.

What belongs together is a `Parcel`: stored in one transaction or not at all. A disk that fails makes a sentence in
`EventSender.trouble`, never an end: parcels are then held in memory.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from detector.delivery import Redelivery
from detector.durable_sqlite import DurableFileError
from detector.messages import LoggedMark, Message, MessageError, parse_logged
from detector.open_events import end_abandoned, note
from detector.outbox import Outbox, Transaction

_log = logging.getLogger(__name__)

# Rows handed over in one turn of the run loop: at 20 turns a second a night's backlog goes in seconds.
ROWS_A_TURN = 100
# How long to wait after the disk has failed, s.
STORE_AGAIN_S = 1.0
# Parcels held in memory while the disk takes none: a bad hour's worth.
HELD_EVENTS = 1000


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is stored together.

    Attributes:
        events: topic and message of revisions of contractions.
        alarms: topic and message of changes of alarms.
        rows: writes what else belongs to them, in tables of its own.
    """

    events: tuple[tuple[str, Message], ...] = ()
    alarms: tuple[tuple[str, Message], ...] = ()
    rows: Callable[[Transaction], None] | None = None

    def store(self, transaction: Transaction) -> None:
        """Write all of it."""
        for topic, message in self.events:
            # What is not yet the last word on a contraction that alerted nobody can be given up: its end says it
            # all.
            expendable = message["alert"] == "none" and message["phase"] != "ended"
            transaction.append(topic, message, expendable=expendable)
            note(transaction, topic, message)
        for topic, message in self.alarms:
            transaction.append(topic, message)
        if self.rows is not None:
            self.rows(transaction)


@dataclass(slots=True)
class EventSender:
    """The outbox and what is due from it. For the run loop's thread.

    Attributes:
        outbox: where events wait; the caller closes it.
        malformed_marks: answers that were none.
        storage_failures: how often the disk failed.
        events_lost: parcels given up because memory was full while the disk failed.
    """

    outbox: Outbox
    malformed_marks: int = 0
    storage_failures: int = 0
    events_lost: int = 0
    _redelivery: Redelivery = field(default_factory=Redelivery)
    _held: deque[Parcel] = field(default_factory=deque)
    _store_again_s: float = 0.0
    _disk_trouble: str = ""

    @property
    def trouble(self) -> str:
        """What is wrong with the outbox, in words for a person; empty if nothing is."""
        outbox = self.outbox
        overfull = f"{outbox.waiting} messages wait for the night log." if outbox.overfull else ""
        damaged = (
            f"The outbox was damaged and put aside as {outbox.quarantined}." if outbox.quarantined else ""
        )
        return self._disk_trouble or overfull or damaged

    def take(self, parcel: Parcel) -> None:
        """Store a parcel, or hold it until the disk takes it again."""
        if len(self._held) == HELD_EVENTS:
            self._held.popleft()
            self.events_lost += 1
        self._held.append(parcel)
        self._guard(self._store)

    def end_abandoned(self, at: datetime) -> None:
        """End the events that a run which was killed left open."""
        self._guard(lambda: end_abandoned(self.outbox, at))

    def connected(self) -> None:
        """Begin anew with what waits: the connection before may have lost anything."""
        self._redelivery.connected(time.monotonic())

    def answered(self, answers: Iterable[bytes]) -> None:
        """Take what came on the topic of the night log's marks; what is no mark is counted."""
        marks = []
        for payload in answers:
            try:
                marks.append(parse_logged(payload))
            except MessageError as error:
                self.malformed_marks += 1
                _log.debug("%s", error)
        ours = [mark for mark in marks if mark.outbox == self.outbox.id]
        if ours:
            self._guard(lambda: self._forget(max(ours)))

    def send(self, publish: Callable[[str, bytes], bool]) -> None:
        """Hand over what is due.

        Args:
            publish: takes a topic and a payload, and tells whether it could send them.
        """
        self._guard(self._store)
        self._guard(lambda: self._send(publish))

    def _store(self) -> None:
        while self._held and time.monotonic() >= self._store_again_s:
            with self.outbox.transaction() as transaction:
                self._held[0].store(transaction)
            self._held.popleft()
            self._disk_trouble = ""

    def _forget(self, mark: LoggedMark) -> None:
        rows = self.outbox.acknowledge(mark)
        if self.outbox.id == mark.outbox:
            self._redelivery.marked(mark.seq, rows, time.monotonic())
        else:
            self.connected()

    def _send(self, publish: Callable[[str, bytes], bool]) -> None:
        if not self.outbox.waiting:
            return
        now_s = time.monotonic()
        for after, limit in self._redelivery.due(self.outbox.oldest_seq, now_s, ROWS_A_TURN):
            for row in self.outbox.pending(after, limit):
                if not publish(row.topic, row.payload):
                    return
                self._redelivery.sent(row.seq, now_s)

    def _guard(self, step: Callable[[], object]) -> None:
        try:
            step()
        except DurableFileError as error:
            self.storage_failures += 1
            self._store_again_s = time.monotonic() + STORE_AGAIN_S
            if not self._disk_trouble:
                _log.error("%s", error)
            self._disk_trouble = f"Events cannot be stored: {error}."
