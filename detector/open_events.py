"""Which events have not ended, kept beside the outbox's messages and in the same transactions.

A monitor that is killed leaves events open. The next one ends them as unconfirmed, so that no page shows a cramp that
goes on for ever.
"""

import json
import logging
from datetime import datetime

from detector.messages import Message, encode, iso
from detector.outbox import Outbox, Transaction

_log = logging.getLogger(__name__)

_TABLE = """
CREATE TABLE IF NOT EXISTS open_event (id TEXT PRIMARY KEY, topic TEXT NOT NULL, message BLOB NOT NULL) WITHOUT ROWID
"""


def note(transaction: Transaction, topic: str, message: Message) -> None:
    """Note that an event is open, or that it is not any more."""
    transaction.execute(_TABLE)
    if message["phase"] == "ended":
        transaction.execute("DELETE FROM open_event WHERE id = ?", (message["id"],))
    else:
        row = (message["id"], topic, encode(message))
        transaction.execute("INSERT OR REPLACE INTO open_event VALUES (?, ?, ?)", row)


def end_abandoned(outbox: Outbox, at: datetime) -> int:
    """End what an earlier run left open, and return how many events that was.

    Their length is what was known last; nobody saw how they went on.

    Raises:
        DurableFileError: the outbox cannot be written; nothing was.
    """
    with outbox.transaction() as transaction:
        transaction.execute(_TABLE)
        rows = transaction.execute("SELECT topic, message FROM open_event ORDER BY id").fetchall()
        transaction.execute("DELETE FROM open_event")
        for topic, payload in rows:
            try:
                transaction.append(topic, _ended(json.loads(payload), at))
            except (ValueError, TypeError, KeyError) as error:
                # A damaged row must not keep the monitor from starting.
                _log.error("an open event cannot be read, and stays open: %s", error)
    return len(rows)


def _ended(message: Message, at: datetime) -> Message:
    return message | {
        "revision": message["revision"] + 1,
        "phase": "ended",
        "quality": "unconfirmed",
        "reason": f"{message['reason']}; the monitor was interrupted during it",
        "issued_at": iso(at),
    }
