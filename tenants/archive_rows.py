"""Stream a tenant's rows out of a table and into it, as PostgreSQL's own texts."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator

from django.db import connection
from psycopg import sql

from tenants.archive import Content, Row, Tally, to_line
from tenants.archive_tables import Table

BATCH_ROWS, BATCH_BYTES = 1000, 4 * 1024 * 1024

# Whatever the server's settings: the same value has the same text, and reads back as the same value.
SAME_TEXTS = (
    "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'postgres';"
    "SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1; SET LOCAL statement_timeout = 0"
)

_READ = "COPY (SELECT {columns} FROM {table} WHERE tenant_id = {tenant} ORDER BY {key}) TO STDOUT"
_INSERT = """
INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE
SELECT {casts} FROM unnest({texts}) given ({columns})
"""


def rows_of(table: Table, tenant_id: int) -> Generator[Row]:
    """Yield a tenant's rows in the order of the key; never holds more than a few of them."""
    statement = sql.SQL(_READ).format(
        columns=_names(table.names),
        table=sql.Identifier(table.name),
        tenant=sql.Literal(int(tenant_id)),
        key=_names(table.key),
    )
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        yield from copy.rows()


def content_of(table: Table, tenant_id: int) -> Content:
    """Return what a tenant's stored rows add up to."""
    tally = Tally()
    for row in rows_of(table, tenant_id):
        tally.add(to_line(row))
    return tally.content(table.name, table.names)


def insert(table: Table, rows: Iterable[Row]) -> None:
    """Insert rows with the ids that they have; COPY FROM does not exist under row-level security."""
    texts = sql.SQL(", ").join([sql.SQL("%s::text[]")] * len(table.columns))
    casts = [sql.SQL("{}::" + column.type).format(sql.Identifier(column.name)) for column in table.columns]
    statement = sql.SQL(_INSERT).format(
        table=sql.Identifier(table.name),
        columns=_names(table.names),
        casts=sql.SQL(", ").join(casts),
        texts=texts,
    )
    with connection.cursor() as cursor:
        for batch in _batches(rows):
            cursor.execute(statement, [list(values) for values in zip(*batch, strict=True)])


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += sum(len(value or "") for value in row)
        if len(batch) == BATCH_ROWS or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _names(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
