"""05:00 of a day that looks wrong: people are asked, and nothing is reported behind their back, nor missed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from click.testing import CliRunner, Result

from retail_pipeline.cli.main import retail
from retail_pipeline.pipelines.daily_reports.report_operators import OrderSummaryToYoushuOperator
from retail_pipeline.pipelines.daily_reports.summary_operators import OrderSummaryOperator
from tests import planned
from tests.alerts.alert_receiver import AlertReceiver
from tests.conftest import SQL, SimulatedClock
from tests.daily_reports.faults.doubtful_days import (
    DAY,
    DOUBTFUL,
    NAME,
    REPORT,
    at,
    confirm,
    reported_before,
    sell,
    states,
)
from tests.daily_reports.faults.morning import Morning
from tests.sandbox_control import SandboxControl

Begin = Callable[..., Morning]


@pytest.fixture
def change_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Write settings: a morning of a try each minute would be long to watch."""

    def change(**changes: Any) -> None:
        settings = yaml.safe_load((SQL.parent / "config" / "retail.yaml").read_text(encoding="utf-8"))
        settings["reports"][REPORT] |= {
            "retry_every_seconds": 600,
            "retry_late_every_seconds": 1800,
            **changes,
        }
        file = tmp_path / "retail.yaml"
        file.write_text(yaml.safe_dump(settings), encoding="utf-8")
        monkeypatch.setenv("RETAIL_CONFIG", str(file))

    return change


@pytest.fixture
def begin(
    store: psycopg.Connection,
    warehouse: psycopg.Connection,
    simulated_clock: SimulatedClock,
    change_settings: Callable[..., None],
) -> Begin:
    """A morning of one shop, by schedule or otherwise."""
    change_settings()
    simulated_clock.set(at("05:00"))

    def begin(**how: Any) -> Morning:
        morning = Morning(simulated_clock, REPORT, **how)
        compute = morning.add(
            OrderSummaryOperator(task_id="compute_order_summary", shop=planned.shop("flagship"))
        )
        report = OrderSummaryToYoushuOperator(task_id="report_order_summary", shop=planned.shop("flagship"))
        morning.add(report, after=compute)
        return morning

    return begin


@pytest.mark.long
def test_a_misspelt_shop_is_asked_about_by_name_and_never_reported_as_zeros(
    begin: Begin, store: psycopg.Connection, sandbox: SandboxControl, alerts: AlertReceiver
) -> None:
    sell(store, 60, shop="flagshp")
    morning = begin()
    morning.run()
    assert states(morning) == ["failed", "waiting"]
    assert sandbox.reports() == []
    assert alerts.titles == [DOUBTFUL, f"late at 06:00: {NAME}", f"NOT DONE, given up at 07:00: {NAME}"]
    first, _, last = (message["message"] for message in alerts.messages)
    assert (
        "no order of shop 'flagship' with order_source 1 within 30 days, but of: 'flagshp' source 1 (60)"
        in first
    )
    assert "else: it is not reported before somebody says so" in first
    assert "未经人工确认不上报" in first
    for message in (first, last):
        assert "retail youshu confirm flagship 2026-11-22" in message


def test_a_day_of_zeros_is_asked_about_and_reported_at_once_when_a_person_says_so(
    begin: Begin, store: psycopg.Connection, sandbox: SandboxControl, alerts: AlertReceiver
) -> None:
    sell(store, 60, day=DAY - timedelta(days=1))
    said: list[Result] = []
    morning = begin(meanwhile=[(at("05:20"), lambda: said.append(confirm()))])
    morning.run()
    assert states(morning) == ["done", "done"]
    [report] = sandbox.reports()
    assert (report["count"], str(report["row"]["give_order_num_sum"])) == (1, "0")
    assert alerts.titles == [DOUBTFUL, f"done at 05:20: {NAME}"]
    assert "not a single order was placed or paid that day" in alerts.messages[0]["message"]
    assert said[0].exit_code == 0
    assert "0 orders placed for 0.00 yuan, 0 paid for 0.00 yuan" in said[0].output
    assert "confirmed, and reported" in said[0].output


def test_a_view_that_is_mended_while_the_day_waits_is_summed_up_anew(
    begin: Begin, store: psycopg.Connection, sandbox: SandboxControl, alerts: AlertReceiver
) -> None:
    sell(store, 60, shop="flagshp")
    mend = "UPDATE t_store_order SET shop = 'flagship'"
    morning = begin(meanwhile=[(at("05:20"), lambda: store.execute(mend))])
    morning.run()
    assert states(morning) == ["done", "done"]
    assert [str(report["row"]["give_order_num_sum"]) for report in sandbox.reports()] == ["60"]
    assert alerts.titles == [DOUBTFUL, f"done at 05:20: {NAME}"]
    assert store.execute("SELECT doubt FROM youshu_order_summary").fetchone() == (None,)


@pytest.mark.long
@pytest.mark.parametrize(
    ("orders", "amount", "told"),
    [
        (49, 100, "orders placed 49, usual are 100 (49%, limits 50% to 500%)"),
        (501, 100, "orders placed 501, usual are 100 (501%, limits 50% to 500%)"),
        (100, 10_000, "amount placed 1,000,000.00, usual are 10,000.00 (10000%, limits 50% to 500%)"),
    ],
)
def test_a_day_far_from_the_usual_waits_until_shortly_before_it_is_due(
    begin: Begin, store: psycopg.Connection, sandbox: SandboxControl, alerts: AlertReceiver,
    orders: int, amount: int, told: str,
) -> None:  # fmt: skip
    reported_before(store, 100)
    sell(store, orders, amount=amount)
    morning = begin()
    morning.run()
    assert states(morning) == ["done", "done"]
    assert len(sandbox.reports()) == 1
    assert (morning.tasks[0].tried_at[-1], len(morning.tasks[0].tried_at)) == (at("05:50"), 6)
    assert alerts.titles == [DOUBTFUL, f"done at 05:50: {NAME}"]
    assert told in alerts.messages[0]["message"]
    assert "else: at 05:50 it is reported as it is" in alerts.messages[0]["message"]
    # That nobody said so stays on record.
    assert store.execute(
        "SELECT doubt IS NOT NULL, confirmed_at FROM youshu_order_summary WHERE business_date = %s", [DAY]
    ).fetchone() == (True, None)


def test_a_late_run_reports_an_unusual_day_at_its_second_try_after_the_alert(
    begin: Begin, store: psycopg.Connection, sandbox: SandboxControl, alerts: AlertReceiver,
    simulated_clock: SimulatedClock,
) -> None:  # fmt: skip
    reported_before(store, 100)
    sell(store, 10)
    late = begin()
    simulated_clock.set(at("06:20"))
    late.run()
    assert late.tasks[0].tried_at == [at("06:20"), at("06:50")]
    assert alerts.titles == [DOUBTFUL, f"late at 06:00: {NAME}", f"late but done at 06:50: {NAME}"]
    assert "else: at the next try it is reported as it is" in alerts.messages[0]["message"]
    assert len(sandbox.reports()) == 1


@pytest.mark.parametrize(
    ("before", "days", "orders"), [(100, 7, 50), (100, 7, 500), (100, 2, 1), (49, 7, 1), (1, 0, 1)]
)
def test_a_day_that_is_as_usual_or_of_a_new_or_small_shop_waits_for_nobody(
    begin: Begin, store: psycopg.Connection, sandbox: SandboxControl, alerts: AlertReceiver,
    before: int, days: int, orders: int,
) -> None:  # fmt: skip
    reported_before(store, before, days)
    sell(store, orders)
    morning = begin()
    morning.run()
    assert [len(task.tried_at) for task in morning.tasks] == [1, 1]
    assert (len(sandbox.reports()), alerts.titles) == (1, [])


@pytest.mark.long
def test_zeros_are_reported_without_a_person_only_where_the_settings_say_so(
    begin: Begin, sandbox: SandboxControl, alerts: AlertReceiver, change_settings: Callable[..., None]
) -> None:
    change_settings(report_empty_days=True, report_minutes_before_due=20)
    morning = begin()
    morning.run()
    assert (states(morning), len(sandbox.reports())) == (["done", "done"], 1)
    assert alerts.titles == [DOUBTFUL, f"done at 05:40: {NAME}"]


@pytest.mark.long
def test_an_unusual_day_waits_without_an_end_where_the_settings_say_so_and_can_be_confirmed_afterwards(
    begin: Begin, store: psycopg.Connection, sandbox: SandboxControl, alerts: AlertReceiver,
    change_settings: Callable[..., None],
) -> None:  # fmt: skip
    change_settings(report_unusual_days=False)
    reported_before(store, 100)
    sell(store, 10)
    morning = begin()
    morning.run()
    assert (states(morning), sandbox.reports()) == (["failed", "waiting"], [])
    assert alerts.titles[-1] == f"NOT DONE, given up at 07:00: {NAME}"
    assert confirm().exit_code == 0
    assert len(sandbox.reports()) == 1


@pytest.mark.parametrize("run_type", ["manual", "backfill"])
def test_a_run_by_hand_does_not_wait_and_alerts_nobody(
    begin: Begin, store: psycopg.Connection, sandbox: SandboxControl, alerts: AlertReceiver, run_type: str
) -> None:
    reported_before(store, 100)
    sell(store, 10)
    by_hand = begin(run_type=run_type)
    by_hand.run()
    assert [len(task.tried_at) for task in by_hand.tasks] == [1, 0]
    assert (states(by_hand), sandbox.reports(), alerts.titles) == (["failed", "waiting"], [], [])
    assert confirm().exit_code == 0
    again = begin(run_type=run_type)
    again.run()
    assert (states(again), len(sandbox.reports())) == (["done", "done"], 1)


def test_a_confirmation_speaks_of_the_sums_that_were_seen_and_of_no_others(
    begin: Begin, store: psycopg.Connection, sandbox: SandboxControl
) -> None:
    reported_before(store, 100)
    sell(store, 10)
    begin(run_type="manual").run()
    confirm()
    sell(store, 1)
    other = begin(run_type="manual")
    other.run()
    assert states(other) == ["failed", "waiting"]
    assert [report["count"] for report in sandbox.reports()] == [1]
    assert "11 orders placed for 1100.00 yuan" in confirm().output
    assert sum(report["count"] for report in sandbox.reports()) == 2


def test_there_is_nothing_to_confirm_where_nothing_looks_wrong(
    begin: Begin, store: psycopg.Connection, sandbox: SandboxControl
) -> None:
    nothing = confirm()
    assert (nothing.exit_code, nothing.output) == (
        1, "flagship 2026-11-22: its orders were not summed up yet; there is nothing to confirm\n",
    )  # fmt: skip
    sell(store, 60)
    begin().run()
    assert "nothing of it looks wrong" in confirm().output
    assert len(sandbox.reports()) == 1


@pytest.mark.long
def test_a_day_that_youshu_has_is_not_asked_about_again_and_a_yes_that_comes_late_is_kept(
    begin: Begin, store: psycopg.Connection, sandbox: SandboxControl
) -> None:
    reported_before(store, 100)
    sell(store, 10)
    begin().run()
    again = begin(run_type="manual")
    again.run()
    assert states(again) == ["done", "done"]
    result = confirm()
    assert (result.exit_code, "it was reported at 2026-11-23 05:50:00" in result.output) == (0, True)
    assert [report["count"] for report in sandbox.reports()] == [1]


@pytest.mark.long
def test_youshu_that_is_down_when_a_person_confirms_is_told_by_the_run(
    begin: Begin, store: psycopg.Connection, sandbox: SandboxControl, alerts: AlertReceiver
) -> None:
    sell(store, 60, day=DAY - timedelta(days=1))
    sandbox.fault("/data-api/", "http_status", status=503, until=at("05:30").isoformat())

    def ask() -> None:
        result = CliRunner().invoke(retail, ["youshu", "confirm", "flagship", str(DAY)])
        assert result.exit_code == 1

    morning = begin(meanwhile=[(at("05:20"), ask)])
    morning.run()
    assert states(morning) == ["done", "done"]
    assert alerts.titles == [DOUBTFUL, f"done at 05:30: {NAME}"]
    assert len(sandbox.reports()) == 1
