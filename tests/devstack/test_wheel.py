"""A wheel of the project, installed where no checkout is, finds its SQL and the settings that it comes with."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from devstack.install import UV
from devstack.steps import LOCAL, ROOT
from tests.conftest import SHOP_TABLES, empty_database, server_url

pytestmark = pytest.mark.long


def run(*command: str | Path, folder: Path, **environment: str) -> str:
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with the wheel; what it needs is taken from ours."""
    folder = tmp_path_factory.mktemp("wheel")
    uv = LOCAL / UV / "bin" / "uv"
    # The wheel is built from the sdist, which leaves nothing in the checkout.
    run(uv, "build", "--offline", "-q", "-o", folder, folder=ROOT)
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", folder=folder)
    programs = folder / "venv" / "bin"
    [wheel] = folder.glob("*.whl")
    run(
        uv,
        "pip",
        "install",
        "--offline",
        "--no-deps",
        "-q",
        "--python",
        programs / "python",
        wheel,
        folder=folder,
    )
    [packages] = folder.glob("venv/lib/python*/site-packages")
    (packages / "ours.pth").write_text(sysconfig.get_path("purelib"))
    return programs


@pytest.fixture
def new_store(warehouse: psycopg.Connection, bi: object) -> Iterator[psycopg.Connection]:
    yield from empty_database(server_url("STORE_POSTGRES_URL"), SHOP_TABLES)


def test_the_wheel_reads_its_own_included_files(installed: Path, tmp_path: Path) -> None:
    found = run(
        installed / "python",
        "-c",
        "from retail_pipeline.settings.included_files import included; print(included())",
        folder=tmp_path,
    )
    assert Path(found.strip()).is_relative_to(installed.parent)


def test_it_applies_its_schema_by_its_own_settings(
    installed: Path, new_store: psycopg.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RETAIL_CONFIG", raising=False)
    assert "flagship" in run(installed / "retail", "config", "show", folder=tmp_path)
    run(installed / "retail", "schema", "apply", folder=tmp_path)
    assert new_store.execute("SELECT count(*) FROM youshu_order_push").fetchone() == (0,)
