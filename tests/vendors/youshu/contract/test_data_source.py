"""The data source: read, made once, and the command that does it."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from retail_pipeline.cli.main import retail
from retail_pipeline.errors import AuthRejected, NoAnswer
from retail_pipeline.vendors.youshu.client import DataSourceExists
from tests.clients import youshu_client

GET, ADD = "/data-api/v1/data_source/get", "/data-api/v1/data_source/add"


@pytest.fixture
def newcomer(monday):
    return youshu_client(monday, "newcomer")


def test_a_newcomer_has_none_until_it_is_added(newcomer):
    assert newcomer.data_source_ids() == []

    added = newcomer.add_data_source()

    assert newcomer.data_source_ids() == [added]


def test_adding_where_there_is_one_is_told_apart(youshu):
    with pytest.raises(DataSourceExists):
        youshu.add_data_source()


@pytest.mark.parametrize("call", ["data_source_ids", "add_data_source"])
def test_a_foreign_merchant_names_the_field(monday, call):
    with pytest.raises(AuthRejected) as caught:
        getattr(youshu_client(monday, merchant_id="1"), call)()

    assert (caught.value.code, caught.value.mend) == ("12", "merchant_id")


@pytest.mark.parametrize("data", [{}, {"dataSources": None}, {"dataSources": []}])
def test_a_list_that_is_missing_is_empty(monday, youshu, data):
    monday.fault(GET, "error", body={"retcode": 0, "errmsg": "", "data": data})

    assert youshu.data_source_ids() == []


@pytest.mark.parametrize(
    "data", [None, [], {"dataSources": [{}]}, {"dataSources": ["7"]}, {"dataSources": [{"id": ""}]}]
)
def test_an_answer_of_another_shape_is_none(monday, youshu, data):
    monday.fault(GET, "error", body={"retcode": 0, "errmsg": "", "data": data})

    with pytest.raises(NoAnswer):
        youshu.data_source_ids()


@pytest.mark.parametrize("data", [None, {}, {"dataSource": {}}, {"dataSource": None}])
def test_an_added_source_without_id_is_no_answer(monday, newcomer, data):
    monday.fault(ADD, "error", body={"retcode": 0, "errmsg": "", "data": data})

    with pytest.raises(NoAnswer):
        newcomer.add_data_source()


def test_old_sources_of_several_types_are_all_told(monday, youshu):
    sources = [{"id": "7", "merchantId": "1", "type": 0}, {"id": 8, "merchantId": "1"}]
    monday.fault(GET, "error", body={"retcode": 0, "errmsg": "", "data": {"dataSources": sources}})

    assert youshu.data_source_ids() == ["7", "8"]


@pytest.fixture
def command(monday, define_connection):
    """The command for one app of the sandbox."""

    def run(name: str):
        app = monday.credentials("youshu", name)
        form = {"environment": "test", "merchant_id": app["merchant_id"]}
        define_connection(
            "youshu_asking",
            conn_type="youshu",
            host=monday.url,
            login=app["app_id"],
            password=app["app_secret"],
            extra=form,
        )
        return CliRunner().invoke(retail, ["youshu", "data-source", "--conn-id", "youshu_asking"])

    return run


def called(sandbox) -> list[str]:
    return [entry["path"] for entry in sandbox.journal()]


def test_the_command_makes_a_newcomers_source_once_and_then_reads_it(monday, command):
    first = command("newcomer")
    second = command("newcomer")

    made = monday.credentials("youshu", "newcomer")["data_source_id"]
    assert first.exit_code == second.exit_code == 0
    assert first.output == second.output
    assert f"data source id: {made}\n" in first.output
    assert "Data source id» of connection youshu_asking (extra: data_source_id)" in first.output
    assert called(monday) == [GET, ADD, GET]


def test_the_command_only_reads_a_source_that_is_there(monday, command):
    result = command("flagship")

    assert monday.credentials("youshu")["data_source_id"] in result.output
    assert called(monday) == [GET]


def test_where_get_keeps_it_back_once_the_command_asks_again(monday, command):
    monday.fault(GET, "error", body={"retcode": 0, "errmsg": "", "data": {"dataSources": []}}, times=1)

    result = command("flagship")

    assert result.exit_code == 0
    assert monday.credentials("youshu")["data_source_id"] in result.output
    assert called(monday) == [GET, ADD, GET]


def test_where_get_keeps_it_back_for_good_the_command_fails_in_words(monday, command):
    monday.fault(GET, "error", body={"retcode": 0, "errmsg": "", "data": {"dataSources": []}})

    result = command("flagship")

    assert result.exit_code == 1
    assert "ask again later" in result.output


def test_further_sources_are_shown(monday, command):
    sources = [{"id": "7"}, {"id": "8"}]
    monday.fault(GET, "error", body={"retcode": 0, "errmsg": "", "data": {"dataSources": sources}})

    assert "data source id: 7\nalso there:     8\n" in command("flagship").output
