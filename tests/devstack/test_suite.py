"""What `script/test` adds to pytest: servers for each worker, who needed them, a limit for tests that hang."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest

from devstack import suite, workers
from devstack.left_out import VARIABLE
from devstack.place import Place
from devstack.pytest_servers import need
from devstack.services import Services
from devstack.steps import ROOT, StackError
from tests import patience

CONFTEST = """
import pytest
from devstack.pytest_servers import need

@pytest.fixture(scope="session")
def database():
    need("postgres")

@pytest.fixture
def table(database):
    pass
"""
TESTS = """
from devstack.pytest_servers import need

def test_by_a_fixture(table):
    pass

def test_by_a_fixture_that_is_there_already(database):
    need("sandbox")

def test_itself():
    need("sandbox")
    need("sandbox")

def test_nothing():
    pass
"""


@pytest.fixture
def pytest_in(tmp_path):
    """Run pytest on a few tests as script/test does, with the servers of the first worker."""
    for server in Services.at(workers.place_of("gw0")).all():
        need(server.name)

    def run(tests: str, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "conftest.py").write_text(CONFTEST)
        (tmp_path / "test_few.py").write_text(tests)
        (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = long")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "devstack.pytest_servers", *arguments, str(tmp_path)],
            env={**inherited, "PYTHONPATH": str(ROOT), **env}, cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip

    return run


def counts(output: str) -> dict[str, int]:
    section = output.partition("= servers =")[2]
    return {name: int(tests) for name, tests in re.findall(r"^(\w+) .* (\d+) tests$", section, re.MULTILINE)}


@pytest.mark.long
@pytest.mark.parametrize("distributed", [[], ["-n1", "--dist=worksteal"]], ids=["here", "worker"])
def test_the_end_tells_of_each_server_its_version_and_the_tests_that_needed_it(pytest_in, distributed):
    done = pytest_in(TESTS, *distributed)
    assert counts(done.stdout) == {
        "postgres": 2, "mariadb": 0, "sandbox": 2, "pgbouncer": 0, "redis": 0, "mysql": 0,
    }  # fmt: skip
    for name, version in workers.versions(workers.place_of("gw0")).items():
        assert re.search(rf"^{name} +{re.escape(version)} ", done.stdout, re.MULTILINE)
    assert re.search(r"=+ 4 passed in [\d.]+s =+\s*\Z", done.stdout)


@pytest.mark.long
def test_a_server_that_is_left_out_is_named_and_its_tests_are_skipped(pytest_in):
    done = pytest_in(TESTS, **{VARIABLE: " postgres , mariadb"})
    assert "2 passed, 2 skipped" in done.stdout.splitlines()[-1]
    assert re.search(rf"^postgres +left out by {VARIABLE} +2 tests$", done.stdout, re.MULTILINE)
    assert counts(done.stdout)["sandbox"] == 1


def test_a_name_that_no_server_has_is_a_failure(tmp_path):
    place = Place(tmp_path, frozenset({"postgres", "oracle"}))
    with (
        pytest.raises(
            StackError, match=r"names oracle; there are postgres, mariadb, sandbox, pgbouncer, redis, mysql"
        ),
        workers.servers_for([place]),
    ):
        pass


def test_a_server_that_does_not_start_is_a_failure(tmp_path, monkeypatch):
    monkeypatch.setenv("RETAIL_SANDBOX_URL", "http://127.0.0.1:1")
    place = Place(tmp_path, frozenset({"postgres", "mariadb"}))
    with pytest.raises(StackError, match="no sandbox answers there"), workers.servers_for([place]):
        pass


def test_what_is_left_out_is_neither_started_nor_pointed_at(tmp_path):
    place = Place(tmp_path, frozenset({"postgres", "mariadb"}))
    with workers.servers_for([place]):
        assert {path.stem for path in (tmp_path / "run").glob("*.pid")} == {"sandbox"}
        told = workers.settings(place)
        assert told["SANDBOX_URL"] == Services.at(place).sandbox.url()
        assert "AIRFLOW_CONN_YOUSHU_DEFAULT" in told
        assert not {"BI_MYSQL_URL", "STORE_POSTGRES_URL", "AIRFLOW_CONN_BI_MYSQL"} & told.keys()
    assert list((tmp_path / "run").glob("*.pid")) == []


def test_each_worker_has_places_of_its_own_and_this_test_is_at_its_own():
    one, other = workers.places(2)
    assert one.home != other.home
    own = Services.at(workers.place_of(os.environ.get("PYTEST_XDIST_WORKER")))
    assert os.environ["STORE_POSTGRES_URL"] == own.postgres.url("store")
    assert os.environ["BI_MYSQL_URL"] == own.mariadb.url("bi")
    assert os.environ["SANDBOX_URL"] == own.sandbox.url()


def test_a_server_that_is_given_is_used_by_one_worker(monkeypatch):
    monkeypatch.setenv("RETAIL_MYSQL_URL", "mysql://admin:x@127.0.0.1:1/")
    assert len(workers.places(2)) == 1


MARKED = "import pytest\n\n@pytest.mark.long\ndef test_long(): pass\n\ndef test_short(): pass\n"


def test_long_tests_run_only_when_everything_does(pytest_in):
    done = pytest_in(MARKED, *suite.pytest_options(1, everything=False))
    assert "1 passed, 1 deselected" in done.stdout.splitlines()[-1]
    assert "-m" not in suite.pytest_options(1, everything=True)


def test_mysql_itself_is_used_only_when_everything_is_run():
    """Whose tests: tests/mysql_servers.py."""
    assert "--mysql" in suite.pytest_options(1, everything=True)
    assert "--mysql" not in suite.pytest_options(1, everything=False)


def test_continuous_integration_runs_everything_and_nothing_of_its_own():
    last = (ROOT / ".ci" / "run").read_text().splitlines()[-1]
    assert last == 'exec "$(dirname "$0")/../script/test" --all'


@pytest.mark.parametrize(("share", "seconds"), [(1.0, 120), (0.5, 240), (0.05, 2400)])
def test_the_limit_of_a_test_counts_the_time_that_the_machine_has_for_it(monkeypatch, share, seconds):
    waits, handlers, over = [], [], []
    monkeypatch.setattr(patience, "share_of_the_machine", lambda: share)
    monkeypatch.setattr(patience, "timeout_sigalrm", lambda *_: over.append(sum(waits)))
    monkeypatch.setattr(signal, "signal", lambda _, handler: handlers.append(handler))
    monkeypatch.setattr(signal, "setitimer", lambda _, wait: waits.append(wait))
    patience.pytest_timeout_set_timer(SimpleNamespace(), SimpleNamespace(timeout=120))
    while not over:
        handlers[0]()
    assert over == [pytest.approx(seconds, rel=0.02)]


@pytest.mark.long
def test_a_test_that_hangs_is_ended_and_the_stack_shown(pytest_in):
    hanging = "from threading import Event\n\ndef test_it():\n    Event().wait()\n"
    done = pytest_in(hanging, "-p", "tests.patience", "--timeout=0.5")
    assert "Timeout (>0.5s)" in done.stdout
    assert "Event().wait()" in done.stdout
