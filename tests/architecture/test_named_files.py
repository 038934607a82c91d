"""Files, functions and folders that the documents name are there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.test_links import PAGES
from tests.architecture.tree import ROOT, files, text_of

DOCS = ROOT / "docs"
# They lead to a file by a short path, and bare names are enough for what each folder has.
MAPS = [
    DOCS / f"{name}.md"
    for name in ("adding-a-report", "adding-a-source", "architecture", "glossary", "state-machines")
]
BASES = (ROOT, ROOT / "plugins" / "retail_pipeline", ROOT / "include" / "sql")
OURS = (
    "compose",
    "demo",
    "dags",
    "docs",
    "include",
    "devstack",
    "demo",
    "plugins",
    "sandbox",
    "script",
    "tests",
)
PATH = re.compile(r"([\w./-]+(?:\.(?:json|py|sql|toml|yaml)|/))(?::(\w+(?:\.\w+)*))?")
TEST = re.compile(r"tests/[\w./-]+|test_\w+\.py")


def code_spans(page: str) -> list[str]:
    """Return what stands between backticks, without blocks of code."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", page, flags=re.MULTILINE | re.DOTALL))


def missing_places(page: str) -> list[str]:
    """Return the places that a page names and nobody has.

    A place is ``file.py``, ``file.py:function``, ``file.sql:statement`` or ``folder/``.
    """
    named = ((span, PATH.fullmatch(span)) for span in code_spans(page))
    return [span for span, place in named if place and not _is_there(place[1], place[2])]


def missing_tests(page: str) -> list[str]:
    """Return the tests, ``tests/…`` or ``test_….py``, that a page names and nobody has."""
    return [span for span in code_spans(page) if TEST.fullmatch(span) and not _paths(span)]


def _is_there(path: str, function: str | None) -> bool:
    found = _paths(path)
    if function is None:
        return bool(found)
    return any(function in _inside(place) for place in found)


def _paths(path: str) -> list[Path]:
    """Return where a path leads; a bare name leads to whatever is called so."""
    found = [base / path for base in BASES if (base / path).exists()]
    if found:
        return found
    if path.endswith("/"):
        return [place for folder in OURS for place in (ROOT / folder).rglob(path) if place.is_dir()]
    return [place for place in files(*OURS, suffixes=(Path(path).suffix,)) if place.name == path]


def _inside(file: Path) -> Iterator[str]:
    if file.suffix == ".sql":
        return iter(re.findall(r"^-- name: (\w+)$", text_of(file), re.MULTILINE))
    return _names(ast.parse(text_of(file)))


def _names(tree: ast.Module | ast.ClassDef, prefix: str = "") -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield prefix + node.name
        if isinstance(node, ast.ClassDef):
            yield from _names(node, f"{node.name}.")
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        yield from (prefix + target.id for target in targets if isinstance(target, ast.Name))


@pytest.mark.parametrize("page", MAPS, ids=lambda page: page.stem)
def test_every_place_that_a_map_names_is_there(page):
    assert missing_places(text_of(page)) == []


def test_every_test_that_a_page_names_is_there():
    assert {page.name: found for page in PAGES if (found := missing_tests(text_of(page)))} == {}


def test_the_pages_name_enough():
    promise, house = (
        code_spans(text_of(DOCS / f"{name}.md")) for name in ("delivery-promise", "architecture")
    )

    assert sum(bool(TEST.fullmatch(span)) for span in promise) > 100
    assert sum(bool((place := PATH.fullmatch(span)) and place[2]) for span in house) > 40


def unnamed_folders(page: str) -> set[str]:
    """Return the folders of the package, and those of its flows and watches, that a page does not name."""
    package = BASES[1]
    places = [
        place
        for parts in ("*", "pipelines/*", "monitors/*")
        for place in package.glob(f"{parts}/__init__.py")
    ]
    return {f"{place.parent.name}/" for place in places} - set(code_spans(page))


def test_the_map_of_the_house_leaves_out_no_folder():
    page = text_of(DOCS / "architecture.md")

    assert unnamed_folders(page) == set()
    assert unnamed_folders(page.replace("`deadlines/`", "").replace("`order_push/`", "")) == {
        "deadlines/",
        "order_push/",
    }


@pytest.mark.parametrize(
    "bad",
    [
        "pipelines/order_push/no_such_file.py",
        "no_such_file.py",
        "pipelines/no_such_flow/",
        "no_such_folder/",
        "youshu/no_such_file.sql",
        "youshu/outbox.sql:no_such_statement",
        "windows/ledger.py:NoSuchClass",
        "windows/ledger.py:WindowLedger.no_such_method",
        "windows/ledger.py:move_watermark",
        "ledger.py:no_such_function",
    ],
)
def test_a_place_that_is_not_there_is_caught(bad):
    assert missing_places(f"# Where\n| what | `{bad}` |\n") == [bad]


@pytest.mark.parametrize(
    "good",
    [
        "pipelines/order_push/outbox.py",
        "client.py",
        "pipelines/order_push/",
        "guards/",
        "youshu/push_candidates.sql",
        "youshu/outbox.sql:claim",
        "mysql/sinks.sql:newer",
        "include/config/retail.yaml",
        "windows/ledger.py:WindowLedger",
        "windows/ledger.py:WindowLedger.move_watermark",
        "databases/mysql_errors.py:MEANINGS",
        "include/sql/youshu/<what>_view.sql",
        "order_push.states",
    ],
)
def test_a_place_that_is_there_passes(good):
    assert missing_places(f"`{good}`") == []


@pytest.mark.parametrize("bad", ["tests/faults/test_no_such.py", "test_no_such.py", "tests/no_such_kind/"])
def test_a_test_that_is_not_there_is_caught(bad):
    assert missing_tests(f"| promise | `{bad}` (two at once) |") == [bad]


def test_what_stands_in_a_block_of_code_is_not_looked_at():
    assert missing_places("```\n`no_such_file.py`\n```\n") == []
