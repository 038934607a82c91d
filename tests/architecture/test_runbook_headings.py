"""What an alert names of the runbook is there."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.test_links import anchors
from tests.architecture.tree import ROOT, files, text_of


def headings(source: str) -> Iterator[str]:
    """Yield what a module names: constants called ``…RUNBOOK`` or ``runbook``, and what goes to ``where_to_look``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign | ast.AnnAssign):
            names = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(name, ast.Name) and name.id.upper().endswith("RUNBOOK") for name in names):
                yield from _texts(node.value)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "where_to_look":
            yield from _texts(node.args[0])


def _texts(node: ast.AST | None) -> list[str]:
    found = ast.walk(node) if node else ()
    return [each.value for each in found if isinstance(each, ast.Constant) and isinstance(each.value, str)]


def test_every_heading_that_an_alerts_names_is_in_the_runbook() -> None:
    named = {heading for path in files("plugins") for heading in headings(text_of(path))}
    assert len(named) > 10
    assert named - anchors(text_of(ROOT / "docs" / "runbook.md")) == set()


def test_they_are_found_wherever_they_stand() -> None:
    source = 'A_RUNBOOK: str = "a"\nB_RUNBOOK = "b"\nwhere_to_look("c" if x else "d", link)\nother = "e"\n'
    assert sorted(headings(source)) == ["a", "b", "c", "d"]
