from __future__ import annotations

import pytest
import yaml
from click.testing import CliRunner

from retail_pipeline.cli.main import retail
from retail_pipeline.errors import ConfigError
from retail_pipeline.settings.retail import Settings


def run(*arguments: str):
    return CliRunner().invoke(retail, ["config", *arguments])


@pytest.fixture
def without_warehouse(define_connection) -> None:
    nobody = {"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "x", "schema": "x"}
    define_connection("warehouse_postgres", **nobody)


@pytest.mark.usefixtures("without_warehouse")
def test_check_names_the_file_and_its_shops(settings_file):
    result = run("check")

    assert result.exit_code == 0
    assert result.stdout == f"{settings_file}: fine, 1 shops: flagship\n"


@pytest.mark.usefixtures("settings_file", "without_warehouse")
def test_where_nothing_can_be_compared_check_says_so_and_apply_fails():
    result = run("check")

    assert result.exit_code == 0
    assert result.stderr.startswith("what has changed cannot be told: connection 'warehouse_postgres'")
    assert run("check", "--apply").exit_code == 1


def test_check_of_a_wrong_file_fails_with_line_and_field(settings_file):
    settings_file.write_text(settings_file.read_text(encoding="utf-8").replace('"10:30"', "10:30"), "utf-8")

    result = run("check")

    assert result.exit_code == 1
    assert isinstance(result.exception, ConfigError)
    assert "reports.wechat_youshu_report.due_at" in str(result.exception)


def test_show_prints_every_default_and_reads_back_as_the_same_settings(settings_file):
    result = run("show")

    shown = yaml.safe_load(result.output)
    assert shown["reports"]["wechat_youshu_report"]["retry_late_every_seconds"] == 300
    assert Settings.model_validate(shown) == Settings.model_validate(
        yaml.safe_load(settings_file.read_text("utf-8"))
    )


@pytest.mark.usefixtures("settings_file")
def test_show_prints_chinese_as_chinese():
    assert "花间集旗舰店" in run("show").output
