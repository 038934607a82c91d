"""A file that outgrows its limit has two jobs."""

from __future__ import annotations

import ast

from tests.architecture.tree import each_file, files, text_of

FILE_LIMIT, FUNCTION_LIMIT, DAG_LIMIT = 300, 40, 80
OURS = ("dags", "plugins", "sandbox", "devstack", "demo", "bench", "compose", "tests")


def lines_over(source: str, limit: int) -> int:
    return max(0, len(source.splitlines()) - limit)


def long_functions(source: str, limit: int = FUNCTION_LIMIT) -> list[str]:
    """Return the functions that are longer than allowed, decorators and docstring included."""
    functions = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return [node.name for node in functions if _last(node) - _first(node) + 1 > limit]


def _first(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def _last(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return node.end_lineno or node.lineno


@each_file(*OURS)
def test_no_file_is_longer_than_300_lines(path):
    assert lines_over(text_of(path), FILE_LIMIT) == 0


@each_file("dags")
def test_no_dag_file_is_longer_than_80_lines(path):
    assert lines_over(text_of(path), DAG_LIMIT) == 0


@each_file(*OURS)
def test_no_function_is_longer_than_40_lines(path):
    assert long_functions(text_of(path)) == []


def test_the_rules_look_at_the_whole_tree():
    names = {path.name for path in files(*OURS)}

    assert {"wechat_youshu_report.py", "transport.py", "server.py", "services.py", "test_size.py"} <= names


def test_a_file_that_is_one_line_too_long_is_caught():
    assert lines_over("x = 1\n" * 300, FILE_LIMIT) == 0
    assert lines_over("x = 1\n" * 301, FILE_LIMIT) == 1


def test_a_function_that_is_one_line_too_long_is_caught():
    body = "    x = 1\n"
    source = "class A:\n  @staticmethod\n  def {}():\n" + "{}"

    assert long_functions(source.format("fits", body * 38)) == []
    assert long_functions(source.format("outgrown", body * 39)) == ["outgrown"]
    assert long_functions("async def outgrown():\n" + body * 40) == ["outgrown"]
