"""The night log's tables, as `dashboard.migrations` leaves them.

Times are ISO 8601 in UTC, to the millisecond, and so sort as text. What is said again in another way is another
revision: nothing that a person wrote or a sensor found is ever overwritten by something older.
"""

from sqlalchemy import JSON, Boolean, Column, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

# Which layout this is: one row.
layout = Table("layout", metadata, Column("version", Integer, nullable=False))

event = Table(
    "event",
    metadata,
    Column("id", String(128), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("sensor", String(32), nullable=False),
    Column("recording_id", String(128), nullable=False),
    Column("onset_at", String(32), nullable=False),
    Column("message", JSON, nullable=False),
    Index("event_by_recording", "recording_id"),
    Index("event_by_onset", "onset_at"),
)
alarm = Table(
    "alarm",
    metadata,
    Column("id", String(128), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("sensor", String(32), nullable=False),
    Column("at", String(32), nullable=False),
    Column("message", JSON, nullable=False),
    Index("alarm_by_time", "at"),
)
receipt = Table(
    "receipt",
    metadata,
    Column("id", String(128), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("occurrence_id", String(128)),
    Column("at", String(32), nullable=False),
    Column("message", JSON, nullable=False),
    Index("receipt_by_occurrence", "occurrence_id"),
    Index("receipt_by_time", "at"),
)
# What was committed beyond the mark: a number, and the one before it in its outbox.
beyond_mark = Table(
    "beyond_mark",
    metadata,
    Column("outbox", String(64), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("after", Integer, nullable=False),
)
mark = Table(
    "mark",
    metadata,
    Column("outbox", String(64), primary_key=True),
    Column("sensor", String(32), nullable=False),
    Column("seq", Integer, nullable=False),
)
# What a person says that an event was, or that a span was that no event tells of.
label = Table(
    "label",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("event_id", String(128)),
    Column("night", String(64), nullable=False),
    Column("by", String(64), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("note", Text, nullable=False),
    Column("at", String(32), nullable=False),
    Column("onset_at", String(32)),
    Column("ended_at", String(32)),
    Column("removed", Boolean, nullable=False),
    Index("label_by_night", "night"),
    Index("label_by_event", "event_id"),
)
# One evening of one wearer; the date is that of the evening.
diary = Table(
    "diary",
    metadata,
    Column("date", String(10), primary_key=True),
    Column("wearer", String(64), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("at", String(32), nullable=False),
    Column("answers", JSON, nullable=False),
)
# What lasts longer than an evening.
profile = Table(
    "profile",
    metadata,
    Column("wearer", String(64), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("at", String(32), nullable=False),
    Column("answers", JSON, nullable=False),
)
