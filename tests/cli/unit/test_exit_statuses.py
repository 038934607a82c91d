"""The runbook's table of exit statuses names every command, and the help of each says so, too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from retail_pipeline.cli.main import retail

RUNBOOK = Path(__file__).parents[3] / "docs" / "runbook.md"
# Of these 1 is an error, and not a state that was looked for.
ONLY_ERRORS = {
    "alerts list", "config pools", "config show", "jushita users add", "jushita users remove", "orphans close",
    "orphans hand-over", "quarantine show", "schema apply", "schema roles", "youshu data-source",
}  # fmt: skip


def commands(group: click.Group, *path: str) -> Iterator[tuple[str, str]]:
    """Yield each command with its help."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)
        else:
            yield " ".join((*path, name)), command.help or ""


def test_every_command_is_in_the_table():
    [table] = re.findall(
        r"^## Exit statuses\n(.*?)^## ", RUNBOOK.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    named = re.findall(r"`([a-z -]+)`", "".join(re.findall(r"^(\|[^|]+)\|", table, re.MULTILINE)))

    assert sorted(set(named) - {"retail"}) == sorted(name for name, _ in commands(retail))


@pytest.mark.parametrize(("name", "text"), commands(retail))
def test_the_help_says_which_state_ends_with_1(name, text):
    assert (re.search(r"[Ee]xit (status )?1 where", text) is None) == (name in ONLY_ERRORS)
