"""Who is to be woken, where the settings and the stored alarms disagree: whoever spoke last.

A mode chosen on a page outlives a restart; one that was changed in the settings since the last start replaces it.
"""

import logging
from collections.abc import Callable

from detector.alarm_desk import AlarmDesk
from detector.alarms.values import Act, Mode, RefusedActError
from detector.durable_sqlite import DurableFileError
from detector.outbox import Outbox

_log = logging.getLogger(__name__)

_TABLE = (
    "CREATE TABLE IF NOT EXISTS wished_mode (one INTEGER PRIMARY KEY CHECK (one = 1), mode TEXT NOT NULL)"
)


def heed(outbox: Outbox, desk: AlarmDesk, wished: Mode, say: Callable[[str], None]) -> None:
    """Change the mode if the settings say otherwise than at the last start.

    Where that is refused because an alarm stands, it is said, and tried at the next start.
    """
    try:
        with outbox.transaction() as transaction:
            transaction.execute(_TABLE)
            row = transaction.execute("SELECT mode FROM wished_mode").fetchone()
            if row is not None and row[0] == wished:
                return
            changes = desk.act(Act("mode", "settings", mode=wished))
            desk.rows(changes)(transaction)
            transaction.execute("INSERT OR REPLACE INTO wished_mode VALUES (1, ?)", (wished,))
    except RefusedActError as refusal:
        say(f"The mode stays {desk.engine.mode}: {refusal}")
    except DurableFileError as error:
        _log.error("mode: %s", error)
