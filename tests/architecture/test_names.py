"""Names say what a module knows."""

from __future__ import annotations

import sys
from pathlib import PurePath

import pytest

from tests.architecture.tree import ROOT, each_file

SAY_NOTHING = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "commons",
    "manager",
    "managers",
    "misc",
    "base",
}
PACKAGES = ("plugins", "sandbox", "devstack", "demo", "bench", "compose", "dags")


def wrong_name(path: PurePath) -> str | None:
    """Return what is wrong with a module's or package's name."""
    for name in (*path.parts[:-1], path.stem):
        words = set(name.split("_"))
        if words & SAY_NOTHING:
            return f"{name} says nothing"
    if path.stem in sys.stdlib_module_names and path.stem not in ("__init__", "__main__"):
        return f"{path.stem} is a module of the standard library"
    return None


@each_file(*PACKAGES)
def test_a_module_is_named_after_what_it_knows(path):
    assert wrong_name(path.relative_to(ROOT)) is None


@pytest.mark.parametrize(
    "bad",
    [
        "plugins/retail_pipeline/utils.py",
        "plugins/retail_pipeline/date_utils.py",
        "plugins/retail_pipeline/helpers.py",
        "plugins/retail_pipeline/common/dates.py",
        "plugins/retail_pipeline/session_manager.py",
        "plugins/retail_pipeline/http.py",
        "sandbox/statistics.py",
        "devstack/signal.py",
    ],
)
def test_a_bad_name_is_caught(bad):
    assert wrong_name(PurePath(bad))


@pytest.mark.parametrize(
    "good", ["plugins/retail_pipeline/vendors/transport.py", "sandbox/__init__.py", "devstack/daemon.py"]
)
def test_a_good_name_passes(good):
    assert wrong_name(PurePath(good)) is None
