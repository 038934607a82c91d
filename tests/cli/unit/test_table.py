"""A listing, whoever reads it: people on a terminal, other commands in a pipe, programs as JSON."""

from __future__ import annotations

import io
import json
import math
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import click
import pytest
from click.testing import CliRunner
from rich.cells import cell_len

from retail_pipeline.business_time import local_time
from retail_pipeline.cli.main import retail
from retail_pipeline.cli.table import Column, Listing, lists, tell, tell_record
from tests.cli.unit.test_exit_statuses import commands
from tests.three_ways import on_terminal, told_three_ways, without_styles

HOSTILE = "\x1b[2J\x1b]0;owned\x07\x9b31m\r\n\t\u202e[red]好"
SHOPS = Listing("shop", Column("orders", "count"), Column("remark", "said"), hidden="at")
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@pytest.fixture
def listing() -> Iterator[list[Mapping[str, Any]]]:
    """A command of `retail` that lists these rows, and one that prints the first one."""
    rows: list[Mapping[str, Any]] = []

    @retail.command("listing")
    @lists(SHOPS)
    def listing() -> None:
        tell((SHOPS, rows))
        raise SystemExit(0)

    @retail.command("record")
    @lists(SHOPS)
    def record() -> None:
        tell_record(SHOPS, rows[0])
        raise SystemExit(0)

    yield rows
    for name in ("listing", "record"):
        del retail.commands[name]


def piped(*arguments: str) -> str:
    return CliRunner().invoke(retail, arguments).stdout


def test_a_pipe_gets_headings_and_a_line_a_row_and_numbers_stand_on_the_right(listing):
    listing += [SHOPS.row("flagship", 9, "", None), SHOPS.row("outlet", 1200, "late", None)]
    assert piped("listing") == "shop      orders  remark\nflagship       9\noutlet      1200  late\n"


def test_a_terminal_shows_the_same_as_a_table(listing):
    listing += [SHOPS.row("flagship", 9, "", NOON), SHOPS.row("outlet", 1200, "late", NOON)]
    assert told_three_ways("listing") == [
        {"shop": "flagship", "count": 9, "said": "", "at": "2026-11-23T12:00:00+08:00"},
        {"shop": "outlet", "count": 1200, "said": "late", "at": "2026-11-23T12:00:00+08:00"},
    ]


@pytest.mark.parametrize("where", ["terminal", "pipe"])
def test_chinese_text_is_as_wide_as_it_is_shown(listing, where):
    listing += [SHOPS.row("山与海旗舰店", 9, "x", None), SHOPS.row("a", 9, "x", None)]
    text = without_styles(on_terminal("listing")) if where == "terminal" else piped("listing")
    assert len({cell_len(line[: line.index("x")]) for line in text.splitlines() if "x" in line}) == 1


def test_what_would_move_a_terminal_is_written_out_everywhere(listing):
    listing += [SHOPS.row(HOSTILE, 9, "after", None)]
    written = r"\x1b[2J\x1b]0;owned\x07\x9b31m\r" + "\n" + r"\t\u202e[red]好"
    first, second = written.split("\n")
    assert piped("listing").splitlines()[1].split() == [rf"{first}\n{second}", "9", "after"]
    shown = without_styles(on_terminal("listing")).splitlines()[2:]
    assert [line.split() for line in shown] == [[first, "9", "after"], [second]]
    assert json.loads(piped("listing", "--json"))[0]["shop"] == HOSTILE
    assert piped("listing", "--json").replace("\n", "").isprintable()
    assert without_styles(on_terminal("record")).split() == [
        "shop",
        first,
        second,
        "orders",
        "9",
        "remark",
        "after",
    ]


def test_a_narrow_terminal_loses_no_text(listing):
    address = "https://example.com/" + "0123456789" * 9
    listing += [SHOPS.row("flagship", 9, address, None)]
    folded = without_styles(on_terminal("listing", columns=60))
    assert max(map(cell_len, folded.splitlines())) <= 60
    assert address in "".join(folded.partition("flagship")[2].replace(" 9 ", " ").split())


def test_a_terminal_with_no_room_for_the_columns_shows_a_record_for_each_row(listing):
    address = "https://example.com/" + "0123456789" * 9
    listing += [SHOPS.row("flagship", 9, address, None), SHOPS.row("outlet", 9, "late", None)]
    shown = without_styles(on_terminal("listing", columns=30))
    assert max(map(cell_len, shown.splitlines())) <= 30
    assert "shop    outlet" in shown
    assert address in "".join(shown.split())


def test_rows_that_are_not_fine_are_red_unless_nobody_wants_colours(listing, monkeypatch):
    listing += [{**SHOPS.row("flagship", 9, "", None), "fine": False}]
    assert "\x1b[31mflagship" in on_terminal("listing")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[31m" not in on_terminal("listing")


def test_no_row_is_no_heading_and_an_empty_array(listing):
    assert (piped("listing"), on_terminal("listing"), piped("listing", "--json")) == ("", "", "[]\n")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (Decimal("0.10000000000000000001"), "0.10000000000000000001"),
        (math.nan, None),
        (math.inf, None),
        (0.25, 0.25),
        (date(2026, 11, 22), "2026-11-22"),
        (local_time(NOON), "2026-11-23T12:00:00+08:00"),
        (["N1", "N2"], ["N1", "N2"]),
        (None, None),
    ],
)
def test_values_for_programs_are_exact(listing, value, told):
    listing += [SHOPS.row("a", 1, "", value)]
    assert json.loads(piped("listing", "--json"))[0]["at"] == told


def test_json_is_json_on_any_terminal(listing, monkeypatch):
    listing += [SHOPS.row("花间集👌", 1, "", None)]
    stream = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(stream, encoding="gbk", write_through=True))
    with pytest.raises(SystemExit):
        retail(["listing", "--json"])
    assert json.loads(stream.getvalue())[0]["shop"] == "花间集👌"


def test_every_listing_knows_json_and_every_command_with_json_lists():
    told = dict(_all(retail))
    with_json = {
        name for name, command in told.items() if any("--json" in each.opts for each in command.params)
    }
    assert with_json == {name for name, command in told.items() if getattr(command.callback, "listings", ())}
    assert len(with_json) == 15
    assert {name for name, _ in commands(retail) if name.endswith((" list", "check"))} - with_json == {
        "config check"
    }


def _all(group: click.Group, *path: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _all(command, *path, name)
        else:
            yield " ".join((*path, name)), command
