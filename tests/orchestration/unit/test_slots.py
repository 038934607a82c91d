"""The slots that those need which stay, and whether pools and executor have them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from retail_pipeline.cli.main import retail
from retail_pipeline.orchestration import slots
from retail_pipeline.orchestration.slots import made, needed, shortcomings
from retail_pipeline.settings.file import DEFAULT_PATH
from retail_pipeline.settings.retail import Settings

PARALLELISM = "AIRFLOW__CORE__PARALLELISM"


def shops(count: int) -> str:
    content = yaml.safe_load(DEFAULT_PATH.read_text(encoding="utf-8"))
    [shop, *_] = content["shops"]
    content["shops"] = [{**shop, "name": f"shop{number}"} for number in range(count)]
    return yaml.safe_dump(content, allow_unicode=True)


def settings(count: int) -> Settings:
    return Settings.model_validate(yaml.safe_load(shops(count)))


def test_the_files_that_come_with_the_project_suffice_for_each_other():
    shipped = Settings.model_validate(yaml.safe_load(DEFAULT_PATH.read_text(encoding="utf-8")))
    pools = made()

    assert shortcomings(shipped, pools, {PARALLELISM: sum(pools.values())}) == []


def test_a_shop_more_needs_no_slots():
    assert needed(settings(2)) == needed(settings(9)) == needed(settings(1))


def test_a_dag_whose_task_stays_needs_slots_for_that_and_its_standby_and_all_one_to_take_over(monkeypatch):
    assert needed(settings(2))["residents"] == 3
    monkeypatch.setattr(slots, "RESIDENT_DAGS", ("youshu_order_push", "another", "a_third"))
    assert needed(settings(2))["residents"] == 7


def test_without_shops_that_push_no_slots_are_needed_for_senders():
    content = yaml.safe_load(shops(2))
    for shop in content["shops"]:
        shop["orders"] = "none"

    without = needed(Settings.model_validate(content))
    assert (without["order_push"], without["orders_by_hand"]) == (0, 0)


def test_windows_by_hand_have_slots_of_their_own():
    assert [
        word.partition(":")[0]
        for word in shortcomings(settings(1), {"residents": 3, "order_push": 2, "guards": 2}, {})
    ] == ["pool orders_by_hand has 0 slots and needs 1"]


def test_what_does_not_suffice_is_named_with_what_it_takes():
    pools = {**made(), "residents": 2}
    total = sum(pools.values()) - 2 + 3
    words = shortcomings(settings(9), pools, {PARALLELISM: 8, "AIRFLOW__CELERY__WORKER_CONCURRENCY": total})

    assert len(words) == 2
    assert words[0].startswith("pool residents has 2 slots and needs 3")
    assert words[1].startswith("the executor runs 8 tasks at once")
    assert f"set {PARALLELISM} to {total}" in words[1]


def test_a_pool_that_is_not_made_has_no_slots():
    words = shortcomings(settings(1), {"residents": 3, "order_push": 2, "orders_by_hand": 1}, {})

    assert [word.partition(":")[0] for word in words] == ["pool guards has 0 slots and needs 2"]


@pytest.mark.parametrize(("executor", "told"), [("LocalExecutor", 1), ("CeleryExecutor", 2)])
def test_the_command_counts_the_executors_slots(
    settings_file: Path, monkeypatch: pytest.MonkeyPatch, executor: str, told: int
) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", executor)
    monkeypatch.setenv(PARALLELISM, "8")
    monkeypatch.setenv("AIRFLOW__CELERY__WORKER_CONCURRENCY", "8")
    result = CliRunner().invoke(retail, ["config", "check"])

    assert result.exit_code == 1
    assert result.output.count("the executor runs 8 tasks at once") == told
