"""How what people say is kept: each time as a further revision, of which the newest counts."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, Table, and_, func, insert, select


def add_revision(
    connection: Connection, table: Table, key: Mapping[str, Any], said: Mapping[str, Any]
) -> int:
    """Keep what was said beside what was said before, and return its revision, from 0.

    Args:
        connection: Of a writer, so that no two say the same revision.
        table: One whose primary key ends in ``revision``.
        key: The rest of the primary key.
        said: The other columns.
    """
    known = connection.execute(select(func.max(table.c.revision)).where(_same(table, key))).scalar()
    revision = 0 if known is None else known + 1
    connection.execute(insert(table).values({**key, **said, "revision": revision}))
    return int(revision)


def newest_only(table: Table, *conditions: ColumnElement[bool]) -> Select[Any]:
    """Return the newest revision of each thing in a table, of those whose newest fulfils the conditions."""
    own = [column for column in table.primary_key if column.name != "revision"]
    newest = select(*own, func.max(table.c.revision).label("revision")).group_by(*own).subquery()
    joined = and_(*(newest.c[column.name] == column for column in table.primary_key))
    return select(table).join(newest, joined).where(*conditions)


def revisions(connection: Connection, table: Table, key: Mapping[str, Any]) -> list[RowMapping]:
    """Return all that was said of one thing, first to last."""
    wanted = select(table).where(_same(table, key)).order_by(table.c.revision)
    return list(connection.execute(wanted).mappings())


def _same(table: Table, key: Mapping[str, Any]) -> ColumnElement[bool]:
    return and_(*(table.c[name] == value for name, value in key.items()))
