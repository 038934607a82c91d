"""What one shop's push has open while it lasts, in whatever task or thread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from retail_pipeline.alerts.daemon_threads import Aside
from retail_pipeline.alerts.incidents import Finding, IncidentKind
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.orchestration.fail_without_retry import fail_without_retry
from retail_pipeline.orchestration.planned_subjects import Planned, planned_shop
from retail_pipeline.orchestration.sessions import open_postgres
from retail_pipeline.orchestration.unknown_errors import alert_unknown_errors
from retail_pipeline.pipelines.order_push.findings import RUNBOOK
from retail_pipeline.pipelines.order_push.order_sending import BatchSender, End
from retail_pipeline.pipelines.order_push.push_loop import PushLoop
from retail_pipeline.pipelines.order_push.sender_lock import SenderLock
from retail_pipeline.pipelines.order_push.watch import watched_by_its_sender
from retail_pipeline.settings.file import load_settings
from retail_pipeline.vendors.youshu.hook import YoushuHook

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator


@dataclass
class ShopPush:
    """The push of a shop.

    :ivar aside: runs work that must not delay orders
    """

    loop: PushLoop
    aside: Aside
    _opened: ExitStack

    def lock(self, rank: int) -> SenderLock:
        """Return the sender lock as a run of this rank sees it, with a session of its own."""
        session = self._opened.enter_context(open_postgres(self.loop.shop.store_conn_id))
        return SenderLock(session, self.loop.shop.name, rank, self.loop.stopped)

    def watch_itself(self) -> None:
        """Have the loop review its outbox while it is the sender."""
        watch = watched_by_its_sender(self.loop.shop, self.loop.settings, alerting(load_settings().alerts))
        self.loop.review = partial(self.aside.do, "review", watch)


@contextmanager
def open_push(planned: Planned, task: BaseOperator, stopped: Callable[[], bool]) -> Iterator[ShopPush]:
    """Open what a shop's push needs; close it at the end.

    :param planned: the shop
    :param task: by whose name errors are alerted that are in no table
    :param stopped: whether the push is to end
    :raises AirflowFailException: a person must mend it
    """
    settings, shop = load_settings(), planned_shop(planned)
    with fail_without_retry(conn_id=shop.youshu_conn_id), ExitStack() as opened:
        # The session that is opened first is closed last, so that nobody waits for the lock meanwhile.
        aside = opened.enter_context(Aside())
        session = opened.enter_context(open_postgres(shop.store_conn_id))
        hook = YoushuHook(shop.youshu_conn_id)
        loop = PushLoop(
            session,
            shop,
            settings.order_push,
            BatchSender(hook.get_conn(), hook.data_source_id(), settings.order_push.strict_rules),
            unknown=lambda error: aside.do(
                "unknown", partial(alert_unknown_errors, task.dag_id, task.task_id, error)
            ),
            stopped=stopped,
        )
        yield ShopPush(loop, aside, opened)


def results(ends: Counter[End]) -> dict[str, int]:
    """Return the number of the outbox's rows by outcome."""
    return {end.value: ends[end] for end in End}


def push_finding(shop: str, why: str) -> Finding:
    """Return the finding that the push of a shop has failed."""
    do = "mend what «why» names; the next run goes on where this one was"
    return Finding(f"push of {shop}", IncidentKind.INCIDENT, why, "orders cannot be sent", do, RUNBOOK)
