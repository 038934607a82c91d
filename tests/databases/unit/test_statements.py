"""Statements are files: each one that is named exists, and each file is named somewhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from retail_pipeline.databases.statements import SQL, statement
from retail_pipeline.pipelines.order_push.order_views import ORDER_PUSH, ORDERS, RETURN_PUSH
from retail_pipeline.settings.reports import Reports

ROOT = Path(__file__).parents[3]
SOURCES = sorted((ROOT / "plugins").rglob("*.py"))
NAMED_BY = {
    "query": 1,
    "query_store": 1,
    "mysql_query": 1,
    "statement": 0,
}  # function → position of the statement's name


def name_patterns(source: str) -> Iterator[str]:
    """Yield each statement name in a source as a pattern; what an f-string fills in may be anything."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NAMED_BY:
            argument = node.args[NAMED_BY[node.func.id]]
            if isinstance(argument, ast.Constant):
                yield re.escape(argument.value)
            elif isinstance(argument, ast.JoinedStr):
                parts = argument.values
                yield "".join(re.escape(p.value) if isinstance(p, ast.Constant) else "[a-z_]+" for p in parts)


def table_prefixes(source: str) -> Iterator[str]:
    """Yield the tables that are handed to ``deliver_once``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "deliver_once":
            yield node.args[1].value


PATTERNS = {pattern for path in SOURCES for pattern in name_patterns(path.read_text(encoding="utf-8"))}
DIALECTS = ("mysql", "postgres")
VIEWS = (ORDERS, ORDER_PUSH, RETURN_PUSH)
FILES = {str(path.relative_to(SQL).with_suffix("")) for path in SQL.rglob("*.sql")}


def test_names_are_found_in_the_forms_in_which_they_are_written():
    source = 'query(c, "a/b", {})\nquery(c, f"x/{t}_lock", {})\nstatement("y/z")\nother("n/o")'

    assert list(name_patterns(source)) == ["a/b", "x/[a-z_]+_lock", "y/z"]


def in_each_dialect(pattern: str) -> list[str]:
    """Return the patterns of a statement that is written once per dialect, by the dialects its folder has."""
    folder, _, stem = pattern.rpartition("/")
    spoken = [
        dialect for dialect in DIALECTS if any(name.startswith(f"{folder}/{dialect}/") for name in FILES)
    ]
    return [f"{folder}/{dialect}/{stem}" for dialect in spoken]


@pytest.mark.parametrize("pattern", sorted(PATTERNS))
def test_every_statement_that_is_named_exists(pattern):
    wanted = in_each_dialect(pattern) or [pattern]
    assert [each for each in wanted if not any(re.fullmatch(each, name) for name in FILES)] == []


@pytest.mark.parametrize("report", Reports.model_fields)
def test_every_report_says_how_far_a_day_is(report):
    assert statement(f"reports/{report}/progress")


def test_every_table_that_is_delivered_can_be_locked_and_recorded():
    tables = {table for path in SOURCES for table in table_prefixes(path.read_text(encoding="utf-8"))}

    assert tables
    assert all({f"youshu/{table}_lock", f"youshu/{table}_record"} <= FILES for table in tables)


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
    if name.endswith("_shifted"):
        return name in {contract.shifted[0] for contract in VIEWS if contract.shifted}
    return any(
        re.fullmatch(each, name) for pattern in PATTERNS for each in (pattern, *in_each_dialect(pattern))
    )


def test_a_file_that_nothing_names_is_noticed():
    assert not is_used("youshu/left_over")
    assert not is_used("schema/elsewhere/010_t")
    assert not is_used("schema/store/t")
    assert not is_used("schema/ledger/mysql/left_over")
    assert not is_used("checks/wangdiantong_aftersales/left_over")


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_file_is_used(name):
    assert is_used(name)


def test_a_statement_is_its_files_text():
    assert statement("youshu/visit_find") == (SQL / "youshu" / "visit_find.sql").read_text(encoding="utf-8")


def test_an_unknown_statement_is_an_error():
    with pytest.raises(FileNotFoundError):
        statement("youshu/no_such_thing")
