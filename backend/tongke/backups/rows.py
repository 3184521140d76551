"""Rows as lines any of our databases can take back: a JSON list each, values by the kind of their column."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    String,
    Table,
    Text,
    Uuid,
    cast,
    select,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

from tongke.db import Json, UtcDateTime

_KINDS: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (UtcDateTime, "moment"),
    (Uuid, "uuid"),
    (JSON, "json"),
    (Date, "date"),
    (Boolean, "boolean"),
    (BigInteger, "integer"),
    (Integer, "integer"),
    (Float, "float"),
    (LargeBinary, "bytes"),
    (String, "text"),
)  # in this order: a BigInteger is an Integer, an AutoString a String
_TYPES: dict[str, TypeEngine[Any]] = {
    "moment": UtcDateTime(),
    "uuid": Uuid(),
    "json": Json,
    "date": Date(),
    "boolean": Boolean(),
    "integer": BigInteger(),
    "float": Float(),
    "bytes": LargeBinary(),
    "text": Text(),
}
_TAKEN_BACK: dict[str, Callable[[Any], Any]] = {
    "moment": datetime.fromisoformat,
    "uuid": UUID,
    "json": lambda text: JSON.NULL if text == "null" else json.loads(text),
    "date": date.fromisoformat,
    "bytes": bytes.fromhex,
}
_BATCH = 1000


def kinds_of(table: Table) -> dict[str, str]:
    """The kind of each column, by its name, in order."""
    return {column.name: _kind(column) for column in table.columns}


def dump(connection: Connection, table: Table, *only: ColumnElement[bool]) -> Iterator[tuple[int, bytes]]:
    """The rows of ``table`` as lines, compressed: a batch at a time, with the number of its rows."""
    rows = connection.execution_options(yield_per=_BATCH).execute(_selected(table).where(*only))
    for batch in rows.partitions(_BATCH):
        lines = (json.dumps([_told(v) for v in row], ensure_ascii=False, separators=(",", ":")) for row in batch)
        yield len(batch), gzip.compress("".join(line + "\n" for line in lines).encode(), compresslevel=1, mtime=0)


def load(connection: Connection, name: str, kinds: dict[str, str], lines: Iterable[bytes]) -> int:
    """Insert the rows into the table ``name`` of those columns; returns how many."""
    table = Table(name, MetaData(), *(Column(column, _TYPES[kind]) for column, kind in kinds.items()))
    back = [(column, _TAKEN_BACK.get(kind)) for column, kind in kinds.items()]
    count, lines = 0, iter(lines)
    while batch := [_row(back, line) for line in islice(lines, _BATCH)]:
        connection.execute(table.insert(), batch)
        count += len(batch)
    return count


def _selected(table: Table) -> Select[Any]:
    # JSON as the text it is: None and JSON's null are two things in a column, and one in Python.
    return select(*(cast(c, Text) if isinstance(c.type, JSON) else c for c in table.columns))


def _kind(column: Column[Any]) -> str:
    held = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    return next(kind for cls, kind in _KINDS if isinstance(column.type, cls) or isinstance(held, cls))


def _told(value: Any) -> Any:
    match value:
        case datetime() | date():
            return value.isoformat()
        case UUID():
            return value.hex
        case bytes():
            return value.hex()
        case _:
            return value


def _row(back: list[tuple[str, Callable[[Any], Any] | None]], line: bytes) -> dict[str, Any]:
    values = json.loads(line)
    return {
        column: value if value is None or take is None else take(value)
        for (column, take), value in zip(back, values, strict=True)
    }
