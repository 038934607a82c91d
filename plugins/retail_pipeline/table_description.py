"""A table as data: from one description come its DDL, its statements, and the checks of what goes into it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property


class Kind(Enum):
    """What a column holds, whatever database keeps it."""

    BIGINT = "bigint"
    MONEY = "money"  # decimal(19,4): exact, never rounded on the way
    TEXT = "text"  # at most ``length`` characters
    LONG_TEXT = "long_text"
    MOMENT = "moment"  # Shanghai local time, milliseconds kept
    FLAG = "flag"
    JSON = "json"


@dataclass(frozen=True)
class Column:
    """One column.

    :param name: in the table, and in the source's records
    :param length: characters of a TEXT
    :param comment: shown by the database
    """

    name: str
    kind: Kind
    comment: str = ""
    length: int = 0
    required: bool = False


@dataclass(frozen=True)
class Table:
    """One table.

    :param key: the columns of its primary key
    :param columns: what comes from the source, in order
    :param indexes: further columns to search by
    """

    name: str
    comment: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    indexes: tuple[str, ...] = ()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Return the names of its columns."""
        return tuple(column.name for column in self.columns)


@dataclass(frozen=True)
class TableFamily:
    """A head table and its child tables: the children of a head are replaced as a whole with it.

    :param version: the head's column that says which of two readings is the newer one
    :param lookup: the head's column by which the source finds a single record
    :param children: their keys begin with the head's key
    """

    head: Table
    version: str
    lookup: str
    children: tuple[Table, ...] = ()

    def __iter__(self) -> Iterator[Table]:
        yield self.head
        yield from self.children


def bigint(name: str, comment: str = "", *, required: bool = False) -> Column:
    """Describe a whole number of 64 bits."""
    return Column(name, Kind.BIGINT, comment, required=required)


def money(name: str, comment: str = "") -> Column:
    """Describe an amount or quantity, decimal(19,4)."""
    return Column(name, Kind.MONEY, comment)


def text(name: str, length: int, comment: str = "", *, required: bool = False) -> Column:
    """Describe a text of at most ``length`` characters; a longer one is refused, never cut."""
    return Column(name, Kind.TEXT, comment, length, required)


def long_text(name: str, comment: str = "") -> Column:
    """Describe a text whose length nobody promised."""
    return Column(name, Kind.LONG_TEXT, comment)


def moment(name: str, comment: str = "", *, required: bool = False) -> Column:
    """Describe a point in time."""
    return Column(name, Kind.MOMENT, comment, required=required)


def flag(name: str, comment: str = "") -> Column:
    """Describe a yes or no."""
    return Column(name, Kind.FLAG, comment)


def json_text(name: str, comment: str = "") -> Column:
    """Describe a JSON document."""
    return Column(name, Kind.JSON, comment)
