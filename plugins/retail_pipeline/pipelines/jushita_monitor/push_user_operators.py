"""Push users of Jushita's data feed, managed by tasks with the same rules as on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from airflow.sdk import BaseOperator

from retail_pipeline.orchestration.fail_without_retry import fail_without_retry
from retail_pipeline.pipelines.jushita_monitor import push_users
from retail_pipeline.vendors.taobao.hook import TaobaoHook

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context


class _PushUsersOperator(BaseOperator):
    """One step for push users.

    :param taobao_conn_id: connection of type ``taobao``
    """

    template_fields: Sequence[str] = ("taobao_conn_id",)
    ui_color = "#fde8dc"

    def __init__(self, *, taobao_conn_id: str = TaobaoHook.default_conn_name, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.taobao_conn_id = taobao_conn_id


class ListPushUsersOperator(_PushUsersOperator):
    """List all push users of the app, including those that were removed."""

    def execute(self, context: Context) -> list[dict[str, Any]]:  # noqa: ARG002
        """Return for each user the platform's fields user_id, user_nick, status, rds_name and rds_id."""
        with fail_without_retry(conn_id=self.taobao_conn_id):
            users = TaobaoHook(self.taobao_conn_id).get_conn().push_users()
        self.log.info("%d push users", len(users))
        return [msgspec.structs.asdict(user) for user in users]


class AddPushUserOperator(_PushUsersOperator):
    """Push the seller whose session the connection holds to an RDS; fail at once if the seller is pushed already.

    A try whose answer was lost may have succeeded; the next one then fails with "is pushed to … already".

    :param history_days: 0 to 90; None leaves it to the console
    :param reroute: the seller is pushed already and is to be pushed to this RDS from now on, without history
    """

    template_fields: Sequence[str] = (*_PushUsersOperator.template_fields, "nick", "rds_name")

    def __init__(
        self,
        *,
        nick: str,
        rds_name: str,
        history_days: int | None = None,
        reroute: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.nick = nick
        self.rds_name = rds_name
        self.history_days = history_days
        self.reroute = reroute

    def execute(self, context: Context) -> str:  # noqa: ARG002
        """Return in words what was done."""
        with fail_without_retry(conn_id=self.taobao_conn_id):
            client = TaobaoHook(self.taobao_conn_id).get_conn()
            done = push_users.add(
                client, self.nick, self.rds_name, history_days=self.history_days, reroute=self.reroute
            )
        self.log.info("%s", done)
        return done


class RemovePushUserOperator(_PushUsersOperator):
    """Stop the push of a seller; fail at once if there is none. Adding the seller again pushes the history again.

    A try whose answer was lost may have succeeded; the next one then fails with "is not pushed".
    """

    template_fields: Sequence[str] = (*_PushUsersOperator.template_fields, "nick")

    def __init__(self, *, nick: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.nick = nick

    def execute(self, context: Context) -> str:  # noqa: ARG002
        """Return in words what was done."""
        with fail_without_retry(conn_id=self.taobao_conn_id):
            done = push_users.remove(TaobaoHook(self.taobao_conn_id).get_conn(), self.nick)
        self.log.info("%s", done)
        return done
