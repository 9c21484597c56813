"""What a monitor has committed, kept in its outbox's file beside it, and how that compares with what others have."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from detector.outbox import Outbox

Message = Mapping[str, Any]
Key = tuple[str, int]

# A row in the outbox is forgotten once it is logged; its copy stays, written by the same transaction.
_COPY = """
CREATE TABLE said (seq INTEGER PRIMARY KEY, topic TEXT NOT NULL, payload BLOB NOT NULL);
CREATE TRIGGER say AFTER INSERT ON message BEGIN
    INSERT INTO said VALUES (new.seq, new.topic, new.payload);
END;
"""
# What the outbox adds to a message, and when it was handed over: not part of what it says.
_ENVELOPE = frozenset({"outbox", "seq", "after", "issued_at"})


def keep(path: Path) -> None:
    """Make the outbox, and let it copy whatever is put into it."""
    Outbox(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(_COPY)


def last_said(path: Path) -> int:
    """Return the number of the last message."""
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT coalesce(max(seq), 0) FROM said").fetchone()[0])


def said(path: Path, last: int) -> dict[str, list[Message]]:
    """Return the messages up to a number, by the last word of their topic."""
    by_name: dict[str, list[Message]] = defaultdict(list)
    with closing(sqlite3.connect(path)) as connection:
        for topic, payload in connection.execute(
            "SELECT topic, payload FROM said WHERE seq <= ? ORDER BY seq", (last,)
        ):
            by_name[topic.rpartition("/")[2]].append(json.loads(payload))
    return by_name


def content(message: Message) -> str:
    """Return what a message says, however often and by which outbox it is sent."""
    return json.dumps(
        {name: value for name, value in message.items() if name not in _ENVELOPE}, sort_keys=True
    )


def key(message: Message) -> Key:
    return message["id"], message["revision"]


def lost_events(emitted: Iterable[Message], logged: Iterable[Message]) -> list[str]:
    """Return the events whose newest revision is not what the night log has, or one newer than that."""
    newest = {message["id"]: message for message in sorted(emitted, key=lambda one: one["revision"])}
    there = {message["id"]: message for message in logged}
    return [name for name, message in newest.items() if not _is_kept(message, there.get(name))]


def _is_kept(message: Message, there: Message | None) -> bool:
    if there is None or there["revision"] < message["revision"]:
        return False
    return there["revision"] > message["revision"] or content(there) == content(message)


def lost_changes(emitted: Iterable[Message], logged: Iterable[Message]) -> list[Key]:
    """Return the changes of alarms that the night log has not, or has with another content."""
    there = {key(message): content(message) for message in logged}
    return [key(message) for message in emitted if there.get(key(message)) != content(message)]


def shown_twice(messages: Iterable[Message]) -> list[Key]:
    """Return what a receiver that keys on (id, revision) shows a second time.

    That is one key with two contents, of which it shows the one that came first and never the other; and one change
    under two keys.
    """
    contents: dict[Key, set[str]] = defaultdict(set)
    keys: dict[str, set[Key]] = defaultdict(set)
    for message in messages:
        contents[key(message)].add(content(message))
        keys[content({**message, "revision": None})].add(key(message))
    doubled = [one for one, said in contents.items() if len(said) > 1]
    return doubled + [one for same in keys.values() for one in sorted(same)[1:]]


def alarmed_twice(messages: Iterable[Message]) -> list[str]:
    """Return the contractions for which more than one alarm of a code was raised."""
    alarms: dict[tuple[str, str], set[str]] = defaultdict(set)
    for message in messages:
        if message["event_id"] and message["kind"] == "physio":
            alarms[message["code"], message["event_id"]].add(message["id"])
    return [event for (_, event), names in alarms.items() if len(names) > 1]


@dataclass(frozen=True)
class Course:
    """The stages that alarms of the body went through, by occurrence: (when, stage), first to last."""

    stages: Mapping[str, list[tuple[datetime, str]]]

    @classmethod
    def of(cls, changes: Iterable[Message]) -> Course:
        stages: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
        for message in sorted(changes, key=key):
            if message["kind"] == "physio":
                stages[message["id"]].append((datetime.fromisoformat(message["at"]), message["stage"]))
        return cls(stages)

    def was_in(self, name: str, wanted: frozenset[str], begins: datetime, ends: datetime) -> bool:
        """Tell whether an alarm was in one of these stages at any time in the span."""
        steps = self.stages[name]
        nexts = [at for at, _ in steps[1:]] + [datetime.max.replace(tzinfo=begins.tzinfo)]
        return any(
            stage in wanted and since <= ends and until >= begins
            for (since, stage), until in zip(steps, nexts, strict=True)
        )

    def any_in(self, wanted: frozenset[str], begins: datetime, ends: datetime) -> bool:
        return any(self.was_in(name, wanted, begins, ends) for name in self.stages)
