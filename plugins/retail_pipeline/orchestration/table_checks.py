"""Checks of tables after a load."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from retail_pipeline.databases.statements import statement
from retail_pipeline.databases.target_session import query_text
from retail_pipeline.errors import CheckFailed
from retail_pipeline.orchestration.fail_without_retry import fail_without_retry
from retail_pipeline.orchestration.planned_subjects import Planned
from retail_pipeline.orchestration.sessions import open_target

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context


class TableCheckOperator(BaseOperator):
    """Run one query of ``include/sql/checks``; every column of its one row must be true.

    Airflow's own SQLCheckOperator would not do: its sessions do not prove their settings.

    :param check: the statement's name below ``checks/``
    :param target: the database to query, as planned
    """

    template_fields: Sequence[str] = ("target",)
    ui_color = "#fff7e6"

    def __init__(self, *, check: str, target: Planned, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.check = check
        self.target = target

    def execute(self, context: Context) -> None:  # noqa: ARG002
        """Fail with the names of the columns that are not true."""
        conn_id = self.target["name"]
        with fail_without_retry():
            with open_target(conn_id) as session:
                [answers] = query_text(session, statement(f"checks/{self.check}"))
            if broken := [name for name, holds in answers.items() if not holds]:
                where = f"include/sql/checks/{self.check.replace('/', '.sql:')}"
                raise CheckFailed(f"connection {conn_id!r}: {', '.join(broken)}: no ({where})")
            self.log.info("holds: %s", ", ".join(answers))
