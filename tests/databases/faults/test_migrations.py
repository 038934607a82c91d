"""Migrations on real servers: cut in the middle, two at once, files that were changed, phases."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from retail_pipeline import clock
from retail_pipeline.databases import migrations
from retail_pipeline.databases.migrations import Migration, alone, findings_of, migrate, statements_of
from retail_pipeline.databases.statements import SQL
from retail_pipeline.databases.target_session import change, dialect, query_text
from retail_pipeline.errors import ConfigError
from retail_pipeline.orchestration.sessions import open_target
from tests.conftest import empty_database, open_bi, server_url
from tests.databases.installation_of_dfa5513 import tables_of
from tests.databases.structure import structure_of
from tests.patience import PATIENCE

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session

CONNECTIONS = ("warehouse_postgres", "bi_mysql")
DIE = {"postgres": "SELECT pg_terminate_backend(pg_backend_pid())", "mysql": "KILL CONNECTION_ID()"}


def empty_bi() -> None:
    with closing(open_bi()) as session, session.cursor() as cursor:
        cursor.execute("SHOW TABLES")
        for (table,) in cursor.fetchall():
            cursor.execute(f"DROP TABLE {table}")


@pytest.fixture(params=CONNECTIONS)
def target(request, mysql_server) -> Iterator[str]:
    """The connection of an empty database; others find their tables afterwards."""
    if request.param == "bi_mysql":
        empty_bi()
        yield request.param
        empty_bi()
    else:
        for _ in empty_database(server_url("WAREHOUSE_POSTGRES_URL")):
            yield request.param


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of migrations in place of ours."""
    monkeypatch.setattr(migrations, "SQL", tmp_path)
    monkeypatch.setattr(migrations, "folder_of", lambda session, scope: tmp_path)
    (tmp_path / "functions").mkdir()
    return tmp_path


def write(files: Path, **texts: str) -> None:
    for name, text in texts.items():
        path = files / f"{name.replace('__', '/').replace('_after', '.after')}.sql"
        path.write_text(text, encoding="utf-8")


def apply(conn_id: str, phase: migrations.Phase | None = None) -> list[str]:
    with open_target(conn_id) as session, alone(session, conn_id, print):
        return list(migrate(session, conn_id, "target", phase))


def states(conn_id: str) -> dict[str, str]:
    with open_target(conn_id) as session:
        return {found.name: found.state for found in findings_of(session, "target")}


def columns(conn_id: str) -> list[str]:
    with open_target(conn_id) as session:
        return [row["name"].lower() for row in query_text(session, _DESCRIBED[dialect(session)])]


_DESCRIBED = {
    "postgres": "SELECT column_name AS name FROM information_schema.columns WHERE table_name = 't' ORDER BY 1",
    "mysql": "SELECT column_name AS name FROM information_schema.columns"
    " WHERE table_schema = DATABASE() AND table_name = 't' ORDER BY 1",
}


def test_each_is_applied_once_and_noted(target, files):
    write(files, **{"010_a": "CREATE TABLE t (a integer)", "020_b": "ALTER TABLE t ADD b integer"})
    assert states(target) == {"010_a": "pending", "020_b": "pending"}
    assert apply(target) == ["010_a", "020_b"]
    assert apply(target) == []
    write(files, **{"030_c": "ALTER TABLE t ADD c integer"})
    assert states(target) == {"010_a": "applied", "020_b": "applied", "030_c": "pending"}
    assert apply(target) == ["030_c"]
    assert columns(target) == ["a", "b", "c"]
    with open_target(target) as session:
        rows = query_text(session, "SELECT * FROM etl_schema_migration")
    assert {(row["scope"], row["phase"], row["version"]) for row in rows} == {("target", "before", "0.1.0")}
    assert all(row["started_at"] <= row["finished_at"] for row in rows)


def test_one_database_may_have_several_schemas(target, files):
    write(files, **{"010_a": "CREATE TABLE IF NOT EXISTS t (a integer)"})
    with open_target(target) as session:
        assert [list(migrate(session, target, scope)) for scope in ("warehouse", "target")] == [["010_a"]] * 2


def test_one_that_fails_is_not_noted_as_applied_and_stops_those_behind_it(target, files):
    write(files, **{"010_a": "CREATE TABLE t (a integer)", "020_b": "ALTER TABLE nowhere ADD b integer"})
    write(files, **{"030_c": "ALTER TABLE t ADD c integer"})
    with pytest.raises(ConfigError, match="nowhere"):
        apply(target)
    assert states(target)["010_a"] == "applied"
    assert states(target)["020_b"] in ("pending", "cut")
    write(files, **{"020_b": "ALTER TABLE t ADD b integer"})
    assert apply(target) == ["020_b", "030_c"]


def test_what_was_cut_between_two_statements_goes_on(target, files):
    """PostgreSQL undoes the file; MySQL keeps what was done, and the file runs again."""
    with open_target(target) as session:
        dies = DIE[dialect(session)]
    done, rest = "CREATE TABLE IF NOT EXISTS t (a integer)", "CREATE TABLE IF NOT EXISTS u (a integer)"
    write(files, **{"010_a": f"{done};\n{dies};\n{rest}"})
    with pytest.raises(Exception, match=target):
        apply(target)
    there = target == "bi_mysql"
    assert columns(target) == (["a"] if there else [])
    assert states(target) == {"010_a": "cut" if there else "pending"}
    write(files, **{"010_a": f"{done};\n{rest}"})
    assert apply(target) == ["010_a"]
    assert states(target) == {"010_a": "applied"}


def test_a_file_that_was_changed_afterwards_is_refused_and_named(target, files):
    write(files, **{"010_a": "CREATE TABLE t (a integer)"})
    apply(target)
    write(files, **{"010_a": "CREATE TABLE t (a bigint)", "020_b": "ALTER TABLE t ADD b integer"})
    assert states(target) == {"010_a": "changed", "020_b": "pending"}
    with pytest.raises(
        ConfigError, match=r"^\w+: nothing was applied: this database has 010_a\.sql of .* another"
    ):
        apply(target)
    assert columns(target) == ["a"]


def test_an_older_version_applies_nothing_to_a_newer_database(target, files):
    write(files, **{"010_a": "CREATE TABLE t (a integer)", "020_b": "ALTER TABLE t ADD b integer"})
    apply(target)
    (files / "020_b.sql").unlink()
    write(files, functions__f="SELECT 1")
    assert states(target)["020_b"] == "unknown"
    with pytest.raises(ConfigError, match=r"a newer version has migrated this database with 020_b\.sql"):
        apply(target)
    assert states(target)["functions/f"] == "pending"


def test_a_file_with_a_lower_number_than_one_that_is_applied_is_refused(target, files):
    """Old installations would run it last, and new ones first."""
    write(files, **{"020_b": "CREATE TABLE t (b integer)"})
    apply(target)
    write(files, **{"010_a": "CREATE TABLE u (a integer)", "030_c": "ALTER TABLE t ADD c integer"})
    assert states(target) == {"010_a": "late", "020_b": "applied", "030_c": "pending"}
    with pytest.raises(ConfigError, match=r"nothing was applied: 010_a\.sql of .* lower number"):
        apply(target)
    assert columns(target) == ["b"]


def test_a_function_is_made_again_when_its_text_has_changed(target, files):
    write(files, **{"010_a": "CREATE TABLE t (a integer)"}, functions__f="INSERT INTO t VALUES (1)")
    assert apply(target) == ["010_a", "functions/f"]
    assert apply(target) == []
    earlier = sha256(b"INSERT INTO t VALUES (1)").hexdigest()
    write(files, functions__f=f"-- replaces: {earlier}\nINSERT INTO t VALUES (2)")
    assert states(target) == {"010_a": "applied", "functions/f": "pending"}
    assert apply(target) == ["functions/f"]
    write(files, functions__f="INSERT INTO t VALUES (1)")
    assert states(target)["functions/f"] == "other", "an older version does not put it back"
    with pytest.raises(
        ConfigError, match="nothing was applied: this database has another text of functions/f"
    ):
        apply(target)
    (files / "functions" / "f.sql").unlink()
    assert apply(target) == []
    with open_target(target) as session:
        assert [row["a"] for row in query_text(session, "SELECT a FROM t ORDER BY a")] == [1, 2]


def test_a_step_before_and_a_step_after_a_deployment_are_apart(target, files):
    write(
        files,
        **{"010_a": "CREATE TABLE t (a integer, b integer)", "020_b_after": "ALTER TABLE t DROP COLUMN b"},
    )
    with pytest.raises(ConfigError, match="010_a, which is due before a deployment"):
        apply(target, "after")
    assert apply(target, "before") == ["010_a"]
    assert apply(target, "before") == []
    assert columns(target) == ["a", "b"]
    assert states(target) == {"010_a": "applied", "020_b.after": "pending"}
    write(files, **{"030_c": "ALTER TABLE t ADD c integer"})
    with pytest.raises(ConfigError, match=r"030_c waits for 020_b\.after"):
        apply(target, "before")
    assert apply(target, "after") == ["020_b.after"]
    assert apply(target, "before") == ["030_c"]
    assert columns(target) == ["a", "c"]


def test_of_two_at_once_the_second_waits_and_finds_nothing_to_do(target, files, monkeypatch):
    waits, released, told = threading.Event(), threading.Event(), []
    monkeypatch.setattr(clock, "pause", lambda _: released.wait(PATIENCE))
    write(files, **{"010_a": "CREATE TABLE t (a integer)"})

    def second() -> list[str]:
        with (
            open_target(target) as session,
            alone(session, target, lambda text: told.append(text) or waits.set()),
        ):
            return list(migrate(session, target, "target"))

    with ThreadPoolExecutor(1) as pool:
        with open_target(target) as session, alone(session, target, print):
            other = pool.submit(second)
            assert waits.wait(PATIENCE)
            assert list(migrate(session, target, "target")) == ["010_a"]
        released.set()
        assert other.result(PATIENCE) == []
    assert told == [f"{target}: waiting for another `retail schema apply` on this database"]


@pytest.mark.parametrize(
    "file", migrations.migrations_in(SQL / "schema/target/mysql"), ids=lambda file: file.name
)
def test_each_file_for_mysql_may_be_cut_anywhere(file: Migration, mysql_server):
    """MySQL commits each statement: whatever a file has done already, it can run again."""
    empty_bi()
    with open_target("bi_mysql") as session:
        list(migrate(session, "bi_mysql", "target"))
        wanted, texts = structure_of(session), list(statements_of(session, file))
    for done in range(len(texts) + 1):
        empty_bi()
        with open_target("bi_mysql") as session:
            _prepare(session, file)
            for text in texts[:done]:
                change(session, text)
        with open_target("bi_mysql") as session:
            list(migrate(session, "bi_mysql", "target"))
            assert structure_of(session) == wanted
            assert set(states("bi_mysql").values()) == {"applied"}


def _prepare(session: Session, file: Migration) -> None:
    """Make what a file finds when it runs first, without a ledger; without what it adds, as an old database is."""
    for earlier in migrations.migrations_in(SQL / "schema/target/mysql"):
        if earlier.name == file.name:
            break
        for text in statements_of(session, earlier):
            change(session, text)
    if "compared" in file.name and "etl_window" in tables_of(session):
        change(session, "ALTER TABLE etl_window DROP COLUMN compared")


def test_in_a_shop_a_migration_gives_way_to_the_shops_transactions(files):
    write(files, **{"010_a": "ALTER TABLE shops_own ADD b integer"})
    url = server_url("STORE_POSTGRES_URL")
    for session in empty_database(url):
        session.execute("CREATE TABLE shops_own (a integer)")
        with ThreadPoolExecutor(1) as pool, psycopg.connect(url, autocommit=True) as shop:
            shop.execute("SET lock_timeout = '20s'")
            with psycopg.connect(url) as long_one:
                long_one.execute("SELECT a FROM shops_own")
                migrating = pool.submit(list, migrate(session, "store_postgres", "store"))
                for _ in range(200):  # each would wait for the migration if that waited for the long one
                    shop.execute("INSERT INTO shops_own VALUES (1)")
                assert not migrating.done()
            assert migrating.result(PATIENCE) == ["010_a"]
