"""The pages of commands name every command."""

from __future__ import annotations

import re

import pytest

from retail_pipeline.cli.main import retail
from tests.architecture.tree import ROOT, text_of
from tests.cli.unit.test_exit_statuses import commands


def named(page: str) -> set[str]:
    """Return the commands of the tables; `a b` · `c` stands for a b and a c."""
    found: set[str] = set()
    for first, *others in (
        re.findall(r"`([^`]+)`", cell) for cell in re.findall(r"^\| (`retail .+?) \|", page, re.MULTILINE)
    ):
        words = re.sub(r" (\[|[A-Z-]).*", "", first).removeprefix("retail ")
        found |= {words, *(" ".join([*words.split()[:-1], other]) for other in others)}
    return found


@pytest.mark.parametrize("name", ["commands.md", "commands.zh.md"])
def test_every_command_is_there_and_no_other(name):
    assert named(text_of(ROOT / "docs" / name)) == {command for command, _ in commands(retail)}


def test_what_a_row_names():
    rows = "| `retail a list` · `close` | x |\n| `retail b KEY …` | `y` |\n| `retail c [--d]` | z |\n"

    assert named(rows) == {"a list", "a close", "b", "c"}
