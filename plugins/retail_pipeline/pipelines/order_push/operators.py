"""The push of orders as tasks: the sender of all shops, its helpers, and a window by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from airflow.sdk import BaseOperator, BaseSensorOperator, PokeReturnValue
from airflow.sdk.exceptions import AirflowSkipException

from retail_pipeline import clock
from retail_pipeline.alerts.daemon_threads import begin
from retail_pipeline.alerts.incidents import Finding
from retail_pipeline.business_time import Window
from retail_pipeline.errors import ConfigError, DatabaseUnavailable, TaskStopped
from retail_pipeline.orchestration.plan_operators import PlanPushingShopsOperator
from retail_pipeline.orchestration.planned_subjects import Planned, as_planned
from retail_pipeline.orchestration.resident_operator import MAX_STAY, ResidentOperator
from retail_pipeline.orchestration.sessions import open_postgres
from retail_pipeline.pipelines.order_push.capture import OrderCapture
from retail_pipeline.pipelines.order_push.findings import helpers_needed
from retail_pipeline.pipelines.order_push.order_sending import End
from retail_pipeline.pipelines.order_push.push_loop import PushLoop
from retail_pipeline.pipelines.order_push.sender_lock import STAND_IN, is_forsaken, rank_of
from retail_pipeline.pipelines.order_push.shop_push import ShopPush, open_push, push_finding, results
from retail_pipeline.pipelines.order_push.watch import WATCH, outstanding
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.order_push import OrderPush
from retail_pipeline.settings.retail import LoadSettings, Shop
from retail_pipeline.windows.ledger import SCHEDULED
from retail_pipeline.windows.load_runs import load_run

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

EVERY_MINUTES: Final = 10
# A check every minute is too slow to find a shop without a sender: a stand-in has to be there within a minute.
LOOK_AGAIN = timedelta(seconds=30)
# A backfill's run covers the time since the run before it.
_WINDOWS = LoadSettings(every_minutes=EVERY_MINUTES)


class PlanPushOperator(PlanPushingShopsOperator):
    """Return the shops whose orders a run pushes. Skipped where the DAG's other task pushes them, or there are none.

    :param scheduled: for the task of scheduled runs, otherwise for the task of manual runs and backfills
    """

    def __init__(self, *, scheduled: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scheduled = scheduled

    def execute(self, context: Context) -> list[dict[str, Any]]:
        """Return the shops, as planned."""
        is_scheduled = context["dag_run"].run_type == SCHEDULED
        if is_scheduled is not self.scheduled:
            raise AirflowSkipException("another task of this DAG pushes the orders of such a run")
        if shops := super().execute(context):
            return shops
        raise AirflowSkipException("no shop pushes orders")


class _ResidentPushOperator(ResidentOperator):
    """Push the orders of shops, each in a thread of its own."""

    watch = WATCH
    ui_color = "#e3ecfa"

    def serve(self, context: Context, subject: Planned) -> dict[str, int]:
        """Push one shop's orders, and return the number of the outbox's rows by outcome."""
        with open_push(subject, self, self.must_end) as push:
            return results(self.push(context, push))

    def push(self, context: Context, push: ShopPush) -> Counter[End]:
        """Push, and return what became of the rows."""
        raise NotImplementedError

    def failure(self, subject: str, why: str) -> Finding:
        """Return the finding that the push of a shop has failed."""
        return push_finding(subject, why)


class PushOrdersOperator(_ResidentPushOperator):
    """Be the sender of each shop until a newer run takes over, and then its standby until another one comes.

    Once two newer runs are there for any of its shops, the run leaves all of them, so that it leaves its slot.
    """

    def push(self, context: Context, push: ShopPush) -> Counter[End]:
        """Push, and return the outcomes of the rows."""
        push.watch_itself()
        lock = push.lock(rank_of(context["dag_run"].run_after, context["ti"].try_number))
        ends = push.loop.stay(lock, self.until)
        if lock.two_are_newer:
            self.leave()
        return ends


class HelpPushOrdersOperator(_ResidentPushOperator):
    """Push due rows, once, beside the shops' senders: no row is claimed twice. Without a sender, stand in.

    It gives no sign of life as a sender, so that the missing sender is still alerted.
    """

    def push(self, context: Context, push: ShopPush) -> Counter[End]:  # noqa: ARG002
        """Push, and return the outcomes of the rows."""
        if not is_forsaken(push.loop.session, push.loop.shop.name):
            return push.loop.run(until=clock.now())
        return push.loop.stand_in(push.lock(STAND_IN), self.until)


class PushOrdersOnceOperator(BaseOperator):
    """Push one shop's rows that are due, once, beside any sender, without waiting for the lock.

    Before that, every order that was changed in the window of the params or of a backfill is enqueued.

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

    def failure(self, why: str) -> Finding:
        """Return the finding that the push has failed."""
        return push_finding(self.shop["name"], why)

    def execute(self, context: Context) -> dict[str, int]:
        """Return the number of the outbox's rows by outcome.

        :raises TaskStopped: the task was stopped; calls on their way are recorded
        """
        with open_push(self.shop, self, lambda: self._stopping) as push:
            run = load_run(context, self.dag_id, _WINDOWS, filters=())
            if run.window:
                self._enqueue(push.loop, run.window)
            done = results(push.loop.run(clock.now() + MAX_STAY))
        if self._stopping:
            raise TaskStopped(f"{self.shop['name']}: stopped, after {done}")
        return done

    def _enqueue(self, loop: PushLoop, window: Window) -> None:
        capture = OrderCapture(loop.session, loop.shop.name, loop.shop.order_sources, loop.settings.lookback)
        added = capture.enqueue(window.start, window.end)
        self.log.info("%s: %d rows enqueued of %s to %s", loop.shop.name, added, window.start, window.end)


@dataclass(frozen=True)
class Help:
    """The help that a shop's sender needs: so many tasks beside it, or, if it is forsaken, a stand-in."""

    helpers: int = 0
    forsaken: bool = False


class PlanPushHelpersOperator(BaseSensorOperator):
    """Return the shops of each task that is to help, none in normal operation: all that are forsaken, and one each.

    The forsaken, who had a sender and whose lock nobody holds, get one stand-in together, at once. So a scheduled run
    that finds nothing to do checks again half a minute later; in between it holds no worker, which might die with the
    sender.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(mode="reschedule", poke_interval=LOOK_AGAIN.total_seconds(), **kwargs)

    def poke(self, context: Context) -> PokeReturnValue:
        """Return lists of shops, as planned."""
        settings = load_settings()
        pushing = settings.shops_that_push_orders()
        # All at once: several databases that do not answer delay the others no longer than one.
        looks = [(shop, begin(partial(self._help, shop, settings.order_push))) for shop in pushing]
        helped = [(as_planned(shop), look.result()) for shop, look in looks]
        forsaken = [shop for shop, needs in helped if needs.forsaken]
        tasks = [[shop] for shop, needs in helped for _ in range(needs.helpers)]
        tasks = [forsaken, *tasks] if forsaken else tasks
        run = context["dag_run"]
        last = run.run_type != SCHEDULED or clock.now() >= run.run_after + LOOK_AGAIN
        return PokeReturnValue(is_done=bool(tasks) or last, xcom_value=tasks)

    def _help(self, shop: Shop, limits: OrderPush) -> Help:
        now = clock.now()
        try:
            with open_postgres(shop.store_conn_id, brief=True) as session:
                outbox = outstanding(session, shop.name, limits, now)
                forsaken = is_forsaken(session, shop.name)
        except (DatabaseUnavailable, ConfigError) as fault:
            self.log.warning("%s: %s", shop.name, fault)  # its watch alerts; other shops still get help
            return Help()
        helpers = max(helpers_needed(outbox, limits, now) - forsaken, 0)
        if forsaken:
            self.log.warning("%s: nobody is at the sender's lock: one stands in", shop.name)
        self.log.info("%s: %d orders wait: %d helpers", shop.name, outbox.waiting, helpers)
        return Help(helpers, forsaken)
