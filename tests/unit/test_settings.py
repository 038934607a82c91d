from __future__ import annotations

from datetime import time, timedelta

import pytest
import yaml
from pydantic import ValidationError

from retail_pipeline.errors import ConfigError
from retail_pipeline.settings import Report, Settings
from retail_pipeline.settings_file import DEFAULT_PATH
from tests.unit.conftest import SETTINGS


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


def test_what_is_left_out_has_a_safe_default():
    defaults = settings()

    assert defaults.shops[0].order_sources == (1,)
    assert not defaults.report("wechat_youshu_report").report_empty_days
    assert defaults.alarms.record_conn_id == "warehouse_postgres"


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
        settings().alarms.tag = "none"


def test_a_shop_is_found_by_its_name():
    assert settings().shop("flagship").title == "花间集旗舰店"


def test_an_unknown_shop_is_an_error_that_names_those_there_are():
    with pytest.raises(ConfigError, match=r"no shop named 'outlet'.*: flagship"):
        settings().shop("outlet")


def test_a_report_serves_only_the_shops_that_ask_for_it():
    two = settings(shops=[shop(), shop(name="outlet", reports=["youshu_order_summary"])])

    assert [each.name for each in two.shops_with("wechat_youshu_report")] == ["flagship"]
    assert [each.name for each in two.shops_with("youshu_order_summary")] == ["flagship", "outlet"]
