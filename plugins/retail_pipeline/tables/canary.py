"""The canary of a load: it is loaded as rows are, into a table of the session's own, and is read back there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retail_pipeline.databases.canary import TOLD, VALUES, hold_against
from retail_pipeline.databases.session_owners import connection_of
from retail_pipeline.databases.statements import statement
from retail_pipeline.databases.target_session import query_text
from retail_pipeline.errors import CheckFailed, ConfigError
from retail_pipeline.tables.column_values import columns_of
from retail_pipeline.tables.description import (
    Table,
    TableFamily,
    bigint,
    json_text,
    long_text,
    moment,
    money,
    text,
)
from retail_pipeline.tables.table_statements import stage as stage_of

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session
    from retail_pipeline.tables.stage import Stage

_COLUMNS = (
    bigint("id", required=True),
    moment("moment"),
    text("words", 200),
    money("amount"),
    json_text("document"),
    long_text("blank"),
    long_text("missing"),
)
CANARY = TableFamily(Table("session_canary", "", ("id",), _COLUMNS), versions=("id",), lookup="id")


def prove_load(session: Session, stage: Stage) -> None:
    """Load one row and compare what the server says about it with what it must be.

    :param stage: of the session, for CANARY; closed afterwards
    :raises ConfigError: something does not arrive as it was sent
    """
    head = CANARY.head
    try:
        stage.add(head, columns_of(head, [VALUES]))
        stage.load()
        told = query_text(
            session, statement("sinks/canary", stage.statements.dialect).format(stage=stage_of(head))
        )
        stage.clear()
    except CheckFailed as fault:
        raise ConfigError(f"connection {connection_of(session)!r} refuses its canary: {fault}") from fault
    finally:
        stage.close()
    hold_against(connection_of(session), told[0], TOLD)
