"""The locks are complete, and install from wherever the reader's own machine installs from."""

from __future__ import annotations

import tomllib

import pytest

from tests.architecture.requirement_rules import addresses, locked_versions, missing, undeclared, unpinned
from tests.architecture.tree import ROOT, each_file, text_of

PROJECT = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]
LOCK, DEV_LOCK = text_of(ROOT / "requirements.txt"), text_of(ROOT / "requirements-dev.txt")
EXTRAS = PROJECT["optional-dependencies"]
# What Airflow 3.3.2 and its usual providers were resolved to on the day they came out, 2026-09-17, as in its
# constraints.
STOCK = """
apache-airflow==3.3.2
apache-airflow-providers-apprise==2.3.4
apache-airflow-providers-postgres==7.0.2
apprise==1.13.1
click==8.5.0
msgspec==0.21.1
pendulum==3.2.0
psycopg==3.3.5
pydantic==2.13.5
pymysql==1.2.3
pyyaml==6.0.3
requests==2.34.2
rich==15.0.0
sqlalchemy==2.0.54
structlog==26.1.0
tenacity==9.1.4
urllib3==2.8.0
"""


def test_everything_that_runs_is_in_the_lock():
    assert missing(PROJECT["dependencies"] + EXTRAS["image"] + EXTRAS["sandbox"], LOCK) == []


def test_an_airflow_that_is_there_already_has_what_production_needs():
    assert missing(PROJECT["dependencies"], STOCK) == []


@each_file("plugins", "dags")
def test_what_production_imports_is_declared(path):
    assert undeclared(text_of(path), PROJECT["dependencies"] + EXTRAS["image"]) == []


@pytest.mark.parametrize(
    "line",
    ["import tenacity", "def f():\n    from tenacity.wait import wait_base", "import yaml, tenacity as t"],
)
def test_an_import_that_only_another_package_brings_is_caught(line):
    assert undeclared(line, ["apache-airflow==3.3.2", "PyYAML>=6.0"]) == ["tenacity"]
    assert undeclared(line, ["Tenacity>=9", "pyyaml"]) == []


def test_everything_that_develops_is_in_the_other_lock():
    everything = [wish for extra in EXTRAS.values() for wish in extra]

    assert missing(PROJECT["dependencies"] + everything, DEV_LOCK) == []


def test_both_locks_agree():
    developing = locked_versions(DEV_LOCK)

    assert {name for name, pins in locked_versions(LOCK).items() if pins != developing.get(name)} == set()


@pytest.mark.parametrize("lock", [LOCK, DEV_LOCK], ids=["requirements.txt", "requirements-dev.txt"])
def test_a_lock_pins_everything_names_no_place_and_says_how_it_was_made(lock):
    assert unpinned(lock) == []
    assert addresses(lock) == []
    assert "uv pip compile" in "".join(lock.splitlines(keepends=True)[:3])


def test_airflow_is_the_version_that_the_project_is_made_for():
    assert missing(["apache-airflow==3.3.2"], LOCK) == []


@pytest.mark.parametrize(
    ("wish", "lock"),
    [
        ("requests>=2.32", "click==8.1\n"),
        ("requests>=2.32", "requests==2.31.0\n"),
        ("requests>=2.32", "requests-mock==2.32.0\n"),
        ("requests>=2.32", "# requests==2.32.0\n"),
    ],
)
def test_a_requirement_that_the_lock_does_not_fulfil_is_caught(wish, lock):
    assert missing([wish], lock) == [wish]


@pytest.mark.parametrize(
    "lock", ["psycopg-binary==3.2 ; x\n", "Psycopg_Binary==3.2\n", "psycopg.binary[c]==3.2\n"]
)
def test_names_are_compared_as_registries_do(lock):
    assert missing(["psycopg-binary>=3.2"], lock) == []


@pytest.mark.parametrize("line", ["requests>=2.32", "requests", "requests~=2.32"])
def test_a_line_that_pins_nothing_is_caught(line):
    assert unpinned(f"click==8.1\n    # via x\n{line}\n") == [line]


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://pypi.example/simple",
        "--extra-index-url=https://pypi.example",
        "-i https://pypi.example",
        "# --index-url https://pypi.example",
        "--find-links wheels",
        "requests @ file:///tmp/requests.whl",
        "requests @ git+ssh://host/requests",
        "--trusted-host pypi.example",
    ],
)
def test_a_place_to_install_from_is_caught(line):
    assert addresses(f"click==8.1\n{line}\n") == [line]
