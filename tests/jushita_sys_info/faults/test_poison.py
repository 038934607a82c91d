"""Any row of sys_info may be poison, in its head or in a line, for us or for one database: all others arrive."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymysql.constants.SERVER_STATUS import SERVER_STATUS_IN_TRANS
from pymysql.cursors import Cursor

from retail_pipeline.cli.main import retail
from retail_pipeline.databases.target_session import change, dialect
from retail_pipeline.pipelines.jushita_sys_info import window as sys_info_window
from retail_pipeline.vendors.taobao.tables import TB_TRADE
from sandbox.sys_info.table_rows import hashcode
from tests.examples import examples
from tests.jushita_sys_info.faults.feed_changes import push, trade, trades
from tests.jushita_sys_info.faults.promises import hold
from tests.jushita_sys_info.runs import MONDAY_NOON, PIPELINE, TRADE, SysInfoRuns, differences, settings_file
from tests.mysql_servers import server_of

HOUR = timedelta(hours=1)
ROWS = 18
ALL = ("mysql", "mariadb", "postgres")
RULES = {
    "taobao_trade": "ALTER TABLE taobao_trade ADD CONSTRAINT no_bad_trade CHECK (trade_memo <> 'bad')",
    "taobao_order": "ALTER TABLE taobao_order ADD CONSTRAINT no_bad_order CHECK (item_memo <> 'bad')",
}


def nested(levels: int) -> Any:
    return [] if levels == 1 else [nested(levels - 1)]


def text(field: str) -> Callable[[SysInfoRuns, int], None]:
    """Write a member into the record as text, whatever it is."""

    def spoil(runs: SysInfoRuns, tid: int) -> None:
        member = "REPLACE(jdp_response, '\"trade\":{', %s)"
        runs.write(
            f"UPDATE jdp_tb_trade SET jdp_response = {member} WHERE tid = %s", f'"trade":{{{field},', tid
        )

    return spoil


def fields(**changed: Any) -> Callable[[SysInfoRuns, int], None]:
    return lambda runs, tid: push(runs, tid, **changed)


def line(**changed: Any) -> Callable[[SysInfoRuns, int], None]:
    """Change the last sub-order."""

    def spoil(runs: SysInfoRuns, tid: int) -> None:
        *others, last = trade(runs, tid)["orders"]["order"]
        push(runs, tid, orders={"order": [*others, {**last, **changed}]})

    return spoil


# What is done to a row, which databases refuse it, and with what reason.
REFUSED: dict[str, tuple[Callable[[SysInfoRuns, int], None], tuple[str, ...], str]] = {
    "deep": (fields(x_deep=nested(101)), ("mysql", "mariadb"), "refused_by_database"),
    "deep in a line": (line(x_deep=nested(101)), ("mysql", "mariadb"), "refused_by_database"),
    "huge number": (text('"x_score":1e200000'), ("mysql", "postgres"), "refused_by_database"),
    "the shop's rule": (fields(trade_memo="bad"), ALL, "refused_by_database"),
    "the shop's rule for lines": (line(item_memo="bad"), ALL, "refused_by_database"),
    "raw tab": (text('"x":"a\tb"'), ALL, "not_json"),
    "raw line end": (text('"x":"a\nb"'), ALL, "not_json"),
    "quote": (text(r'"x":"a\'b"'), ALL, "not_json"),
    "half an escape": (text(r'"x":"\u12"'), ALL, "not_json"),
    "NaN": (text('"x":NaN'), ALL, "not_json"),
    "007": (text('"x":007'), ALL, "not_json"),
    "NUL": (fields(trade_memo="a\0b"), ALL, "nul_in_text"),
    "no number of a line": (line(oid="***"), ALL, "not_a_whole_number"),
}
# What stays in the table, and which fields do not fit.
UNFIT: dict[str, tuple[Callable[[SysInfoRuns, int], None], list[str]]] = {
    "masked": (fields(num="***", payment="****1234"), ["num", "payment"]),
    "masked in a line": (line(price="***"), ["price"]),
    "amount": (fields(payment="1.23456"), ["payment"]),
    "no day": (fields(pay_time="2026-02-30 10:00:00"), ["pay_time"]),
    "1970": (fields(pay_time=1_795_399), ["pay_time"]),
}
KINDS = st.sampled_from(["good", "good", "good", *REFUSED, *UNFIT])


def known(runs: SysInfoRuns) -> dict[int, bytes]:
    with runs.owner.cursor() as cursor:
        cursor.execute("SELECT tid, jdp_response FROM jdp_tb_trade")
        found = dict(cursor.fetchall())
    runs.owner.commit()
    return found


def entries(runs: SysInfoRuns, state: str = "open") -> dict[int, tuple[str, str]]:
    return {
        int(row["source_key"]): (row["reason"], row["raw"])
        for row in runs.quarantine()
        if row["state"] == state
    }


def unfit_in(runs: SysInfoRuns, tid: int) -> list[str]:
    found = []
    for table in ("taobao_trade", "taobao_order"):
        for row in runs.rows(f"SELECT extra FROM {table} WHERE tid = {tid}"):
            extra = json.loads(row["extra"]) if isinstance(row["extra"], str) else row["extra"]
            found += (extra or {}).get("_unfit", [])
    return found


@pytest.fixture
def runs(each_target: SysInfoRuns) -> SysInfoRuns:
    """Runs into tables that have rules which a shop added."""
    for rule in RULES.values():
        change(each_target.target, rule)
    return each_target


def begin(runs: SysInfoRuns) -> list[int]:
    """Empty all tables, and fill in a morning's trades."""
    for name in ("etl_window", "etl_watermark", "etl_quarantine", *(table.name for table in TB_TRADE.family)):
        change(runs.target, f"DELETE FROM {name}")
    runs.write("DELETE FROM jdp_tb_trade")
    runs.fill(ROWS, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - 2 * HOUR)
    return trades(runs)


@settings(max_examples=examples(8, everything=16), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    kinds=st.lists(KINDS, min_size=ROWS, max_size=ROWS), batch_rows=st.integers(1, 30), loaded=st.booleans()
)
def test_all_others_arrive_whatever_is_poison(runs, tmp_path, monkeypatch, kinds, batch_rows, loaded):
    monkeypatch.setattr(sys_info_window, "BATCH_ROWS", batch_rows)
    settings_file(tmp_path, conn_id_of(runs), max_quarantined_share=1.0)
    tids = begin(runs)
    if loaded:
        runs.run()
    clean = known(runs)
    spoil(runs, tids, kinds)
    raws = {tid: str(response) for tid, response in known(runs).items()}
    refuses = refused_by(runs)
    wanted = {
        tid: (refuses[kind], raws[tid]) for tid, kind in zip(tids, kinds, strict=False) if kind in refuses
    }
    for _ in range(2):
        runs.run(run_type="manual", window_from="2026-11-23 00:00:00", window_to="2026-11-23 12:00:00")
        assert entries(runs) == wanted
        assert differences(runs, [TRADE]) == []
        hold(runs)
    certificate = runs.certificates()[-1]
    assert (certificate["verdict"], certificate["quarantined"]) == ("complete", len(wanted))
    for tid, kind in zip(tids, kinds, strict=False):
        if tid not in wanted:
            assert unfit_in(runs, tid) == (UNFIT[kind][1] if kind in UNFIT else [])

    for tid in wanted:
        runs.write(
            "UPDATE jdp_tb_trade SET jdp_response = %s, jdp_hashcode = '1' WHERE tid = %s", clean[tid], tid
        )
    replay = CliRunner().invoke(retail, ["quarantine", "replay", "--all", "--pipeline", PIPELINE])
    assert replay.exit_code == 0, replay.output
    assert set(entries(runs, "replayed")) == set(wanted)
    assert not entries(runs)
    assert differences(runs, [TRADE]) == []


def conn_id_of(runs: SysInfoRuns) -> str:
    return "bi_mysql" if dialect(runs.target) == "mysql" else "warehouse_postgres"


def refused_by(runs: SysInfoRuns) -> dict[str, str]:
    """Return what the target does not take, and why."""
    return {kind: why for kind, (_, databases, why) in REFUSED.items() if server_of(runs.target) in databases}


def spoil(runs: SysInfoRuns, tids: list[int], kinds: list[str]) -> None:
    for tid, kind in zip(tids, kinds, strict=False):
        if kind != "good":
            (REFUSED.get(kind) or UNFIT[kind])[0](runs, tid)
            [(response,)] = [(found,) for key, found in known(runs).items() if key == tid]
            code = hashcode(str(response).encode())
            runs.write("UPDATE jdp_tb_trade SET jdp_hashcode = %s WHERE tid = %s", code, tid)


@pytest.mark.long
def test_each_poison_has_its_reason_and_place_or_its_flag(runs, tmp_path):
    settings_file(tmp_path, conn_id_of(runs), max_quarantined_share=1.0)
    tids = begin(runs)
    kinds = dict(zip([*REFUSED, *UNFIT], tids, strict=False))
    spoil(runs, list(kinds.values()), list(kinds))
    runs.run()
    refuses = refused_by(runs)
    assert {key: why for key, (why, _) in entries(runs).items()} == {
        kinds[k]: why for k, why in refuses.items()
    }
    assert {row["tid"] for row in runs.rows("SELECT tid FROM taobao_trade")} == {*tids} - {*entries(runs)}
    assert {name: unfit_in(runs, kinds[name]) for name in UNFIT} == {
        k: names for k, (_, names) in UNFIT.items()
    }
    details = {int(row["source_key"]): row["detail"] for row in runs.quarantine()}
    places = {
        "deep": "taobao_trade.extra", "deep in a line": "taobao_order.extra", "huge number": "taobao_trade.extra",
        "the shop's rule": "no_bad_trade", "the shop's rule for lines": "no_bad_order",
    }  # fmt: skip
    assert [name for name in refuses if places.get(name, "") not in details[kinds[name]]] == []
    counts = runs.certificates()[-1]["rule_counts"]
    counts = json.loads(counts) if isinstance(counts, str) else counts
    assert {name: counts[name] for name in ("num_unfit", "payment_unfit", "price_unfit", "pay_time_unfit")} == {
        "num_unfit": 1, "payment_unfit": 2, "price_unfit": 1, "pay_time_unfit": 2,
    }  # fmt: skip
    assert (counts["not_json"], counts["refused_by_database"]) == (
        6,
        Counter(refuses.values())["refused_by_database"],
    )
    assert differences(runs, [TRADE]) == []


@pytest.mark.long
@pytest.mark.parametrize("most", [2, 3])
def test_the_limit_holds_for_what_the_database_refuses_too(runs, tmp_path, most):
    settings_file(tmp_path, conn_id_of(runs), max_quarantined=most)
    tids = begin(runs)
    spoil(runs, tids, ["the shop's rule"] * 3)
    with pytest.raises(Exception, match="cannot be used") if most == 2 else nullcontext():
        runs.run()
    last = runs.certificates()[-1]
    assert (last["verdict"], last["quarantined"]) == (("stopped", 3) if most == 2 else ("complete", 3))
    assert len(runs.rows("SELECT tid FROM taobao_trade")) == (0 if most == 2 else ROWS - 3)
    assert set(entries(runs)) == set(tids[:3])


@pytest.mark.parametrize("each_target", ["bi_mysql"], indirect=True)
def test_no_table_is_made_or_dropped_within_a_transaction(runs, tmp_path, monkeypatch):
    """MySQL before 8.0.13 refuses that where it enforces GTIDs (1787): one poisoned row would stop all others."""
    said: list[str] = []
    execute = Cursor.execute

    def alerted(cursor: Cursor, sql: Any, values: Any = None) -> int:
        if cursor.connection.server_status & SERVER_STATUS_IN_TRANS:
            lines = str(sql).splitlines()
            said.append(" ".join(line.strip() for line in lines if not line.startswith("--")))
        return execute(cursor, sql, values)

    monkeypatch.setattr(Cursor, "execute", alerted)
    settings_file(tmp_path, conn_id_of(runs), max_quarantined_share=1.0)
    tids = begin(runs)
    spoil(runs, tids, ["the shop's rule", "deep", "the shop's rule for lines"])
    said.clear()
    runs.run()

    assert set(entries(runs)) == set(tids[:3])
    assert [sql for sql in said if sql.startswith("INSERT INTO held_")]
    assert [sql for sql in said if sql.split()[0] in ("CREATE", "DROP", "ALTER", "TRUNCATE")] == []


def test_a_broken_answer_of_the_platform_costs_none_of_the_other_rows(runs, sandbox):
    tid, *_ = begin(runs)
    good = str(known(runs)[tid]).replace(str(tid), "8")
    timeless = (
        '{"trade_fullinfo_get_response":{"trade":{"modified":5,"orders":{"order":[{"oid":1}]},"tid":9}}}'
    )
    broken = '{"trade_fullinfo_get_response":{"trade":{"tid":7,"title":"a\tb"}}}'
    answers = {7: broken, 8: good, 9: timeless}
    sandbox.tell(
        "taobao_put", records=[{"table": TRADE, "id": n, "response": raw} for n, raw in answers.items()]
    )
    CliRunner().invoke(retail, ["jushita", "pull", TRADE, "7", "8", "9"])
    assert [row["tid"] for row in runs.rows("SELECT tid FROM taobao_trade")] == [8]
    assert entries(runs) == {7: ("not_json", broken), 9: ("value_missing", timeless)}
