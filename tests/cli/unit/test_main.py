"""The command line as a whole: what it offers, and how it fails."""

from __future__ import annotations

import sys
from importlib.metadata import entry_points

import click
import pytest
from click.testing import CliRunner

from retail_pipeline.cli import start
from retail_pipeline.cli.main import main, retail
from retail_pipeline.cli.targets import targets_of
from retail_pipeline.errors import ConfigError
from retail_pipeline.settings.file import load_settings


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


@pytest.mark.parametrize("days", ["99999999", "0", "-1"])
@pytest.mark.parametrize("command", [["windows", "jushita_sys_info"], ["youshu", "rehearse", "--shop", "a"]])
def test_more_days_than_there_can_be_are_exit_status_2(command, days):
    result = CliRunner().invoke(retail, [*command, "--days", days])

    assert result.exit_code == 2
    assert "is not in the range" in result.output


def test_a_pipeline_that_nobody_knows_is_exit_status_2_with_those_there_are():
    result = CliRunner().invoke(retail, ["windows", "jushita_sys_infos"])

    assert result.exit_code == 2
    assert "jushita_sys_info" in result.output


@pytest.mark.usefixtures("settings_file")
def test_a_pipeline_that_was_renamed_looks_into_no_other_database():
    with pytest.raises(
        ConfigError, match=r"'sys_info' is not known.*Allowed: wangdiantong_aftersales, jushita_sys_info"
    ):
        targets_of(load_settings(), "sys_info")
    assert targets_of(load_settings(), "jushita_sys_info") == []


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

    assert command.load() is start.main
