"""Modules that anybody can import anywhere: the pure ones with nothing but Python, the clients without airflow."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.architecture.tree import ROOT, each_file, files, text_of

PACKAGE = ROOT / "plugins" / "retail_pipeline"
PURE = ("rows.py", "signing.py", "business_time.py", "errors.py", "clock.py")
# Of a vendor and of a report. A load's rows.py brings a vendor's rows together with what must be set aside.
LOADS = ("jushita_sys_info", "wangdiantong_aftersales")
OURS_AND_PURE = {
    "retail_pipeline.business_time",
    "retail_pipeline.clock",
    "retail_pipeline.tables.column_values",
    "retail_pipeline.errors",
    "retail_pipeline.tables.description",
    "retail_pipeline.vendors.taobao.other_columns",
    "retail_pipeline.vendors.taobao.tables",
    "retail_pipeline.vendors.taobao.trade_columns",
}
AS_PURE_AS_JSON = {"msgspec"}  # reads and writes JSON, and nothing else (docs/decisions/0012)


def imports(source: str) -> Iterator[str]:
    """Yield every imported module, those for type checkers included."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            names = (
                [f"{module}.{alias.name}" for alias in node.names]
                if module == "retail_pipeline"
                else [module]
            )
            yield from names


def beyond_the_standard_library(source: str) -> list[str]:
    return [
        name
        for name in imports(source)
        if name.split(".")[0] not in sys.stdlib_module_names
        and name not in OURS_AND_PURE
        and name not in AS_PURE_AS_JSON
    ]


VENDORS = {path.parent.name for path in PACKAGE.glob("vendors/*/client.py")}


PURE_FILES = [
    path
    for path in files("plugins")
    if (path.name in PURE and path.parent.name not in LOADS)
    or ".".join(path.relative_to(ROOT / "plugins").with_suffix("").parts) in OURS_AND_PURE
]


@pytest.mark.parametrize("path", PURE_FILES, ids=str)
def test_a_pure_module_needs_nothing_but_python(path):
    assert beyond_the_standard_library(text_of(path)) == []


def test_there_are_pure_modules_of_every_sort():
    assert {path.name for path in files("plugins")} >= set(PURE)


@pytest.mark.parametrize(
    "bad",
    [
        "import requests",
        "from pydantic import BaseModel",
        "from retail_pipeline.vendors.transport import Transport",
        "from retail_pipeline.settings import retail",
        "def f():\n    import yaml",
    ],
)
def test_a_pure_module_that_imports_more_is_caught(bad):
    assert len(beyond_the_standard_library(bad)) == 1


def test_pure_modules_may_import_each_other():
    source = "import hmac\nfrom decimal import Decimal\nfrom retail_pipeline.business_time import at"

    assert beyond_the_standard_library(source + "\nfrom retail_pipeline import clock") == []


def test_the_clients_run_in_a_plain_repl():
    modules = [f"retail_pipeline.vendors.{vendor}.client" for vendor in sorted(VENDORS)]
    program = f"import sys, {', '.join(modules)}; sys.exit('airflow' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0


@each_file("sandbox")
def test_the_sandbox_says_nothing_of_production(path):
    assert not [
        name for name in imports(text_of(path)) if name.split(".")[0] in ("retail_pipeline", "airflow")
    ]
