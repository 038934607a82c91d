"""Questions to tables after a load, by Airflow's own check operator."""

from __future__ import annotations

from typing import Any

from airflow.providers.common.sql.operators.sql import SQLCheckOperator

from retail_pipeline.statements import statement


class TableCheckOperator(SQLCheckOperator):
    """Ask one question of ``include/sql/checks``; every column of its one row must be true.

    :param check: the statement's name below ``checks/``
    :param conn_id: the database that is asked
    """

    template_fields = ()

    def __init__(self, *, check: str, conn_id: str, **kwargs: Any) -> None:
        super().__init__(sql=statement(f"checks/{check}"), conn_id=conn_id, **kwargs)
        self.check = check
