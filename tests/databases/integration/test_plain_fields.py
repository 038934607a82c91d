"""Sessions are opened from plain fields: nothing of Airflow's is needed, and nothing that it knows is ignored."""

from __future__ import annotations

import os
import subprocess
import sys
from urllib.parse import unquote, urlsplit

import pytest

from devstack.pytest_servers import need_url
from retail_pipeline.databases.connection import ConnectionFields
from retail_pipeline.databases.postgres_session import open_postgres
from retail_pipeline.errors import ConfigError

PROGRAM = """
import sys
from retail_pipeline.databases.connection import ConnectionFields
from retail_pipeline.databases.target_session import open_target, query_text
from tests.databases.integration.test_plain_fields import fields_of
with open_target(fields_of(sys.argv[1])) as session:
    [row] = query_text(session, "SELECT 1 AS one")
print(row["one"], "airflow" in sys.modules)
"""


def fields_of(variable: str, **extra: object) -> ConnectionFields:
    url = urlsplit(os.environ[variable])
    return ConnectionFields(
        conn_id="plain",
        conn_type="mysql" if url.scheme.startswith("mysql") else "postgres",
        host=url.hostname,
        port=url.port,
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
        database=url.path.strip("/"),
        extra=extra,
    )


@pytest.mark.parametrize("variable", ["STORE_POSTGRES_URL", "BI_MYSQL_URL"])
def test_a_session_needs_no_airflow(variable):
    need_url(variable)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, variable], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.split() == ["1", "False"], done.stderr


@pytest.mark.parametrize("field", ["iam", "aws_conn_id", "azure_conn_id"])
def test_a_clouds_own_login_is_refused_and_not_ignored(field):
    with (
        pytest.raises(ConfigError, match=f"connection 'plain': extra field '{field}'"),
        open_postgres(ConnectionFields("plain", "postgres", extra={field: "x"})),
    ):
        pass


def test_what_only_airflows_own_hook_reads_is_not_told_to_the_server():
    need_url("STORE_POSTGRES_URL")
    with open_postgres(fields_of("STORE_POSTGRES_URL", cursor="dictcursor", iam=False)) as session:
        assert session.execute("SELECT 1").fetchone() == (1,)


def test_no_password_is_in_the_words_of_the_fields():
    assert "geheim" not in repr(
        ConnectionFields("plain", "postgres", password="geheim", extra={"sslpassword": "geheim"})
    )
