"""Listings: a table on a terminal, a line for each row in a pipe, one JSON array with ``--json``.

Standard output holds the rows and nothing else; what a command says besides, in sentences, goes to standard error.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any, NamedTuple, TypeAlias, TypeVar

import click
from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console, JustifyMethod
from rich.table import Table

from retail_pipeline.business_time import from_local_time
from retail_pipeline.cli.terminal import escaped, visible

Row: TypeAlias = Mapping[str, Any]
Command = TypeVar("Command", bound=Callable[..., None])
# Columns up to this width never fold; on a terminal with less room for the others each row becomes a record.
_NEVER_FOLDED = 20
_GAP = "  "
_AS_JSON = f"{__name__}.as_json"


def words(value: Any) -> str:
    """Return a value as people read it: times in Asia/Shanghai, nothing for None."""
    if isinstance(value, datetime):
        return f"{from_local_time(value):%Y-%m-%d %H:%M:%S}"
    return "" if value is None else str(value)


def ok(fine: bool) -> str:
    """Return the word for a check that is fine, or not."""
    return "ok" if fine else "FAIL"


class Column(NamedTuple):
    """A column of a listing.

    :ivar key: of the row, and in JSON; empty where the cell is made of the whole row, and JSON does not have it
    :ivar shown: makes the cell's text
    """

    heading: str
    key: str = ""
    shown: Callable[[Any], str] = words

    def cells(self, rows: Iterable[Row]) -> Iterable[str]:
        """Return its cells; what would move a terminal, or begin a line in a pipe, is written out."""
        kept = "\n" if sys.stdout.isatty() else ""
        return (visible(self.shown(row[self.key] if self.key else row), kept) for row in rows)


class Listing:
    """What a command lists; a row whose ``fine`` is False is red on a terminal that has colours.

    :param columns: a text names keys that are headings, too
    :param hidden: keys that only JSON has
    """

    def __init__(self, *columns: Column | str, hidden: str = "") -> None:
        self.columns: list[Column] = []
        for each in columns:
            named = [Column(key, key) for key in each.split()] if isinstance(each, str) else [each]
            self.columns += named
        self.keys = [*(column.key for column in self.columns if column.key), *hidden.split()]

    def row(self, *values: Any) -> Row:
        """Return a row of values in the order of the keys."""
        return dict(zip(self.keys, values, strict=True))

    def table(self, rows: Iterable[Row]) -> tuple[list[str], list[tuple[str, ...]]]:
        """Return headings, and the cells of each row."""
        cells = zip(*(column.cells(rows) for column in self.columns), strict=True)
        return [column.heading for column in self.columns], [*cells]


def lists(*listings: Listing) -> Callable[[Command], Command]:
    """Give a command the option ``--json``, and note what it lists: the documents name the keys."""

    def decorate(command: Command) -> Command:
        command.__dict__["listings"] = listings
        return _json_option(command)

    return decorate


def _note(context: click.Context, _option: click.Parameter, as_json: bool) -> None:
    context.meta[_AS_JSON] = as_json


_json_option = click.option(
    "--json", is_flag=True, expose_value=False, callback=_note, help="One JSON array, for programs."
)


def for_programs() -> bool:
    """Return whether the command was called with ``--json``."""
    return bool(click.get_current_context().meta[_AS_JSON])


def tell(*told: tuple[Listing, Sequence[Row]]) -> None:
    """Print listings one after the other, or one array of them all; of one without rows not even headings."""
    if for_programs():
        objects = [_object({key: row[key] for key in listing.keys}) for listing, rows in told for row in rows]
        click.echo("[" + ",\n ".join(objects) + "]")
        return
    for number, (listing, rows) in enumerate(each for each in told if each[1]):
        if number:
            click.echo()
        _print(listing, rows)


def tell_record(listing: Listing, row: Row) -> None:
    """Print a row as a line for each of its columns, or as an array of one object."""
    if for_programs():
        return tell((listing, [row]))
    headings, [cells] = listing.table([row])
    return _print_record(headings, cells)


def _object(facts: dict[str, Any]) -> str:
    """Return JSON: times with their offset, decimals as text, so exactly; NaN, which it does not know, as null."""
    for key, fact in facts.items():
        if isinstance(fact, float) and not isfinite(fact):
            facts[key] = None
    readable = (sys.stdout.encoding or "utf-8").lower() == "utf-8"
    text = json.dumps(facts, ensure_ascii=not readable, default=_fact)
    return escaped(text, lambda char: json.dumps(char)[1:-1])


def _fact(value: Any) -> str:
    if isinstance(value, datetime):
        value = from_local_time(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _print(listing: Listing, rows: Sequence[Row]) -> None:
    headings, cells = listing.table(rows)
    widths = [max(map(_width, column)) for column in zip(headings, *cells, strict=True)]
    right = [bool(column.key) and _is_right(row[column.key] for row in rows) for column in listing.columns]
    if not sys.stdout.isatty():
        for each in (headings, *cells):
            _print_line(each, widths, right)
    elif sum(min(width, _NEVER_FOLDED) + len(_GAP) for width in widths) > _console().width + len(_GAP):
        for each in cells:
            _print_record(headings, each)
            click.echo()
    else:
        table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
        for heading, width, is_right in zip(headings, widths, right, strict=True):
            side: JustifyMethod = "right" if is_right else "left"
            table.add_column(heading, justify=side, no_wrap=width <= _NEVER_FOLDED, overflow="fold")
        for row, each in zip(rows, cells, strict=True):
            table.add_row(*each, style="red" if row.get("fine") is False else None)
        _console().print(table)


def _print_record(headings: Sequence[str], cells: Sequence[str]) -> None:
    if not sys.stdout.isatty():
        widths = [max(map(_width, headings)), 0]
        for pair in zip(headings, cells, strict=True):
            _print_line(pair, widths, (False, False))
        return
    grid = Table.grid(padding=(0, len(_GAP), 0, 0))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for heading, cell in zip(headings, cells, strict=True):
        grid.add_row(heading, cell)
    _console().print(grid)


def _print_line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> None:
    """Print cells side by side; a Chinese character is as wide as two others."""
    padded = []
    for cell, width, is_right in zip(cells, widths, right, strict=True):
        blanks = " " * (width - cell_len(cell))
        padded.append(blanks + cell if is_right else cell + blanks)
    click.echo(_GAP.join(padded).rstrip())


def _console() -> Console:
    return Console(file=sys.stdout, highlight=False, markup=False, emoji=False)


def _width(cell: str) -> int:
    return max(map(cell_len, cell.split("\n")))


def _is_right(facts: Iterable[Any]) -> bool:
    """Return whether a column holds numbers alone, which stand on the right."""
    known = [fact for fact in facts if fact is not None]
    return bool(known) and all(
        isinstance(fact, int | float | Decimal) and not isinstance(fact, bool) for fact in known
    )
