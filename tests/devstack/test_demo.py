"""What the demo runs, and how it tells of it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from demo.whole_day import last_complete_day
from devstack.place import Place
from devstack.runs import TaskView, log_end, wait_parsed
from devstack.session import keeper
from devstack.steps import StackError


@pytest.mark.parametrize(
    ("utc", "day"),
    [
        ("2026-11-23T01:59", date(2026, 11, 21)),  # 09:59 in Shanghai: yesterday's numbers are not there yet
        ("2026-11-23T02:00", date(2026, 11, 22)),
        ("2026-11-23T15:59", date(2026, 11, 22)),
        ("2026-11-23T16:00", date(2026, 11, 22)),  # midnight in Shanghai
    ],
)
def test_the_last_complete_business_day(utc, day):
    assert last_complete_day(datetime.fromisoformat(utc).replace(tzinfo=UTC)) == day


def _task(**fields):
    return {
        "dag_id": "wechat_youshu_report", "task_id": "pull_visit_page", "dag_run_id": "manual__1", "map_index": 1,
        "rendered_map_index": "1", "state": "running", "start_date": "2026-11-23T02:00:00Z", "end_date": None,
        "try_number": 2, **fields,
    }  # fmt: skip


def test_a_task_is_shown_with_its_shop_before_airflow_knows_it():
    task = TaskView.of(_task(end_date="2026-11-23T02:00:02.500Z"))
    assert (task.shop, task.seconds) == ("outlet", 2.5)
    assert task.log == (
        "dag_id=wechat_youshu_report/run_id=manual__1/task_id=pull_visit_page/map_index=1/attempt=2.log"
    )


def test_a_task_that_has_not_begun_took_no_time():
    assert TaskView.of(_task(start_date=None, state=None)).seconds == 0.0


def test_the_end_of_a_log_is_text(tmp_path):
    log = tmp_path / "attempt=1.log"
    failure = {
        "level": "error",
        "event": "Task failed",
        "error_detail": [{"exc_type": "ConfigError", "exc_value": "x"}],
    }
    log.write_text("\n".join([*("{}" for _ in range(20)), json.dumps(failure), "plain words"]))
    assert log_end(log).splitlines()[-2:] == ["    error Task failed ConfigError: x", "    plain words"]
    assert "no log" in log_end(tmp_path / "missing.log")


class _Airflow:
    def __init__(self, parsed, errors=None):
        self._parsed = iter(parsed)
        self._errors = errors or {}

    def import_errors(self):
        return self._errors

    def dags(self):
        return [{"dag_id": "a", "last_parsed_time": next(self._parsed)}]


def test_a_dag_counts_when_it_was_parsed_after_the_newest_edit():
    edited = datetime(2026, 11, 23, 2, tzinfo=UTC).timestamp()
    airflow = _Airflow([None, "2026-11-23T01:59:59Z", "2026-11-23T02:00:01Z"])
    (dag,) = wait_parsed(airflow, [Path("dags/a.py")], edited)
    assert dag["last_parsed_time"] == "2026-11-23T02:00:01Z"


def test_an_import_error_is_shown():
    with pytest.raises(StackError, match=r"(?s)dags/a.py cannot be imported.*NameError"):
        wait_parsed(_Airflow([], {"dags/a.py": "NameError: x"}), [Path("dags/a.py")], 0)


def test_a_second_keeper_is_told_who_the_first_is(tmp_path):
    place = Place(tmp_path)
    with keeper(place, "script/server") as first, keeper(place, "script/demo") as second:
        assert (first, second) == (None, "script/server")
    with keeper(place, "script/demo") as later:
        assert later is None
