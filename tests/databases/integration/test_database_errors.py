"""What real servers say when they say no: each becomes what the caller must do, and no value is told."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
import pymysql
import pytest

from retail_pipeline.databases import postgres_session
from retail_pipeline.databases.mysql_session import faults_of, query_text, transaction
from retail_pipeline.databases.refusals import refused_value
from retail_pipeline.errors import (
    CheckFailed,
    ConfigError,
    DatabaseUnavailable,
    PipelineError,
    UnknownDatabaseError,
)
from retail_pipeline.orchestration.sessions import open_mysql, open_postgres
from tests.conftest import server_url

SECRET = "13800138000"
GONE = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"


@pytest.fixture
def session(store: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """A session of ours, whose classing is in the test's own hands."""
    with psycopg.connect(server_url("STORE_POSTGRES_URL"), autocommit=True) as session:
        session.execute("CREATE TEMPORARY TABLE probe (phone varchar(5), doc jsonb, n smallint)")
        yield session


def postgres_says(session: psycopg.Connection, *statements: str) -> None:
    with postgres_session.faults_of("store_postgres"):
        for sql in statements:
            session.execute(sql)


VALUES = {
    "too long": (f"INSERT INTO probe (phone) VALUES ('{SECRET}')", "22001"),
    "no number": (f"INSERT INTO probe (n) SELECT 'x{SECRET}'::text::smallint", "22P02"),
    "out of range": ("INSERT INTO probe (n) VALUES (99999)", "22003"),
    "a trigger's no": (f"DO $$BEGIN RAISE EXCEPTION 'no % here', '{SECRET}'; END$$", "P0001"),
    "nested too deep": ("SELECT (repeat('[', 100000))::jsonb", "54001"),
    "a number of no jsonb": (
        f"INSERT INTO probe (doc) SELECT ('{{\"a\": {SECRET}e200000}}')::text::jsonb",
        "22003",
    ),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_that_postgresql_refuses_is_named_by_its_column_alone(
    session: psycopg.Connection, name: str
) -> None:
    sql, code = VALUES[name]
    with pytest.raises(CheckFailed) as caught:
        postgres_says(session, sql)
    assert f"[{code}]" in str(caught.value)
    assert SECRET not in str(caught.value)


def test_what_a_server_adds_to_its_words_is_not_told(session: psycopg.Connection) -> None:
    raising = f"RAISE EXCEPTION 'busy' USING ERRCODE = '55P03', DETAIL = 'of {SECRET}', HINT = '{SECRET}'"
    with pytest.raises(DatabaseUnavailable, match="55P03") as caught:
        postgres_says(session, f"DO $$BEGIN {raising}; END$$")
    assert SECRET not in "".join(traceback.format_exception(caught.value))


OF_A_TRIGGER = {
    "a code of the shop's own": (
        f"RAISE 'no % here', '{SECRET}' USING ERRCODE = 'UP001'",
        UnknownDatabaseError,
    ),
    "nothing was found": (f"RAISE no_data_found USING MESSAGE = 'no {SECRET}'", ConfigError),
    "a lock": (f"RAISE 'busy with {SECRET}' USING ERRCODE = '55P03'", DatabaseUnavailable),
    "a value": (f"RAISE 'no {SECRET}'", CheckFailed),
    "what must hold": (f"ASSERT false, 'no {SECRET}'", ConfigError),
}


@pytest.mark.parametrize("name", OF_A_TRIGGER)
def test_of_what_a_trigger_says_only_its_name_is_told(session: psycopg.Connection, name: str) -> None:
    """Whatever the code means: its words go into alerts and certificates."""
    says, kind = OF_A_TRIGGER[name]
    session.execute(
        "CREATE FUNCTION pg_temp.refuse_phone() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN "
        + says
        + "; END$$"
    )
    session.execute(
        "CREATE TRIGGER no_phone BEFORE INSERT ON probe FOR EACH ROW EXECUTE FUNCTION pg_temp.refuse_phone()"
    )
    with pytest.raises(kind, match=r"refuse_phone\(\) raises it") as caught:
        postgres_says(session, "INSERT INTO probe (n) VALUES (1)")
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_value_that_copy_refuses_is_named_by_its_column(session: psycopg.Connection) -> None:
    with (
        pytest.raises(psycopg.Error) as caught,
        session.cursor().copy("COPY probe (phone, n) FROM STDIN") as copy,
    ):
        copy.write(f"1\t{SECRET}\n".encode())
    assert refused_value(caught.value) == "n (22003)"


@pytest.mark.parametrize("text", ["nul \0", "half \ud83d"], ids=["nul", "half a character"])
def test_a_text_that_the_driver_refuses_is_a_value(store: psycopg.Connection, text: str) -> None:
    with pytest.raises(CheckFailed, match="refuses a value"), open_postgres("store_postgres") as ours:
        ours.execute("SELECT %s::text", [text])


@pytest.mark.parametrize(
    ("settings", "sql", "code"),
    [
        ("SET statement_timeout = '10ms'", "SELECT pg_sleep(30)", "57014"),
        ("SET default_transaction_read_only = on", "CREATE TABLE probe_2 (n int)", "25006"),
        ("SELECT 1", "SELECT pg_terminate_backend(pg_backend_pid())", "57P01"),
    ],
)
def test_what_passes_is_tried_again(session: psycopg.Connection, settings: str, sql: str, code: str) -> None:
    with pytest.raises(DatabaseUnavailable, match=rf"\[{code}\]"):
        postgres_says(session, settings, sql)


@pytest.mark.parametrize("how", ["idle_in_transaction_session_timeout", "transaction_timeout", "killed"])
def test_a_session_that_dies_within_a_transaction_passes(store: psycopg.Connection, how: str) -> None:
    if how == "transaction_timeout" and store.info.server_version < 170000:
        pytest.skip("PostgreSQL 17 has it first")

    def lose(ours: psycopg.Connection[Any]) -> None:
        pid = ours.info.backend_pid
        if how == "killed":
            store.execute("SELECT pg_terminate_backend(%s)", [pid])
        else:
            ours.execute(f"SET {how} = '20ms'")  # type: ignore[call-overload]
        with ours.transaction():
            ours.execute("SELECT 1")
            while store.execute(GONE, [pid]).fetchone() != (0,):
                pass
            ours.execute("SELECT 1")

    with pytest.raises(DatabaseUnavailable), open_postgres("store_postgres") as ours:
        lose(ours)


def test_a_plan_that_a_changed_table_made_void_is_tried_again_and_told(
    session: psycopg.Connection, store: psycopg.Connection
) -> None:
    store.execute("CREATE TABLE probe_plan (n int)")
    session.execute("SELECT * FROM probe_plan", prepare=True)
    store.execute("ALTER TABLE probe_plan ADD COLUMN more int")
    with pytest.raises(UnknownDatabaseError) as caught, postgres_session.faults_of("store_postgres"):
        session.execute("SELECT * FROM probe_plan", prepare=True)
    assert caught.value.code == "0A000"


def test_a_column_that_is_missing_is_mended_by_the_schema(session: psycopg.Connection) -> None:
    with pytest.raises(ConfigError, match="retail schema apply"):
        postgres_says(session, "SELECT missing FROM probe")


def bi_without(**how: Any) -> pymysql.Connection[Any]:
    url = urlsplit(server_url("BI_MYSQL_URL"))
    return pymysql.connect(
        host=url.hostname or "",
        port=url.port or 3306,
        user=url.username,
        password=unquote(url.password or ""),
        database=url.path.lstrip("/"),
        autocommit=True,
        **how,
    )


def mysql_says(*statements: str, **values: str) -> None:
    with open_mysql("bi_mysql") as ours:
        for sql in statements:
            query_text(ours, sql, values or None)


def test_local_infile_that_is_off_says_how_to_turn_it_on(tmp_path: Any) -> None:
    file = tmp_path / "rows"
    file.write_text("1\n")
    with closing(bi_without(local_infile=False)) as bi, bi.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE probe (n int)")
        with pytest.raises(ConfigError, match="local_infile=ON") as caught, faults_of("bi_mysql"):
            cursor.execute(f"LOAD DATA LOCAL INFILE '{file}' INTO TABLE probe")
    assert "[4166]" in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "sql", "code"),
    [
        (
            "SET SESSION max_statement_time = 0.01",
            "SELECT COUNT(*) FROM information_schema.columns a, "
            "information_schema.columns b, information_schema.columns c",
            1969,
        ),
        ("SET SESSION TRANSACTION READ ONLY", "DELETE FROM probe", 1792),
    ],
)
def test_what_passes_in_mysql_is_tried_again(
    bi: pymysql.Connection, mysql_server: str, settings: str, sql: str, code: int
) -> None:
    if mysql_server == "mysql" and code == 1969:  # the same limit, in milliseconds
        settings, code = "SET SESSION max_execution_time = 10", 3024
    with bi.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS probe (n int)")
    with pytest.raises(DatabaseUnavailable, match=rf"\[{code}\]"):
        mysql_says(settings, sql)
    with bi.cursor() as cursor:
        cursor.execute("DROP TABLE probe")


def test_a_session_that_somebody_kills_passes(bi: pymysql.Connection) -> None:
    def lose(ours: pymysql.Connection[Any]) -> None:
        with transaction(ours), bi.cursor() as cursor:
            cursor.execute(f"KILL {ours.thread_id()}")
            query_text(ours, "SELECT 1")

    with pytest.raises(DatabaseUnavailable), open_mysql("bi_mysql") as ours:
        lose(ours)


def test_a_value_that_mysql_refuses_is_named_by_its_column_alone(bi: pymysql.Connection) -> None:
    with pytest.raises(CheckFailed, match="phone") as caught:
        mysql_says(
            "CREATE TEMPORARY TABLE probe (phone varchar(5))",
            "INSERT INTO probe VALUES (%(phone)s)",
            phone=SECRET,
        )
    assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(("state", "code"), [("45000", 1644), ("02000", 1643), ("23000", 1644)])
def test_what_a_trigger_of_mysql_signals_is_not_told(bi: pymysql.Connection, state: str, code: int) -> None:
    """Nor what it calls a key."""
    words = f"key '{SECRET}' is taken"
    with pytest.raises(PipelineError, match="signals it") as caught:
        mysql_says(f"SIGNAL SQLSTATE '{state}' SET MESSAGE_TEXT = \"{words}\"")
    assert f"[{code}]" in str(caught.value)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_text_that_pymysql_cannot_encode_is_a_value(bi: pymysql.Connection) -> None:
    with pytest.raises(CheckFailed, match="half a character"):
        mysql_says("SELECT %(text)s", text="half \ud83d")


def test_a_mistake_in_a_statement_is_reported_without_its_values(bi: pymysql.Connection) -> None:
    with pytest.raises(ConfigError, match="report it") as caught:
        mysql_says("SELEKT %(phone)s", phone=SECRET)
    assert SECRET not in str(caught.value)
