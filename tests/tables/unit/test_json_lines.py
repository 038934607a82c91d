from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retail_pipeline.databases.statements import statement
from retail_pipeline.tables.mysql_stage import json_lines

# MySQL manual, LOAD DATA, "Field and Line Handling"; every other escaped character stands for itself.
ESCAPES = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a"}


def loaded(lines: str) -> list[list[str | None]]:
    """Read as the load statement says: LINES STARTING BY '[' TERMINATED BY ']\\n',
    FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '"' ESCAPED BY '\\\\'.
    """
    rows, at = [], 0
    while (at := lines.find("[", at)) >= 0:
        row, at = _row(lines, at + 1)
        rows.append(row)
    return rows


def _row(lines: str, at: int) -> tuple[list[str | None], int]:
    fields = []
    while True:
        field, at = _enclosed(lines, at + 1) if lines[at] == '"' else _plain(lines, at)
        fields.append(field)
        if lines[at : at + 2] == "]\n":
            return fields, at + 2
        assert lines[at] == ","
        at += 1


def _enclosed(lines: str, at: int) -> tuple[str, int]:
    text = ""
    while lines[at] != '"' or not lines.startswith((",", "]\n"), at + 1):
        character, at = _character(lines, at)
        text += character
    return text, at + 1


def _plain(lines: str, at: int) -> tuple[str | None, int]:
    start, text = at, ""
    while not lines.startswith((",", "]\n"), at):
        character, at = _character(lines, at)
        text += character
    return (None if lines[start:at] == r"\N" else text), at


def _character(lines: str, at: int) -> tuple[str, int]:
    if lines[at] != "\\":
        return lines[at], at + 1
    return ESCAPES.get(lines[at + 1], lines[at + 1]), at + 2


def through(*rows: tuple[Any, ...]) -> list[list[str | None]]:
    """Return rows as a database reads them: every value a text, or NULL."""
    return loaded(json_lines([list(column) for column in zip(*rows, strict=True)]).decode())


def test_the_reader_of_these_tests_reads_as_the_statement_says():
    how = " ".join(statement("sinks/load", "mysql").split())

    assert r"""FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '"' ESCAPED BY '\\'""" in how
    assert r"LINES STARTING BY '[' TERMINATED BY ']\n'" in how


def test_a_row_is_a_line_of_json_with_mysqls_null():
    assert json_lines([["a", None], [1, 2], ["12.50", None]]) == b'["a",1,"12.50"]\n[\\N,2,\\N]\n'


@pytest.mark.parametrize("columns", [[], [[]], [[], [], []]])
def test_no_rows_are_no_lines(columns):
    assert json_lines(columns) == b""


AWKWARD = [
    "",
    "\\",
    "\\\\",
    "\\N",
    "\\n",
    "\\0",
    "\\u0000",
    "\\u0001",
    "\\\x01",
    "\\\0",
    "\0",
    "\0" * 3,
    "\x00\x01",
    '"',
    '","',
    '"]\n[',
    "]\n",
    "[",
    "]",
    ",",
    "\b\f\n\r\t",
    "\f",
    "\\f",
    "\\\f",
    "\x1a",
    "\x1f",
    "\x7f",
    "\x80\x9f",
    "\u2028\u2029\u0085",
    "\ufeff",
    "🧥羽绒服",
    "NULL",
    "null",
    "'",
    "a\0b\\0c",
]


@pytest.mark.parametrize("text", AWKWARD, ids=repr)
def test_awkward_texts_arrive_as_they_are(text):
    assert through((text, "next"), ("before", text)) == [[text, "next"], ["before", text]]


@pytest.mark.parametrize("code", range(0x20))
def test_every_control_character_arrives(code):
    text = f"a{chr(code)}b{chr(code)}"

    assert through((text,)) == [[text]]


TEXTS = st.text() | st.text(alphabet='\0\x01\b\f\n\r\t\x1a\x1f\\"[],nNu01bfZ', max_size=12)
VALUES = st.none() | TEXTS | st.integers(-(2**63), 2**63 - 1)


@given(
    st.integers(1, 4).flatmap(lambda width: st.lists(st.tuples(*[VALUES] * width), min_size=1, max_size=4))
)
@example([("\\", None), (None, "\0")])
def test_the_database_reads_what_was_written(rows):
    assert through(*rows) == [[None if value is None else str(value) for value in row] for row in rows]


@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_lines_are_utf_8_and_one_for_each_row(texts):
    lines = json_lines([texts])

    assert lines.decode().count("]\n") >= len(texts)
    assert len(loaded(lines.decode())) == len(texts)


def test_nul_is_written_as_its_own_escape():
    assert json_lines([["a\0b"]]) == b'["a\\0b"]\n'


def test_null_and_its_letters_are_not_the_same():
    assert through((None, "\\N", "N", "", "NULL")) == [[None, "\\N", "N", "", "NULL"]]


def test_the_columns_are_left_as_they_were():
    columns = [[None, "a"], [1, None]]

    json_lines(columns)

    assert columns == [[None, "a"], [1, None]]
