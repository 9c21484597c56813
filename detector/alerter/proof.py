"""Which paths to people were proven, and when: what `armed` and a green page rest on.

The alerter keeps the results of its tests in its journal; the monitor and `crampwatch check` read them here, without
ever writing.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from detector.alarms.self_test import SelfTest, Tested
from detector.messages import iso

# The journal, in the session's folder.
JOURNAL = Path("alerter") / "journal.sqlite"
# What the test of the loudspeaker is called.
SOUND = "sound"
# Name of the fact that lists what must be proven.
PATHS = "paths"
PROOF_TABLE = """
CREATE TABLE IF NOT EXISTS proof (
    path TEXT PRIMARY KEY, passed INTEGER NOT NULL, at TEXT NOT NULL, reason TEXT NOT NULL, took_s REAL
) WITHOUT ROWID;
"""
# How long a reader waits for the alerter's own transaction, s.
_BUSY_S = 0.5


@dataclass(frozen=True, slots=True)
class Proof:
    """The newest test of one path, or the newest real push that it carried or failed to carry.

    Attributes:
        path: A channel's name, or `SOUND`.
        passed: Whether it worked, as far as the service or the player can tell.
        at: When.
        reason: Why not, for a person.
        took_s: Seconds of life to the answer.
    """

    path: str
    passed: bool
    at: datetime
    reason: str = ""
    took_s: float | None = None


def write_proof(connection: sqlite3.Connection, proof: Proof) -> None:
    """Keep a proof; the caller holds the transaction."""
    row = (proof.path, proof.passed, iso(proof.at), proof.reason, proof.took_s)
    connection.execute("INSERT OR REPLACE INTO proof VALUES (?, ?, ?, ?, ?)", row)


def proofs_in(connection: sqlite3.Connection) -> dict[str, Proof]:
    """Return every path's newest proof.

    Raises:
        sqlite3.Error, ValueError: they cannot be read.
    """
    rows = connection.execute("SELECT path, passed, at, reason, took_s FROM proof").fetchall()
    return {
        # Into UTC: a time without its zone could not be compared with now.
        path: Proof(path, bool(passed), datetime.fromisoformat(at).astimezone(UTC), reason, took_s)
        for path, passed, at, reason, took_s in rows
    }


def tested_paths(journal: Path, now: datetime) -> SelfTest:
    """Return how far the paths to people are proven: one part for the loudspeaker and one for each channel.

    A journal that is absent or cannot be read proves nothing.

    Args:
        journal: The alerter's file.
        now: For a result that has no time of its own.
    """
    try:
        uri = f"{journal.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=_BUSY_S)) as connection:
            row = connection.execute("SELECT value FROM fact WHERE name = ?", (PATHS,)).fetchone()
            if row is None:
                return SelfTest(now, (Tested(SOUND, passed=False, text="not tested yet"),))
            return summed(json.loads(row[0]), proofs_in(connection), now)
    except (sqlite3.Error, OSError, ValueError, TypeError) as error:
        return SelfTest(now, (Tested(SOUND, passed=False, text=f"nothing is proven ({error})"),))


def summed(paths: Sequence[str], proofs: Mapping[str, Proof], now: datetime) -> SelfTest:
    """Return the proofs of these paths as one self-test, as old as the oldest of them."""
    parts = []
    for path in paths:
        proof = proofs.get(path)
        reason = proof.reason if proof else "not tested yet"
        parts.append(Tested(path, passed=proof is not None and proof.passed, text=reason))
    times = [proofs[path].at for path in paths if path in proofs]
    return SelfTest(min(times, default=now), tuple(parts))
