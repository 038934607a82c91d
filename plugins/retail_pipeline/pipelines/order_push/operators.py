"""The push of orders as tasks: the sender of each shop, its helpers, and its watches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from airflow.sdk import BaseOperator, BaseSensorOperator, PokeReturnValue

from retail_pipeline import clock
from retail_pipeline.alerts.daemon_threads import Aside, begin
from retail_pipeline.alerts.guard_record import has_looked
from retail_pipeline.alerts.incident_watch import review_incidents
from retail_pipeline.alerts.incidents import Finding, IncidentKind
from retail_pipeline.business_time import Window
from retail_pipeline.errors import ConfigError, DatabaseUnavailable, TaskStopped
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.orchestration.fail_without_retry import fail_without_retry
from retail_pipeline.orchestration.plan_operators import PlanPushingShopsOperator
from retail_pipeline.orchestration.planned_subjects import Planned, as_planned, planned_shop
from retail_pipeline.orchestration.sessions import open_postgres
from retail_pipeline.orchestration.unknown_errors import alert_unknown_errors
from retail_pipeline.pipelines.order_push.capture import OrderCapture
from retail_pipeline.pipelines.order_push.findings import RUNBOOK, helpers_needed, watch_finding
from retail_pipeline.pipelines.order_push.missing_orders import (
    ORDER_RECONCILE,
    comparison_finding,
    missing_finding,
    name_finding,
    unreadable_finding,
)
from retail_pipeline.pipelines.order_push.order_sending import BatchSender, End
from retail_pipeline.pipelines.order_push.push_loop import PushLoop
from retail_pipeline.pipelines.order_push.reconcile import OrderReconcile
from retail_pipeline.pipelines.order_push.sender_lock import STAND_IN, SenderLock, is_forsaken, rank_of
from retail_pipeline.pipelines.order_push.watch import WATCH, outstanding, review_shop, watched_by_its_sender
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.order_push import OrderPush
from retail_pipeline.settings.retail import LoadSettings, Shop
from retail_pipeline.vendors.youshu.hook import YoushuHook
from retail_pipeline.windows.ledger import SCHEDULED
from retail_pipeline.windows.load_runs import load_run

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

EVERY_MINUTES: Final = 10
# A sender goes on while no newer run comes, since the scheduler may be down. After this time it leaves its slot.
MAX_STAY = timedelta(hours=2)
# A check every minute is too slow to find a shop without a sender: a stand-in has to be there within a minute.
LOOK_AGAIN = timedelta(seconds=30)
# A backfill's run covers the time since the run before it.
_WINDOWS = LoadSettings(every_minutes=EVERY_MINUTES)


class _PushOperator(BaseOperator):
    """Push one shop's orders.

    :param shop: as planned
    """

    watch: ClassVar = WATCH
    template_fields: Sequence[str] = ("shop",)
    ui_color = "#e3ecfa"
    _stopping = False

    def __init__(self, *, shop: Planned, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shop = shop

    def on_kill(self) -> None:
        """Let the push end: Airflow calls this when the task or its worker is stopped, and kills it 5 s later."""
        self._stopping = True

    def execute(self, context: Context) -> dict[str, int]:
        """Return the number of the outbox's rows by outcome.

        :raises TaskStopped: the task was stopped; calls on their way are recorded, and the lock is released
        """
        settings = load_settings()
        shop = planned_shop(self.shop)
        with fail_without_retry(conn_id=shop.youshu_conn_id), ExitStack() as opened:
            # The session that is opened first is closed last, so that nobody waits for the lock meanwhile.
            aside = opened.enter_context(Aside())
            session = opened.enter_context(open_postgres(shop.store_conn_id))
            hook = YoushuHook(shop.youshu_conn_id)
            strict = settings.order_push.strict_rules
            sender = BatchSender(hook.get_conn(), hook.data_source_id(), strict)
            loop = PushLoop(
                session,
                shop,
                settings.order_push,
                sender,
                unknown=lambda error: aside.do(
                    "unknown", partial(alert_unknown_errors, self.dag_id, self.task_id, error)
                ),
                stopped=self._is_stopped,
            )
            ends = self.push(context, loop, opened, aside)
        if self._stopping:
            raise TaskStopped(f"{shop.name}: stopped, after {ends[End.ACCEPTED]} orders")
        return {end.value: ends[end] for end in End}

    def _is_stopped(self) -> bool:
        return self._stopping

    def push(self, context: Context, loop: PushLoop, opened: ExitStack, aside: Aside) -> Counter[End]:
        """Push, and return what became of the rows.

        :param aside: runs work that must not delay orders
        """
        raise NotImplementedError

    def failure(self, why: str) -> Finding:
        """Return the finding that the task has failed."""
        do = "mend what «why» names; the next run goes on where this one was"
        return Finding(
            f"push of {self.shop['name']}", IncidentKind.INCIDENT, why, "orders cannot be sent", do, RUNBOOK
        )


class PlanPushOperator(PlanPushingShopsOperator):
    """Return the shops whose orders a run pushes; none where the DAG's other task pushes them.

    :param scheduled: for the task of scheduled runs, otherwise for the task of manual runs and backfills
    """

    def __init__(self, *, scheduled: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scheduled = scheduled

    def execute(self, context: Context) -> list[dict[str, Any]]:
        """Return an element for each mapped task."""
        is_scheduled = context["dag_run"].run_type == SCHEDULED
        return super().execute(context) if is_scheduled is self.scheduled else []


class PushOrdersOperator(_PushOperator):
    """Be the sender of a shop until a newer run takes over, and then its standby until another one comes."""

    def push(self, context: Context, loop: PushLoop, opened: ExitStack, aside: Aside) -> Counter[End]:
        """Push, and return the outcomes of the rows."""
        watch = watched_by_its_sender(loop.shop, loop.settings, alerting(load_settings().alerts))
        loop.review = partial(aside.do, "review", watch)
        session = opened.enter_context(open_postgres(loop.shop.store_conn_id))
        rank = rank_of(context["dag_run"].run_after, context["ti"].try_number)
        lock = SenderLock(session, loop.shop.name, rank, loop.stopped)
        return loop.stay(lock, clock.now() + MAX_STAY)


class PushOrdersOnceOperator(_PushOperator):
    """Push the rows that are due, once, beside any sender, without waiting for the lock.

    Before that, every order that was changed in the window of the params or of a backfill is enqueued.
    """

    def push(self, context: Context, loop: PushLoop, *_: object) -> Counter[End]:
        """Push, and return the outcomes of the rows."""
        run = load_run(context, self.dag_id, _WINDOWS, filters=())
        if run.window:
            self._enqueue(loop, run.window)
        return loop.run(clock.now() + MAX_STAY)

    def _enqueue(self, loop: PushLoop, window: Window) -> None:
        capture = OrderCapture(loop.session, loop.shop.name, loop.shop.order_sources, loop.settings.lookback)
        added = capture.enqueue(window.start, window.end)
        self.log.info("%s: %d rows enqueued of %s to %s", loop.shop.name, added, window.start, window.end)


class HelpPushOrdersOperator(_PushOperator):
    """Push due rows, once, beside the shop's sender: no row is claimed twice. Without a sender, stand in.

    It gives no sign of life as a sender, so that the missing sender is still alerted.
    """

    def push(self, context: Context, loop: PushLoop, opened: ExitStack, *_: object) -> Counter[End]:  # noqa: ARG002
        """Push, and return the outcomes of the rows."""
        if not is_forsaken(loop.session, loop.shop.name):
            return loop.run(until=clock.now())
        session = opened.enter_context(open_postgres(loop.shop.store_conn_id))
        lock = SenderLock(session, loop.shop.name, STAND_IN, loop.stopped)
        return loop.stand_in(lock, clock.now() + MAX_STAY)


class PlanPushHelpersOperator(BaseSensorOperator):
    """Return the shops whose sender needs help, each as often as it needs another task; none in normal operation.

    A shop that had a sender and whose lock nobody holds gets a stand-in, at once. So a scheduled run that finds
    nothing to do checks again half a minute later; in between it holds no worker, which might die with the sender.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(mode="reschedule", poke_interval=LOOK_AGAIN.total_seconds(), **kwargs)

    def poke(self, context: Context) -> PokeReturnValue:
        """Return shops, as planned."""
        settings = load_settings()
        pushing = settings.shops_that_push_orders()
        # All at once: several databases that do not answer delay the others no longer than one.
        looks = [(shop, begin(partial(self._helpers, shop, settings.order_push))) for shop in pushing]
        shops = [as_planned(shop) for shop, look in looks for _ in range(look.result())]
        run = context["dag_run"]
        last = run.run_type != SCHEDULED or clock.now() >= run.run_after + LOOK_AGAIN
        return PokeReturnValue(is_done=bool(shops) or last, xcom_value=shops)

    def _helpers(self, shop: Shop, limits: OrderPush) -> int:
        now = clock.now()
        try:
            with open_postgres(shop.store_conn_id, brief=True) as session:
                outbox = outstanding(session, shop.name, limits, now)
                forsaken = is_forsaken(session, shop.name)
        except (DatabaseUnavailable, ConfigError) as fault:
            self.log.warning("%s: %s", shop.name, fault)  # its watch alerts; other shops still get help
            return 0
        helpers = max(helpers_needed(outbox, limits, now), int(forsaken))
        if forsaken:
            self.log.warning("%s: nobody is at the sender's lock: one stands in", shop.name)
        self.log.info("%s: %d orders wait: %d helpers", shop.name, outbox.waiting, helpers)
        return helpers


class WatchOutboxOperator(BaseOperator):
    """Check whether one shop's orders are about to be late, independently of its sender.

    :param shop: as planned
    """

    watch: ClassVar = WATCH
    template_fields: Sequence[str] = ("shop",)
    ui_color = "#fdf3d8"

    def __init__(self, *, shop: Planned, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shop = shop

    def failure(self, why: str) -> Finding:
        """Return the finding that the watch has failed."""
        return watch_finding(self.shop["name"], why)

    def execute(self, context: Context) -> dict[str, str]:  # noqa: ARG002
        """Return the findings by subject."""
        settings = load_settings()
        with fail_without_retry():
            findings = review_shop(planned_shop(self.shop), settings)
        has_looked(self.watch, watch_finding(self.shop["name"]).subject, alerting(settings.alerts))
        return {finding.subject: finding.what or "fine" for finding in findings}


class ReconcileOrdersOperator(BaseOperator):
    """Compare one shop's orders and returns with its outbox, enqueue missing ones, and alert where any were missing.

    :param shop: as planned
    """

    watch: ClassVar = ORDER_RECONCILE
    template_fields: Sequence[str] = ("shop",)
    ui_color = "#e3ecfa"

    def __init__(self, *, shop: Planned, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shop = shop

    def failure(self, why: str) -> Finding:
        """Return the finding that the comparison has failed."""
        return comparison_finding(self.shop["name"], why)

    def execute(self, context: Context) -> dict[str, int]:
        """Return how many orders and returns were compared, and how many were missing."""
        settings = load_settings()
        shop, how = planned_shop(self.shop), settings.order_push
        with fail_without_retry(), open_postgres(shop.store_conn_id) as session:
            days = int(context["params"].get("days") or how.reconcile_days)
            reconciling = OrderReconcile(session, shop, how.lookback)
            missing = reconciling.reconcile(days, enqueue=True)
            unknown = reconciling.unknown_shop(days, missing)
        findings = [
            missing_finding(shop, missing, how.lookback),
            name_finding(shop.name, unknown),
            unreadable_finding(shop.name, missing),
            comparison_finding(shop.name),
        ]
        outlet = alerting(settings.alerts)
        review_incidents(self.watch, findings, outlet, clock.now())
        has_looked(self.watch, comparison_finding(shop.name).subject, outlet)
        self.log.info("%s: %s", shop.name, findings[0].why)
        return {name: getattr(missing, name) for name in ("compared", "records", "states", "changed")}
