"""Statements have names: each one that is named exists, once, and each that exists is named somewhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from retail_pipeline.databases import statements
from retail_pipeline.databases.statements import SQL, statement
from retail_pipeline.errors import ConfigError
from retail_pipeline.pipelines.order_push.order_views import ORDER_PUSH, ORDERS, RETURN_PUSH
from retail_pipeline.settings.reports import Reports

ROOT = Path(__file__).parents[3]
SOURCES = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "plugins").rglob("*.py"))]
NAMED_BY = {
    "query": 1,
    "query_store": 1,
    "mysql_query": 1,
    "statement": 0,
}  # function → position of the statement's name
DIALECTS = ("mysql", "postgres")
VIEWS = (ORDERS, ORDER_PUSH, RETURN_PUSH)
ANYTHING = "[^.]+"


class Found(NamedTuple):
    """A statement: ``ledger/watermark``, and the dialect for which it is written; None if there is one text."""

    name: str
    dialect: str | None


def name_patterns(source: str) -> Iterator[Found]:
    """Yield each statement name in a source as a pattern, with its dialect if the source says which."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NAMED_BY:
            dialects = [a.value for a in node.args if isinstance(a, ast.Constant) and a.value in DIALECTS]
            for pattern in pattern_of(node.args[NAMED_BY[node.func.id]]):
                yield Found(pattern, dialects[0] if dialects else None)


def pattern_of(argument: ast.expr) -> Iterator[str]:
    """Yield a string as a pattern; what an f-string fills in may be anything."""
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        yield re.escape(argument.value)
    elif isinstance(argument, ast.JoinedStr):
        parts = argument.values
        yield "".join(re.escape(str(p.value)) if isinstance(p, ast.Constant) else ANYTHING for p in parts)


def table_prefixes(source: str) -> Iterator[str]:
    """Yield the tables that are handed to ``deliver_once``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "deliver_once":
            yield node.args[1].value


def statements_of(text: str, name: str) -> list[Found]:
    """Return the statements of a file, by its name below ``include/sql``; one without names in it is a statement."""
    first, _, rest = name.partition("/")
    dialect, file = (first, rest) if first in DIALECTS else (None, name)
    stems = re.findall(r"^-- name: (.*)", text, re.MULTILINE)
    return [Found(f"{file}/{stem}", dialect) for stem in stems] or [Found(file, dialect)]


FILES = {
    str(path.relative_to(SQL).with_suffix("")): path.read_text(encoding="utf-8")
    for path in SQL.rglob("*.sql")
}
STATEMENTS = [found for name, text in FILES.items() for found in statements_of(text, name)]
NAMED = {named for source in SOURCES for named in name_patterns(source)}
PATTERNS = {named.name for named in NAMED}
WORDS = {
    word
    for source in SOURCES
    for node in ast.walk(ast.parse(source))
    if isinstance(node, ast.Constant | ast.JoinedStr)
    for word in pattern_of(node)
}
BEGINNINGS = tuple(
    word.removesuffix(ANYTHING) for word in WORDS if re.fullmatch(r"[a-z_]+_" + re.escape(ANYTHING), word)
)


def test_names_are_found_in_the_forms_in_which_they_are_written():
    source = 'query(c, "a/b", {})\nquery(c, f"x/{t}_lock", {})\nstatement("y/z", "mysql")\nother("n/o")'

    found = [Found("a/b", None), Found("x/[^.]+_lock", None), Found("y/z", "mysql")]
    assert list(name_patterns(source)) == found


def lacking(pattern: str, present: list[Found]) -> set[str | None]:
    """Return the dialects whose file lacks a statement; None where no file has it."""
    there = {found.dialect for found in present if re.fullmatch(pattern, found.name)}
    if None in there:
        return set()
    file = pattern.rpartition("/")[0]
    spoken = {found.dialect for found in present if re.fullmatch(file, found.name.rpartition("/")[0])}
    return (spoken - {None} or {None}) - there


@pytest.mark.parametrize("named", sorted(NAMED, key=str))
def test_every_statement_that_is_named_exists(named):
    found = lacking(named.name, STATEMENTS)
    assert not found & {named.dialect, None} if named.dialect else not found


def test_a_statement_that_one_dialect_lacks_is_noticed():
    both = [Found("ledger/latest", dialect) for dialect in DIALECTS]

    assert lacking("ledger/latest", both) == set()
    assert lacking("ledger/latest", [both[0], Found("ledger/put", "postgres")]) == {"postgres"}
    assert lacking("ledger/none", both) == set(DIALECTS)
    assert lacking("none/at_all", both) == {None}


@pytest.mark.parametrize("report", Reports.model_fields)
def test_every_report_says_how_far_a_day_is(report):
    assert statement(f"reports/{report}/progress")


def test_every_table_that_is_delivered_can_be_locked_and_recorded():
    tables = {table for source in SOURCES for table in table_prefixes(source)}

    assert tables
    assert all(statement(f"youshu/{table}/{what}") for table in tables for what in ("lock", "record"))


def is_used(name: str) -> bool:
    """DDL is applied folder by folder, the servers' own set-up by who starts them; the rest is named."""
    if re.fullmatch(
        r"schema/(store|warehouse|target/(mysql|postgres))/(\d{3}_\w+(\.after)?|functions/\w+)", name
    ):
        return True
    if name.startswith("init/"):
        starters = [*(ROOT / "devstack").glob("*.py"), *ROOT.glob("docker-compose*.yaml")]
        return any(f"{Path(name).name}.sql" in path.read_text(encoding="utf-8") for path in starters)
    if check := re.fullmatch(r"checks/(\w+)/(\w+)", name):
        dags = (ROOT / "dags").glob(f"{check[1]}_*.py")
        return any(f'"{check[2]}"' in dag.read_text(encoding="utf-8") for dag in dags)
    if name.startswith("youshu/") and name.endswith("_view"):
        return name in {contract.file for contract in VIEWS}
    if name.startswith("youshu/shifted/"):
        return name in {contract.shifted[0] for contract in VIEWS if contract.shifted}
    return any(re.fullmatch(pattern, name) and is_a_word(pattern, name) for pattern in PATTERNS)


def is_a_word(pattern: str, name: str) -> bool:
    """Where any statement of a file may be meant, somebody hands over the name of this one."""
    stem = name.rpartition("/")[2]
    return not pattern.endswith(f"/{ANYTHING}") or bool({name, stem} & WORDS) or stem.startswith(BEGINNINGS)


def test_what_nothing_names_is_noticed():
    assert not is_used("youshu/left_over")
    assert not is_used("youshu/visit/left_over")
    assert not is_used("sinks/left_over")
    assert not is_used("schema/elsewhere/010_t")
    assert not is_used("schema/store/t")
    assert not is_used("schema/ledger/mysql/left_over")
    assert not is_used("checks/wangdiantong_aftersales/left_over")


@pytest.mark.parametrize("name", sorted({found.name for found in STATEMENTS}))
def test_every_statement_is_used(name):
    assert is_used(name)


def told_twice(present: list[Found]) -> list[Found]:
    """Return what exists twice for one dialect: named twice in a file, or for both dialects and one of them."""
    return [
        found
        for at, found in enumerate(present)
        if found in present[:at] or (found.dialect and Found(found.name, None) in present)
    ]


def test_every_statement_exists_once():
    assert told_twice(STATEMENTS) == []


def test_a_statement_that_exists_twice_is_noticed():
    twice = statements_of("-- name: put\nSELECT 1\n\n-- name: put\nSELECT 2\n", "mysql/ledger")
    both = [*statements_of("-- name: put\nSELECT 1\n", "ledger"), Found("ledger/put", "mysql")]

    assert told_twice(twice) == told_twice(both) == [Found("ledger/put", "mysql")]
    assert told_twice([Found("ledger/put", dialect) for dialect in DIALECTS]) == []


@pytest.mark.parametrize("file", sorted(path.name for path in (SQL / "mysql").glob("*.sql")))
def test_what_is_the_same_in_both_dialects_is_written_once(file):
    of_mysql, of_postgres = (statements.named_statements(SQL / each / file) for each in DIALECTS)
    assert [name for name, text in of_mysql.items() if of_postgres.get(name) == text] == []


@pytest.fixture
def sql(tmp_path, monkeypatch):
    """Let statements be read from a folder with one object, in three files, and one long statement."""
    monkeypatch.setattr(statements, "SQL", tmp_path)
    for name, text in {
        "ledger": "-- What it is.\n\n-- name: move\n-- Why.\nUPDATE t\nSET a = 1\n\n-- name: lock\nSELECT 2\n",
        "mysql/ledger": "-- name: put\nINSERT INTO t\n",
        "postgres/ledger": "-- name: put\nINSERT INTO t\nRETURNING id\n",
        "long": "-- Tuned.\nSELECT 3\n",
    }.items():
        file = tmp_path / f"{name}.sql"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return statement.__wrapped__  # without its memory, which knows nothing of the folder


def test_a_statement_goes_up_to_the_next_name_and_keeps_its_comments(sql):
    assert sql("ledger/move") == sql("ledger/move", "mysql") == "-- Why.\nUPDATE t\nSET a = 1"
    assert sql("ledger/lock") == "SELECT 2"


def test_what_differs_is_found_by_its_dialect(sql):
    assert sql("ledger/put", "mysql") == "INSERT INTO t"
    assert sql("ledger/put", "postgres") == "INSERT INTO t\nRETURNING id"


def test_a_long_statement_is_a_file_of_its_own(sql):
    assert sql("long") == "-- Tuned.\nSELECT 3"


@pytest.mark.parametrize(
    ("name", "dialect", "places"),
    [
        ("ledger/none", None, "ledger.sql"),
        ("ledger/put", None, "ledger.sql"),
        ("ledger/none", "mysql", "ledger.sql, mysql/ledger.sql"),
        ("no_such_file/move", "postgres", "no_such_file.sql, postgres/no_such_file.sql"),
    ],
)
def test_an_unknown_statement_is_an_error_that_says_where_it_was_looked_for(sql, name, dialect, places):
    with pytest.raises(ConfigError, match=rf"^there is no statement '\w+' in .*: looked for in {places}$"):
        sql(name, dialect)
