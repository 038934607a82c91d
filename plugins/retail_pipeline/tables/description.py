"""A table as data: one description gives its DDL, its statements, and the checks of the values for it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
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

    :param name: in the table
    :param length: characters of a TEXT
    :param comment: shown by the database
    :param field: its name in the source's records, if that differs
    :param exact: whether texts that differ in case or accents only differ in every database
    """

    name: str
    kind: Kind
    comment: str = ""
    length: int = 0
    required: bool = False
    field: str = ""
    exact: bool = False


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

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """Return the names of its columns in the source's records."""
        return tuple(column.field or column.name for column in self.columns)

    def only(self, fields: Collection[str]) -> Table:
        """Return the table with just these of its columns, by the names of the source's fields, and its key."""
        kept = (name for name in self.columns if (name.field or name.name) in fields or name.name in self.key)
        return replace(self, columns=tuple(kept))

    @cached_property
    def by_field(self) -> dict[str, Column]:
        """Return its columns by the names of the source's fields."""
        return {column.field or column.name: column for column in self.columns}

    @cached_property
    def flags(self) -> frozenset[str]:
        """Return the names of its columns that hold yes or no."""
        return self._of_kind(Kind.FLAG)

    @cached_property
    def moments(self) -> frozenset[str]:
        """Return the names of its columns that hold points in time."""
        return self._of_kind(Kind.MOMENT)

    def _of_kind(self, kind: Kind) -> frozenset[str]:
        return frozenset(column.name for column in self.columns if column.kind is kind)


@dataclass(frozen=True)
class TableFamily:
    """A head table and its child tables: the children of a head are replaced as a whole with it.

    :param versions: the head's columns that say which of two readings is the newer one; the first column decides, and
        the next one if that is equal
    :param lookup: the head's column by which the source finds a single record
    :param children: their keys begin with the head's key
    :param read_at: the version that is the time of reading, by the target's clock: a time in the future was noted
        before the clock was set back, and is older than what is read now
    """

    head: Table
    versions: tuple[str, ...]
    lookup: str
    children: tuple[Table, ...] = ()
    read_at: str = ""

    def __post_init__(self) -> None:
        key = self.head.key[-1]
        if any(
            column.name == key and column.kind is Kind.TEXT and not column.exact
            for column in self.head.columns
        ):
            raise ValueError(f"{self.head.name}.{key}: describe it with text_key()")

    def needed(self, table: Table) -> frozenset[str]:
        """Return the columns of one of its tables that every row needs."""
        of_head = {*self.versions, self.lookup} if table is self.head else set()
        return frozenset(
            {*table.key, *(column.name for column in table.columns if column.required), *of_head}
        )

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


def text_key(name: str, length: int, comment: str = "") -> Column:
    """Describe a text that is a record's key: keys that differ in case or accents only are two."""
    return Column(name, Kind.TEXT, comment, length, required=True, exact=True)


def long_text(name: str, comment: str = "") -> Column:
    """Describe a text for whose length the source documents no limit."""
    return Column(name, Kind.LONG_TEXT, comment)


def moment(name: str, comment: str = "", *, required: bool = False) -> Column:
    """Describe a point in time."""
    return Column(name, Kind.MOMENT, comment, required=required)


def flag(name: str, comment: str = "") -> Column:
    """Describe a yes or no."""
    return Column(name, Kind.FLAG, comment)


def columns(
    *,
    bigint: str = "",
    money: str = "",
    moment: str = "",
    flag: str = "",
    long_text: str = "",
    json: str = "",
) -> tuple[Column, ...]:
    """Describe many columns by lists of words, for sources with hundreds of fields.

    >>> [(column.name, column.field) for column in columns(flag="can_rate is_3d=is_3D")]
    [('can_rate', ''), ('is_3d', 'is_3D')]
    """
    words = {
        Kind.BIGINT: bigint, Kind.MONEY: money, Kind.MOMENT: moment,
        Kind.FLAG: flag, Kind.LONG_TEXT: long_text, Kind.JSON: json,
    }  # fmt: skip
    return tuple(_column(kind, word) for kind, listed in words.items() for word in listed.split())


def _column(kind: Kind, word: str) -> Column:
    name, _, source = word.partition("=")
    return Column(name, kind, field=source)


def json_text(name: str, comment: str = "") -> Column:
    """Describe a JSON document."""
    return Column(name, Kind.JSON, comment)
