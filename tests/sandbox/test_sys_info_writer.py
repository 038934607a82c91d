"""The writer: each kind of change, the same changes for the same seed, and late commits that nobody sees before."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections import Counter
from contextlib import closing
from datetime import datetime, timedelta

import pytest

from sandbox.business_clock import SHANGHAI
from sandbox.sys_info.fill import Wish, fill
from sandbox.sys_info.nasty import insert
from sandbox.sys_info.tables import TABLES, Naming, connect, drop, empty
from sandbox.sys_info.truth import truth
from sandbox.sys_info.writer import KINDS, Writer
from sandbox.taobao.kinds import ITEM, REFUND, TRADE
from tests.patience import PATIENCE

FIRST, LAST = 1795276800, 1795363200
MIDNIGHT = datetime(2026, 11, 23, tzinfo=SHANGHAI)
UPPER = Naming(upper=True)


class Ticking:
    """A second passes at every look, unless it stands still."""

    def __init__(self, still=False):
        self.moment, self.still = MIDNIGHT, still

    def __call__(self):
        if not self.still:
            self.moment += timedelta(seconds=1)
        return self.moment


@pytest.fixture
def filled(sys_info, naming):
    fill(sys_info, Wish(200, FIRST, LAST), naming)
    return sys_info


@pytest.fixture
def start(sys_info_url, naming):
    begun = []

    def make(seed=1, clock=None):
        writer = Writer(lambda: connect(sys_info_url), naming, seed, clock or Ticking())
        begun.append(writer)
        return writer

    yield make
    for writer in begun:
        writer.close()


def changed(before, after, table):
    """The numbers of rows that came, went and are other than they were."""
    came = after[table].keys() - before[table].keys()
    went = before[table].keys() - after[table].keys()
    both = after[table].keys() & before[table].keys()
    return came, went, {number for number in both if before[table][number] != after[table][number]}


def trade_of(row):
    return json.loads(row["jdp_response"])["trade_fullinfo_get_response"]["trade"]


def test_the_same_seed_and_clock_make_the_same_changes(filled, naming, start):
    stories = []
    for seed in (1, 1, 2):
        fill(filled, Wish(200, FIRST, LAST), naming)
        writer = start(seed)
        changes = [writer.step() for _ in range(60)]
        writer.settle()
        stories.append((changes, truth(filled, naming)))
    assert stories[0] == stories[1] != stories[2]


def test_every_kind_of_change_happens(filled, start):
    writer = start()
    kinds = Counter(writer.step().kind for _ in range(400))
    assert kinds.keys() == {*KINDS, "late_insert", "late_move"} - {"late"}


@pytest.mark.parametrize("table", TABLES)
def test_insert(filled, naming, start, table):
    before = truth(filled, naming)
    change = start().step("insert", table)
    after = truth(filled, naming)
    assert changed(before, after, table) == (set(change.numbers), set(), set())
    (number,) = change.numbers
    assert f"{after[table][number]['jdp_modified']:%Y-%m-%d %H:%M:%S}" == change.at == "2026-11-23 00:00:01"


@pytest.mark.parametrize("table", TABLES)
def test_move(filled, naming, start, table):
    before = truth(filled, naming)
    change = start().step("move", table)
    after = truth(filled, naming)
    assert changed(before, after, table) == (set(), set(), set(change.numbers))
    old, new = (held[table][change.numbers[0]] for held in (before, after))
    assert f"{new['jdp_modified']:%Y-%m-%d %H:%M:%S}" == change.at
    assert new["jdp_hashcode"] != old["jdp_hashcode"]
    assert new["jdp_response"] != old["jdp_response"]
    assert new[TABLES[table].modified] == new["jdp_modified"] - timedelta(seconds=2)
    assert new[TABLES[table].status] in new["jdp_response"]
    assert new[TABLES[table].jdp_created] == old[TABLES[table].jdp_created]


def test_orders_vanish_and_come(filled, naming, start):
    before = truth(filled, naming)
    writer = start()
    numbers = {number for _ in range(80) for number in writer.step("lines").numbers}
    after = truth(filled, naming)
    counts = Counter()
    for number in numbers:
        old, new = (trade_of(held[TRADE][number])["orders"]["order"] for held in (before, after))
        counts[len(new) > len(old), len(new) < len(old)] += 1
    assert counts[True, False] > 5
    assert counts[False, True] > 5


def test_a_row_changes_twice_in_one_second(filled, naming, start, monkeypatch):
    writer = start()
    seen = []
    original = writer._rows.alter_one
    monkeypatch.setattr(
        writer._rows,
        "alter_one",
        lambda *a: (done := original(*a), done and a[0].commit(), seen.append(truth(filled, naming)))[0],
    )
    change = writer.step("twice", TRADE)
    (number,) = change.numbers
    first, second = (held[TRADE][number] for held in seen[-2:])
    assert first["jdp_modified"] == second["jdp_modified"]
    assert f"{second['jdp_modified']:%Y-%m-%d %H:%M:%S}" == change.at


def test_the_mark_of_a_deleted_item_is_new_and_its_answer_is_not(filled, naming, start):
    before = truth(filled, naming)[ITEM]
    (number,) = start().step("delete").numbers
    after = truth(filled, naming)[ITEM]
    changes = {name for name in after[number] if after[number][name] != before[number][name]}
    assert {"jdp_modified"} <= changes <= {"jdp_modified", "jdp_delete"}
    assert after[number]["jdp_delete"] == 1


def test_retention_removes_what_was_pushed_longest_ago(filled, naming, start):
    lowest = min(truth(filled, naming)[TRADE])
    with filled.cursor() as cursor:
        cursor.execute(f"UPDATE `{naming.of(TRADE)}` SET jdp_modified = NOW() WHERE tid = %s", (lowest,))
    filled.commit()
    before = truth(filled, naming)
    change = start().step("retire", TRADE)
    after = truth(filled, naming)
    assert changed(before, after, TRADE) == (set(), set(change.numbers), set())
    stamps = sorted((row["jdp_modified"], number) for number, row in before[TRADE].items())
    assert change.numbers == tuple(number for _, number in stamps[: len(change.numbers)])


def test_retention_leaves_a_small_table_alone(filled, start, naming):
    writer = start()
    for _ in range(20):
        writer.step("retire", REFUND)
    assert len(truth(filled, naming)[REFUND]) > 4


def test_an_empty_table_gets_its_first_rows(sys_info, naming, start):
    writer = start()
    for kind in KINDS.keys() - {"late"}:
        empty(sys_info, naming)
        assert writer.step(kind).kind == "insert"
        assert sum(map(len, truth(sys_info, naming).values())) == 1


@pytest.mark.parametrize("table", [TRADE, ITEM])
def test_a_late_commit_is_seen_only_when_it_commits_and_has_its_early_stamp(filled, naming, start, table):
    writer = start()
    before = truth(filled, naming)
    late = writer.step("late", table)
    assert late.kind in ("late_insert", "late_move")
    assert late.commits_at > writer.steps
    assert truth(filled, naming) == before
    (number,) = late.numbers
    newest = late.at
    while writer.steps < late.commits_at - 1:
        newest = writer.step("insert", REFUND).at
        assert truth(filled, naming)[table] == before[table]
    writer.step("insert", REFUND)
    row = truth(filled, naming)[table][number]
    assert f"{row['jdp_modified']:%Y-%m-%d %H:%M:%S}" == late.at
    assert row != before[table].get(number)
    assert late.at <= newest


def test_nobody_waits_for_a_row_that_is_not_committed(filled, naming, start):
    """With two rows, both held, every other change must find something else to do."""
    empty(filled, naming)
    writer = start()
    writer.step("insert", TRADE)
    writer.step("late", TRADE)
    writer.step("late", TRADE)
    for kind in ("move", "lines", "twice", "retire", "insert"):
        writer.step(kind, TRADE)


def test_at_most_three_transactions_are_open_and_settling_commits_them(filled, naming, start):
    writer = start()
    changes = [writer.step("late", TRADE) for _ in range(30)]
    late = [change for change in changes if change.kind.startswith("late")]
    for step in range(1, 31):
        assert sum(change.commits_at > step for change in late if change in changes[:step]) <= 3
    assert {change.kind for change in changes} == {"late_insert", "late_move", "move"}
    writer.settle()
    rows = truth(filled, naming)[TRADE]
    for change in late:
        assert f"{rows[change.numbers[0]]['jdp_modified']:%Y-%m-%d %H:%M:%S}" >= change.at


def test_closing_commits_what_is_open(filled, naming, sys_info_url):
    before = truth(filled, naming)
    with closing(Writer(lambda: connect(sys_info_url), naming, 1, Ticking())) as writer:
        change = writer.step("late", TRADE)
        assert truth(filled, naming) == before
    came, went, other = changed(before, truth(filled, naming), TRADE)
    assert (came | other, went) == (set(change.numbers), set())


def test_a_record_changes_again_and_again_in_one_second(filled, naming, start):
    """Where its status has come to its end, too: what is pushed again is other than it was."""
    writer = start(clock=Ticking(still=True))
    empty(filled, naming)
    writer.step("insert", REFUND)
    seen = []
    for _ in range(20):
        writer.step("move", REFUND)
        (row,) = truth(filled, naming)[REFUND].values()
        seen.append(row["jdp_response"])
    assert len(set(seen)) == 20


def test_a_clock_that_stands_still_or_is_behind_never_takes_a_stamp_back(filled, naming, start):
    clock = Ticking(still=True)
    clock.moment = datetime(2026, 11, 22, 6, tzinfo=SHANGHAI)
    writer = start(clock=clock)
    before = truth(filled, naming)
    for _ in range(100):
        writer.step()
    writer.settle()
    after = truth(filled, naming)
    for table, rows in after.items():
        for number in rows.keys() & before[table].keys():
            assert rows[number]["jdp_modified"] >= before[table][number]["jdp_modified"]


def test_nasty_rows_do_not_stop_it(sys_info, naming, start):
    nasty = [row for row in insert(sys_info, naming, 1, LAST - 1) if row.name != "huge"]
    assert nasty
    writer = start()
    for _ in range(150):
        writer.step()


def test_without_a_clock_of_its_own_it_has_the_servers(filled, naming, sys_info_url):
    def now():
        with filled.cursor() as cursor:
            cursor.execute("SELECT NOW()")
            return cursor.fetchone()[0]

    before = now()
    writer = Writer(lambda: connect(sys_info_url), naming)
    change = writer.step("insert", TRADE)
    writer.close()
    assert before <= datetime.fromisoformat(change.at) <= now()


def test_the_command_writes_until_it_is_told_to_stop(sys_info, sys_info_url):
    run = [sys.executable, "-m", "sandbox.sys_info", "live", "--dsn", sys_info_url, "--rate", "200"]
    drop(sys_info, UPPER)
    process = subprocess.Popen([*run, "--upper"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "writing 200 changes a second\n"
        while not any(truth(sys_info, UPPER).values()):
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=PATIENCE)
        assert re.fullmatch(r"[1-9]\d* changes\n", rest)
        assert (process.returncode, errors) == (0, "")
    finally:
        process.kill()
        process.communicate()
        drop(sys_info, UPPER)
