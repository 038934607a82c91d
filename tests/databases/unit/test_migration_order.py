"""The order of migrations, and the rules that their files keep."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from retail_pipeline.databases.migrations import Migration, in_order, migrations_in
from retail_pipeline.databases.statements import SQL

FOLDERS = [SQL / "schema" / name for name in ("store", "warehouse", "target/mysql", "target/postgres")]
FILES = [(folder, file) for folder in FOLDERS for file in migrations_in(folder)]
# What the code of before would not bear. A constraint that is widened is dropped, too.
HARMFUL = re.compile(r"DROP (TABLE|COLUMN)|RENAME|SET NOT NULL|ALTER COLUMN \w+ TYPE", re.IGNORECASE)


# Texts of functions that databases have.
RELEASED = {
    "functions/youshu_enqueue": {"41b3d3499e757535752631ae19ccb321a061f20fe182b7edf1642f050cc5ed4f"},
    "functions/youshu_order_states": {"54897a340c2e010828f256d941966673866073f223f82ef9bd9bccd6d3a60cc4"},
    "functions/youshu_request_notify": {"46025eb9bc9c720fa64136edad31c3f7bf187ebf342dba0d2a2ee70759743967"},
}


def files(*names: str) -> list[Migration]:
    return [Migration(name, "") for name in names]


def order(phase, *names: str) -> list[str]:
    return [file.name for file in in_order(files(*names), phase)[0]]


def test_without_a_phase_all_are_applied_in_their_order():
    names = ("1_a", "2_b.after", "3_c", "functions/f", "4_d.after")
    assert order(None, *names) == ["1_a", "2_b.after", "3_c", "functions/f", "4_d.after"]


def test_functions_come_before_what_they_no_longer_use_is_removed():
    assert order(None, "1_a", "2_b.after", "functions/f") == ["1_a", "functions/f", "2_b.after"]
    assert order("before", "1_a", "2_b.after", "functions/f") == ["1_a", "functions/f"]
    assert order("after", "2_b.after") == ["2_b.after"]


def test_nothing_is_applied_out_of_order():
    """Two upgrades at once: the second one's first step may need the first one's last step."""
    due, waiting = in_order(files("1_a", "2_b.after", "3_c", "functions/f"), "before")
    assert [file.name for file in due] == ["1_a"]
    assert waiting
    assert waiting.startswith(
        "3_c waits for 2_b.after, which is due after a deployment: run `retail schema apply"
    )
    due, waiting = in_order(files("1_a", "2_b.after"), "after")
    assert (due, (waiting or "")[:30]) == ([], "2_b.after waits for 1_a, which")


def test_nothing_pending_is_nothing_to_do():
    assert in_order([], None) == in_order([], "before") == in_order([], "after") == ([], None)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_numbers_are_there_once(folder: Path):
    numbers = [file.name.split("_")[0] for file in migrations_in(folder) if file.numbered]
    assert sorted(set(numbers)) == numbers != []


@pytest.mark.parametrize(("folder", "file"), FILES, ids=lambda value: getattr(value, "name", ""))
def test_what_the_code_of_before_would_not_bear_is_due_after_a_deployment(folder, file):
    assert file.phase == "after" or not HARMFUL.search(file.text)


def test_a_harmful_statement_is_caught():
    assert HARMFUL.search("ALTER TABLE t\n    DROP COLUMN c")
    assert not HARMFUL.search("ALTER TABLE t DROP CONSTRAINT c, ADD CONSTRAINT c CHECK (true)")


@pytest.mark.parametrize("name", RELEASED)
def test_a_function_names_each_text_that_it_replaces(name: str):
    """Otherwise no database that has one of them is upgraded."""
    [file] = [file for _, file in FILES if file.name == name]
    assert RELEASED[name] <= {*file.replaces, file.checksum}


def test_every_function_has_its_texts_noted():
    functions = {file.name: file for _, file in FILES if not file.numbered}
    assert functions.keys() == RELEASED.keys()
    assert all(file.checksum in RELEASED[name] for name, file in functions.items())
