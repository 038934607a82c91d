from __future__ import annotations

from datetime import date, time, timedelta

import pytest
import yaml
from pydantic import ValidationError

from retail_pipeline.errors import ConfigError
from retail_pipeline.settings.file import DEFAULT_PATH
from retail_pipeline.settings.reports import Report
from retail_pipeline.settings.retail import LoadSettings, Settings, WangdiantongAccount
from tests.plain_fixtures import SETTINGS


def settings(**changes) -> Settings:
    return Settings.model_validate({**yaml.safe_load(SETTINGS), **changes})


def shop(**changes) -> dict:
    return {**yaml.safe_load(SETTINGS)["shops"][0], **changes}


def report(**changes) -> Report:
    return Report.model_validate({"starts_at": "10:00", "due_at": "10:30", "gives_up_at": "11:00", **changes})


def test_the_file_that_comes_with_the_project_is_valid_and_says_what_the_issue_asks_for():
    shipped = Settings.model_validate(yaml.safe_load(DEFAULT_PATH.read_text(encoding="utf-8")))

    visits, orders = shipped.report("wechat_youshu_report"), shipped.report("youshu_order_summary")
    assert (visits.starts_at, visits.due_at, visits.gives_up_at) == (time(10), time(10, 30), time(11))
    assert (visits.retry_every, visits.retry_late_every) == (timedelta(minutes=1), timedelta(minutes=5))
    assert (orders.starts_at, orders.due_at) == (time(5), time(6))
    assert not visits.report_empty_days


def test_the_lag_of_sys_info_is_judged_by_the_clock_of_the_rds_alone():
    shipped = Settings.model_validate(yaml.safe_load(DEFAULT_PATH.read_text(encoding="utf-8"))).loads
    edited = settings(loads={"jushita_sys_info": {"alerts": {"max_open_minutes": 90}}}).loads
    wanted = settings(loads={"jushita_sys_info": {"alerts": {"max_lag_minutes": 90}}}).loads

    assert [each.jushita_sys_info.alerts.max_lag_minutes for each in (shipped, edited, wanted)] == [
        None,
        None,
        90,
    ]
    assert shipped.wangdiantong_aftersales.alerts.max_lag_minutes == 60


@pytest.mark.parametrize("name", ["two words", "a,b", ""])
def test_an_owner_is_one_name(name):
    with pytest.raises(ValidationError, match="is not one name"):
        settings(owner=name)


def test_what_is_left_out_has_a_safe_default():
    defaults = settings()

    assert defaults.shops[0].order_sources == (1,)
    assert not defaults.report("wechat_youshu_report").report_empty_days
    assert defaults.alerts.record_conn_id == "warehouse_postgres"


@pytest.mark.parametrize(
    "times",
    [
        {"starts_at": "10:30"},
        {"due_at": "09:00"},
        {"gives_up_at": "10:29"},
    ],
)
def test_times_that_are_out_of_order_are_refused(times):
    with pytest.raises(ValidationError, match="starts_at must be before due_at"):
        report(**times)


def test_a_report_may_be_given_up_at_the_moment_it_is_due():
    assert report(gives_up_at="10:30").gives_up_at == time(10, 30)


@pytest.mark.parametrize("seconds", [0, 4, 3601, -60])
@pytest.mark.parametrize("field", ["retry_every_seconds", "retry_late_every_seconds"])
def test_a_pace_that_hammers_or_sleeps_is_refused(field, seconds):
    with pytest.raises(ValidationError, match=field):
        report(**{field: seconds})


def test_two_shops_of_one_name_are_refused():
    with pytest.raises(ValidationError, match="two shops are named flagship"):
        settings(shops=[shop(), shop(title="another")])


@pytest.mark.parametrize("name", ["", "Flagship", "旗舰店", "1st", "a b", "x" * 64])
def test_a_shops_name_is_fit_for_keys_and_urls(name):
    with pytest.raises(ValidationError, match="name"):
        settings(shops=[shop(name=name)])


def test_no_shop_at_all_is_refused():
    with pytest.raises(ValidationError, match="shops"):
        settings(shops=[])


def test_settings_cannot_be_changed_by_who_reads_them():
    with pytest.raises(ValidationError, match="frozen"):
        settings().alerts.tag = "none"


def test_a_shop_is_found_by_its_name():
    assert settings().shop("flagship").title == "花间集旗舰店"


def test_an_unknown_shop_is_an_error_that_names_those_there_are():
    with pytest.raises(ConfigError, match=r"no shop named 'outlet'.*: flagship"):
        settings().shop("outlet")


def test_a_report_serves_only_the_shops_that_ask_for_it():
    two = settings(shops=[shop(), shop(name="outlet", reports=["youshu_order_summary"])])

    assert [each.name for each in two.shops_with("wechat_youshu_report")] == ["flagship"]
    assert [each.name for each in two.shops_with("youshu_order_summary")] == ["flagship", "outlet"]


def account(**changes) -> dict:
    return {"name": "flagship", "conn_id": "wangdiantong_default", **changes}


def load(**changes) -> LoadSettings:
    return settings(loads={"wangdiantong_aftersales": changes}).loads.wangdiantong_aftersales


def test_the_file_that_comes_with_the_project_loads_aftersales_as_the_vendor_allows():
    shipped = Settings.model_validate(yaml.safe_load(DEFAULT_PATH.read_text(encoding="utf-8")))

    how = shipped.loads.wangdiantong_aftersales
    assert shipped.wangdiantong_accounts
    assert how.chunk_length <= timedelta(days=30)
    assert how.page_size <= 200
    assert how.lookback > how.safety_delay


def test_without_accounts_nothing_is_loaded():
    assert settings().wangdiantong_accounts == ()
    assert settings().aftersales_targets() == []


def test_what_is_left_out_of_an_account_has_a_safe_default():
    assert settings(wangdiantong_accounts=[account()]).wangdiantong_accounts == (
        WangdiantongAccount(
            name="flagship",
            title="",
            conn_id="wangdiantong_default",
            target_conn_id="bi_mysql",
            load_from=None,
            shop_nos=None,
        ),
    )


def test_an_accounts_first_day_is_a_date():
    [read] = settings(wangdiantong_accounts=[account(load_from="2026-11-01")]).wangdiantong_accounts

    assert read.load_from == date(2026, 11, 1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Flagship"),
        ("name", "旗舰店"),
        ("load_from", "yesterday"),
        ("shop_nos", "01"),
        ("shop_nos", [1]),
        ("conn_id", None),
        ("sid", "0012"),
    ],
)
def test_a_wrong_field_of_an_account_is_refused_by_its_name(field, value):
    with pytest.raises(ValidationError, match=rf"wangdiantong_accounts\.0\.{field}"):
        settings(wangdiantong_accounts=[account(**{field: value})])


def test_an_account_without_a_connection_is_refused():
    with pytest.raises(ValidationError, match="conn_id"):
        settings(wangdiantong_accounts=[{"name": "flagship"}])


def test_two_accounts_of_one_name_are_refused():
    with pytest.raises(ValidationError, match="two accounts are named flagship"):
        settings(wangdiantong_accounts=[account(), account(conn_id="wangdiantong_outlet")])


def test_an_account_may_have_the_name_of_a_shop():
    assert settings(wangdiantong_accounts=[account()]).shop("flagship").name == "flagship"


def test_each_target_of_aftersales_is_named_once():
    three = [
        account(),
        account(name="outlet"),
        account(name="brand", target_conn_id="another_mysql"),
    ]

    assert settings(wangdiantong_accounts=three).aftersales_targets() == ["another_mysql", "bi_mysql"]


def test_a_load_that_is_not_described_has_safe_defaults():
    how = settings().loads.wangdiantong_aftersales

    assert (how.every, how.lookback, how.safety_delay) == (
        timedelta(minutes=15),
        timedelta(minutes=10),
        timedelta(seconds=60),
    )
    assert how.chunk_length == timedelta(hours=24)
    assert (how.page_size, how.chunk_orders, how.max_attempts) == (50, 20_000, 5)
    assert (how.max_quarantined, how.max_quarantined_share) == (100, 0.05)


def test_a_loads_times_are_those_that_are_set():
    how = load(every_minutes=30, lookback_minutes=0, safety_delay_seconds=5, chunk_hours=720)

    assert (how.every, how.lookback) == (timedelta(minutes=30), timedelta())
    assert (how.safety_delay, how.chunk_length) == (timedelta(seconds=5), timedelta(days=30))


@pytest.mark.parametrize("minutes", [0, 7, 25, 45, 61, -15])
def test_a_cadence_that_does_not_divide_the_hour_is_refused(minutes):
    with pytest.raises(ValidationError, match="every_minutes"):
        load(every_minutes=minutes)


@pytest.mark.parametrize(
    ("field", "least", "most"),
    [
        ("lookback_minutes", 0, 1440),
        ("safety_delay_seconds", 0, 3600),
        ("chunk_hours", 1, 720),
        ("chunk_orders", 100, 100_000),
        ("page_size", 1, 200),
        ("fetchers", 1, 16),
        ("batch_rows", 1, 10_000),
        ("max_attempts", 1, 20),
    ],
)
def test_a_loads_numbers_are_held_to_what_the_vendor_and_the_database_bear(field, least, most):
    assert getattr(load(**{field: least}), field) == least
    assert getattr(load(**{field: most}), field) == most

    for beyond in (least - 1, most + 1):
        with pytest.raises(ValidationError, match=field):
            load(**{field: beyond})


@pytest.mark.parametrize(
    ("field", "value"),
    [("max_quarantined", -1), ("max_quarantined_share", -0.1), ("max_quarantined_share", 1.1)],
)
def test_a_limit_of_rejected_records_that_means_nothing_is_refused(field, value):
    with pytest.raises(ValidationError, match=field):
        load(**{field: value})


def test_a_misspelt_field_of_a_load_is_refused():
    with pytest.raises(ValidationError, match="page_sise"):
        load(page_sise=100)


def test_a_load_that_does_not_exist_is_refused():
    with pytest.raises(ValidationError, match="wangdiantong_orders_load"):
        settings(loads={"wangdiantong_orders_load": {}})


def test_without_its_section_nothing_of_jushita_is_there():
    assert settings().jushita is None


def test_jushita_names_its_connection():
    assert settings(jushita={"taobao_conn_id": "taobao_brand"}).jushita.taobao_conn_id == "taobao_brand"


@pytest.mark.parametrize(
    ("section", "named"),
    [
        ({"rds": "b"}, r"jushita\.rds"),
        ({"instances": []}, r"jushita\.instances"),
        ({"instances": [{"name": "a", "tables": ["jdp_tb_trades"]}]}, r"jushita\.instances\.0\.tables"),
        ({"instances": [{"name": "a"}, {"name": "a"}]}, "two instances are named a"),
        ({"ahead": [{"name": "a"}, {"name": "a"}]}, "two groups are named a"),
    ],
)
def test_a_section_of_jushita_that_cannot_be_meant_is_refused(section, named):
    with pytest.raises(ValidationError, match=named):
        settings(jushita=section)
