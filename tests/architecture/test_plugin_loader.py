"""Airflow's plugin loader executes every file below plugins/ under its bare stem, unless .airflowignore says no."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

LOAD = """
import json, sys
from airflow import plugins_manager
plugins, errors = plugins_manager._get_plugins()
folder = sys.argv[1]
files = {name: getattr(module, "__file__", None) or "" for name, module in list(sys.modules.items())}
print(json.dumps({
    "plugins": {str(plugin.source): plugin.name for plugin in plugins},
    "errors": errors,
    "references": list(plugins_manager.get_deadline_references_plugins()),
    "from_folder": sorted(name for name, file in files.items() if file.startswith(folder)),
}))
"""


def load(
    folder: Path,
    home: Path,
    python: Path | str = sys.executable,
    variables: Mapping[str, str] = os.environ,
) -> dict:
    """Let Airflow load the plugins of a folder, and those that are installed, in a process of its own."""
    env = {
        **variables,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(folder),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "PYTHONPATH": str(folder),
    }
    done = subprocess.run(
        [python, "-c", LOAD, str(folder)], env=env, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def bare_stems(loaded: dict) -> list[str]:
    """Return modules of the package that were registered under another name than their own."""
    own = ("retail_pipeline", "retail_plugin")
    return [name for name in loaded["from_folder"] if name.split(".")[0] not in own]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory) -> dict:
    return load(ROOT / "plugins", tmp_path_factory.mktemp("airflow"))


def test_no_module_of_ours_is_registered_under_its_bare_stem(loaded):
    assert bare_stems(loaded) == []


def sources(loaded: dict) -> list[str]:
    """Return whence our plugin came, after it came without an error."""
    assert loaded["errors"] == {}
    return [source for source, name in loaded["plugins"].items() if name == "retail"]


def test_the_one_plugin_is_that_of_the_installed_package(loaded):
    [source] = sources(loaded)
    assert source.startswith("retail-pipeline==")


@pytest.fixture
def bare_python(tmp_path) -> Path:
    """A Python that has all our packages, but not this one."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    [packages] = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    for each in Path(sysconfig.get_path("purelib")).iterdir():
        if "retail_pipeline" not in each.name:
            (packages / each.name).symlink_to(each)
    return tmp_path / "venv" / "bin" / "python"


def test_a_folder_that_is_only_mounted_brings_the_one_plugin_itself(tmp_path, bare_python):
    loaded = load(ROOT / "plugins", tmp_path / "home", bare_python)

    assert sources(loaded) == ["$PLUGINS_FOLDER/retail_plugin.py"]
    assert any("ScheduledRunDeadline" in name for name in loaded["references"])


def test_its_deadline_reference_is_known_to_the_scheduler(loaded):
    assert any("ScheduledRunDeadline" in name for name in loaded["references"])


@pytest.mark.long
def test_without_the_ignore_file_the_loader_would_register_bare_stems(tmp_path):
    folder = tmp_path / "plugins"
    shutil.copytree(ROOT / "plugins", folder, ignore=shutil.ignore_patterns("__pycache__", ".airflowignore"))

    assert {"transport", "errors"} <= set(bare_stems(load(folder, tmp_path / "home")))
