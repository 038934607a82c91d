"""Every SQLSTATE of psycopg's own list is met by the table, and no error of the driver goes through unclassed."""

from __future__ import annotations

import psycopg
import pytest

from retail_pipeline.databases.meanings import Remedy
from retail_pipeline.databases.postgres_errors import MEANINGS, UNTOLD, classed, meaning_of
from retail_pipeline.databases.refusals import refused_value
from retail_pipeline.errors import CheckFailed, ConfigError, DatabaseUnavailable, UnknownDatabaseError

LISTED = {
    kind.sqlstate
    for kind in vars(psycopg.errors).values()
    if isinstance(kind, type) and issubclass(kind, psycopg.Error) and kind.sqlstate
}
TRANSIENT = (
    "08000 08006 08P01 25006 25P02 25P03 25P04 40001 40P01 53100 53200 53300 55006 55P03 57014 57P01 57P02 57P03 "
    "57P05 58000 58030 72000 HV00N"
)
MENDED = {
    "login and password": "28000 28P01",
    "names the database": "3D000 57P04",
    "search_path": "3F000",
    "grant": "42501",
    "retail schema apply": "42P01 42703 42P10",
    "pool_mode": "26000 34000 42P05",
    "temp_file_limit": "53400",
    "damaged": "XX001 XX002 58P01",
    "report it": "42601 42804 25001 54011",
    "trigger": "P0004 39P01 38000 09000",
}
REFUSED = "22001 22003 22007 22021 22P02 22P04 23502 23503 23505 23514 44000 54000 54001 P0001"


def fault(sqlstate: str) -> psycopg.Error:
    return psycopg.errors.lookup(sqlstate)("words")


def test_every_sqlstate_of_the_drivers_list_is_met_or_stands_below_with_its_reason():
    assert len(LISTED) > 250
    assert {state for state in LISTED if meaning_of(state).remedy is Remedy.UNKNOWN} == set(UNTOLD)
    assert len(UNTOLD) <= 20
    assert all(UNTOLD.values())
    assert [name for name in MEANINGS if not any(state.startswith(name) for state in LISTED)] == []


@pytest.mark.parametrize("sqlstate", TRANSIENT.split())
def test_what_passes_by_itself_is_tried_again(sqlstate):
    error = classed("store_postgres", fault(sqlstate))
    assert type(error) is DatabaseUnavailable
    assert f"connection 'store_postgres': [{sqlstate}] words" in str(error)


@pytest.mark.parametrize(
    ("hint", "sqlstate"), [(hint, state) for hint, states in MENDED.items() for state in states.split()]
)
def test_what_a_person_must_mend_says_where(hint, sqlstate):
    error = classed("store_postgres", fault(sqlstate))
    assert type(error) is ConfigError
    assert hint in str(error)


@pytest.mark.parametrize("sqlstate", REFUSED.split())
def test_a_value_that_is_refused_is_not_quoted(sqlstate):
    error = classed("store_postgres", fault(sqlstate))
    assert type(error) is CheckFailed
    assert "words" not in str(error)
    assert sqlstate in str(refused_value(fault(sqlstate)))


@pytest.mark.parametrize("sqlstate", sorted(UNTOLD))
def test_what_nobody_knows_is_tried_again_and_told(sqlstate):
    error = classed("store_postgres", fault(sqlstate))
    assert isinstance(error, UnknownDatabaseError)
    assert error.code == sqlstate


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (psycopg.OperationalError, DatabaseUnavailable),
        (psycopg.errors.ConnectionTimeout, DatabaseUnavailable),
        (psycopg.InterfaceError, DatabaseUnavailable),
        (psycopg.DataError, CheckFailed),
        (psycopg.ProgrammingError, ConfigError),
        (psycopg.NotSupportedError, ConfigError),
        (psycopg.InternalError, UnknownDatabaseError),
        (psycopg.DatabaseError, UnknownDatabaseError),
        (psycopg.Error, UnknownDatabaseError),
    ],
)
def test_without_an_sqlstate_the_drivers_class_tells(kind, expected):
    assert type(classed("store_postgres", kind("words"))) is expected


def test_every_error_class_of_the_driver_is_classed():
    kinds = [
        kind
        for kind in vars(psycopg.errors).values()
        if isinstance(kind, type) and issubclass(kind, psycopg.Error)
    ]
    assert [kind for kind in kinds if classed("store_postgres", kind("words")) is None] == []


def test_what_is_raised_elsewhere_is_none_of_the_drivers():
    assert classed("store_postgres", KeyError("a bug")) is None
    assert refused_value(KeyError("a bug")) is None
    assert refused_value(UnicodeEncodeError("utf-8", "\ud800", 0, 1, "ours")) is None
