"""Which lines ``retail check`` prints: of each view of a shop's tables, what to write where one does not fit."""
# ruff: noqa: F401, F811 (fixtures of another file, two of which are used by themselves)

from __future__ import annotations

import json

import yaml
from click.testing import CliRunner

from retail_pipeline.cli.main import retail
from retail_pipeline.settings.file import DEFAULT_PATH
from tests.cli.contract.test_retail_check import ALL, VIEWS, _vendors, check, rds, refused, shop
from tests.three_ways import on_terminal, without_styles


def test_each_view_of_a_shops_tables_is_held_against_what_is_read_from_it(shop):
    shop.place(1, "1150")
    shop.place(2)

    status, lines = check()

    assert status == 0
    assert [lines[view].split(maxsplit=2)[2] for view in VIEWS] == [
        "fits, with the 2 newest rows", "fits, with the 2 newest rows", "fits, with the 0 newest rows",
    ]  # fmt: skip


def test_a_view_that_was_changed_since_is_told_with_what_to_write(shop):
    shop.store.execute(
        "DROP VIEW youshu_order; CREATE VIEW youshu_order AS SELECT shop, id AS order_id, order_source,"
        " create_time::timestamp AS placed_at, pay_time AS paid_at, payment_amount FROM t_store_order;"
        "DROP VIEW youshu_return_push"
    )
    line = refused(*VIEWS[::2])

    assert "placed_at is timestamp without time zone" in line
    assert "write (…) AT TIME ZONE 'Asia/Shanghai' AS placed_at" in line
    assert check()[1][VIEWS[2]].endswith("there is no view youshu_return_push")


def test_for_programs_each_line_is_an_object(shop):
    shop.store.execute("DROP VIEW youshu_order")
    result = CliRunner().invoke(retail, ["check", "--json"])

    assert result.exit_code == 1
    found = {(row["connection"], row["view"]): row for row in json.loads(result.stdout)}
    assert len(found) == len(ALL) + len(VIEWS)
    assert found["store_postgres", "youshu_order"] == {
        "connection": "store_postgres", "view": "youshu_order", "fine": False,
        "message": "there is no view youshu_order", "clock_seconds": None,
    }  # fmt: skip
    assert found["store_postgres", None]["fine"] is True
    assert abs(found["store_postgres", None]["clock_seconds"]) < 60
    [line] = [line for line in on_terminal("check").splitlines() if "there is no view" in line]
    assert without_styles(line).split()[:2] == ["FAIL", VIEWS[0]]


def test_without_the_section_of_jushita_its_connections_are_not_tried(tmp_path, monkeypatch):
    content = yaml.safe_load(DEFAULT_PATH.read_text(encoding="utf-8"))
    del content["jushita"]
    path = tmp_path / "retail.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    monkeypatch.setenv("RETAIL_CONFIG", str(path))

    status, lines = check()

    assert status == 0
    assert sorted(set(lines) - set(VIEWS)) == [
        name for name in ALL if name not in ("jushita_mysql", "taobao_default")
    ]
