"""What a view over somebody else's tables must give, and whether it does: columns, types, keys, the index behind it.

A view may return anything: amounts in cents, times without a zone. So what we read from one is written down as data,
and checked against the catalogue, the planner, and the newest rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from retail_pipeline.databases.postgres_errors import classed
from retail_pipeline.databases.statements import statement

if TYPE_CHECKING:
    import psycopg

# From so many rows on it matters whether an index is used; so many of the newest rows are checked, of so many days.
MANY_ROWS, NEWEST_ROWS, NEWEST_DAYS = 10_000, 1_000, timedelta(days=30)
# No row has these values. A plan with one of them in an index condition uses that index for it.
_NUMBER, _MICROSECONDS = 4_611_686_018_427_387_011, 271_828


@dataclass(frozen=True)
class Kind:
    """What a column holds.

    :ivar types: the types of PostgreSQL that are accepted; the first is the best one
    :ivar write: by the type that was found, what to write instead; «…» is the present expression, and ``{column}``
        the column's name
    :ivar otherwise: what to write for any other type
    """

    types: tuple[str, ...]
    write: Mapping[str, str]
    otherwise: str

    def sentence(self, found: str, column: str) -> str:
        """Return what to write."""
        return f"write {self.write.get(found, self.otherwise).format(column=column)}"


@dataclass(frozen=True)
class Column:
    """:ivar meaning: for the person who writes the view"""

    kind: Kind
    meaning: str
    nullable: bool = False


@dataclass(frozen=True)
class Contract:
    """What is read from a view.

    :ivar file: the file that defines the view, below ``include/sql``
    :ivar key: the column that is unique per shop
    :ivar newest: the column that orders rows by age
    :ivar by_value: columns that rows are looked up by, by value
    :ivar by_time: columns that rows are looked up by, by time
    :ivar shifted: a statement for a condition that hardly any row may meet, and what to write if most do
    """

    view: str
    file: str
    columns: Mapping[str, Column]
    key: str
    newest: str
    by_value: tuple[str, ...] = ()
    by_time: tuple[str, ...] = ()
    shifted: tuple[str, str] | None = None


@dataclass
class Examined:
    """The result of an examination.

    :ivar problems: each with the field and what to write; empty if the contract is kept
    :ivar rows: how many were checked
    """

    problems: list[str] = field(default_factory=list)
    rows: int = 0


def examine(
    session: psycopg.Connection[Any], conn_id: str, contract: Contract, shops: Sequence[str], now: datetime
) -> Examined:
    """Check a view against its contract; nothing is changed.

    :param session: its search_path must find the view
    :param shops: the newest rows of these are checked
    """
    import psycopg

    examined = Examined()
    try:
        with session.transaction(force_rollback=True):
            examined.problems += type_problems(contract, _columns(session, contract))
            if not examined.problems:
                examined.problems += _index_problems(session, contract, now)
            for shop in shops if not examined.problems else ():
                _look_at_rows(session, contract, shop, now, examined)
    except psycopg.Error as fault:
        examined.problems.append(f"{contract.view} cannot be read: {classed(conn_id, fault)}")
    return examined


def type_problems(contract: Contract, found: Mapping[str, str]) -> list[str]:
    """Return what is wrong with a view's columns; pure.

    :param found: the type of each column
    """
    if not found:
        return [f"there is no view {contract.view}"]
    problems = []
    for name, column in contract.columns.items():
        wanted, there = column.kind.types[0], found.get(name)
        if there is None:
            problems.append(f"{contract.view} has no column {name} ({wanted}: {column.meaning})")
        elif there not in column.kind.types:
            told = f"{contract.view}.{name} is {there}, needed is {wanted} ({column.meaning})"
            problems.append(f"{told}: {column.kind.sentence(there, name)}")
    return problems


def _columns(session: psycopg.Connection[Any], contract: Contract) -> dict[str, str]:
    return {row["name"]: row["type"] for row in _ask(session, "columns", {"view": contract.view})}


def _index_problems(session: psycopg.Connection[Any], contract: Contract, now: datetime) -> Iterator[str]:
    """Yield the columns that have no index, for a view with many rows."""
    rows = _plan(session, "estimated", view=contract.view)["Plan Rows"]
    if rows < MANY_ROWS:
        return
    _ask(session, "by_index")
    moment = now.replace(microsecond=_MICROSECONDS) - timedelta(minutes=5)
    lookups = [(name, f"{name} = {_NUMBER}", str(_NUMBER)) for name in contract.by_value]
    lookups += [(name, f"{name} >= '{moment.isoformat()}'", f".{_MICROSECONDS}") for name in contract.by_time]
    for name, condition, mark in lookups:
        plan = _plan(session, "plan", view=contract.view, condition=condition)
        if not any(mark in node.get("Index Cond", "") for node in _nodes(plan)):
            table = next((n.get("Relation Name") for n in _nodes(plan) if mark in n.get("Filter", "")), None)
            yield f"{contract.view}.{name} is looked up in about {rows} rows without an index: {_index(name, table)}"


def _index(column: str, table: str | None) -> str:
    if table is None:
        return "let it be made from columns of one table, and index what it is made from"
    return f"write CREATE INDEX CONCURRENTLY ON {table} ((…)), where … is what the view writes for {column}"


def _look_at_rows(
    session: psycopg.Connection[Any], contract: Contract, shop: str, now: datetime, examined: Examined
) -> None:
    counts = ", ".join(f'count(v.{name}) AS "{name}"' for name in contract.columns)
    shifted = statement(contract.shifted[0]) if contract.shifted else "false"
    [found] = _ask(
        session,
        "newest",
        {"shop": shop, "since": now - NEWEST_DAYS, "limit": NEWEST_ROWS},
        view=contract.view, key=contract.key, newest=contract.newest, shifted=shifted, counts=counts,
    )  # fmt: skip
    examined.rows += found["rows"]
    examined.problems += _row_problems(contract, found, f"of the {found['rows']} newest rows of {shop}")


def _row_problems(contract: Contract, found: Mapping[str, int], which: str) -> Iterator[str]:
    view, rows = contract.view, found["rows"]
    for name, column in contract.columns.items():
        if not column.nullable and found[name] < rows:
            yield f"{view}.{name} is NULL in {rows - found[name]} {which} ({column.meaning})"
    if found["undated"]:
        yield f"{view}.{contract.newest} is NULL in some rows, which are never found by it"
    if found["repeated"]:
        yield f"{view}.{contract.key} comes twice in {found['repeated']} {which}: a join multiplies rows"
    if contract.shifted and found["shifted"] * 2 > rows:
        yield f"{view}: in {found['shifted']} {which} {contract.shifted[1]}"


def _plan(session: psycopg.Connection[Any], name: str, **names: str) -> dict[str, Any]:
    [row] = _ask(session, name, None, **names)
    plan: dict[str, Any] = row["QUERY PLAN"][0]["Plan"]
    return plan


def _nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


def _ask(
    session: psycopg.Connection[Any], name: str, values: Mapping[str, Any] | None = None, **names: str
) -> list[dict[str, Any]]:
    from psycopg.rows import dict_row

    sql = statement(f"views/{name}")
    with session.cursor(row_factory=dict_row) as cursor:
        cursor.execute((sql.format(**names) if names else sql).encode(), values)
        return cursor.fetchall() if cursor.description else []
