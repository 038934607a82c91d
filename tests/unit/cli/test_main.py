"""The command line as a whole: what it offers, and how it fails."""

from __future__ import annotations

import sys
from importlib.metadata import entry_points

import click
import pytest
from click.testing import CliRunner

from retail_pipeline.cli.main import main, retail


def commands(group: click.Group, *path: str):
    """Yield every command of a group with its path."""
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)


ALL = [((), retail), *commands(retail)]


@pytest.mark.parametrize(
    ("path", "command"), ALL, ids=lambda it: " ".join(it) if isinstance(it, tuple) else ""
)
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_every_command_has_a_help_that_says_what_it_is_for(path, command, flag):
    result = CliRunner().invoke(retail, [*path, flag])

    assert result.exit_code == 0
    assert command.help.split(".")[0] in " ".join(result.output.split())


LEAVES = [(path, command) for path, command in ALL if not isinstance(command, click.Group)]


@pytest.mark.parametrize(
    ("path", "command"), LEAVES, ids=lambda it: " ".join(it) if isinstance(it, tuple) else ""
)
def test_every_command_shows_an_example_of_itself(path, command):
    result = CliRunner().invoke(retail, [*path, "--help"])

    assert "Example:" in result.output
    assert " ".join(("retail", *path)) in result.output.split("Example:")[1]


def test_what_the_issue_promises_is_there():
    offered = {" ".join(path) for path, _ in LEAVES}

    assert {"check", "config check", "config show", "youshu data-source"} <= offered
    assert {f"jushita users {verb}" for verb in ("list", "add", "remove")} <= offered
    assert "jushita health" in offered


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["config"], ["config", "nonsense"], ["check", "--nonsense"]]
)
def test_a_wrong_call_is_exit_status_2(arguments):
    assert CliRunner().invoke(retail, arguments).exit_code == 2


def test_an_error_of_ours_is_one_line_on_stderr_and_exit_status_1(settings_file, monkeypatch, capsys):
    settings_file.unlink()
    monkeypatch.setattr(sys, "argv", ["retail", "config", "check"])

    with pytest.raises(SystemExit) as ended:
        main()

    said = capsys.readouterr()
    assert ended.value.code == 1
    assert said.out == ""
    assert said.err.startswith(f"retail: settings file {settings_file}: ")
    assert said.err.count("\n") == 1


def test_the_installed_command_is_this_one():
    (command,) = entry_points(group="console_scripts", name="retail")

    assert command.load() is main
