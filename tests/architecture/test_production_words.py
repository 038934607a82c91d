"""Production meets the sandbox only as the host of a connection, and reads the time in one place."""

from __future__ import annotations

import ast
import re

import pytest

from tests.architecture.tree import ROOT, each_file, text_of

EVERYTHING = (".py", ".sql", ".yaml", ".json", ".md", ".html", ".js", ".css", ".txt", ".toml", "")


def knows_the_sandbox(text: str) -> bool:
    return bool(re.search("sandbox", text, re.IGNORECASE))


@each_file("dags", "plugins", suffixes=EVERYTHING)
def test_production_does_not_say_sandbox(path):
    assert not knows_the_sandbox(text_of(path))
    assert not knows_the_sandbox(str(path.relative_to(ROOT)))


@pytest.mark.parametrize(
    "bad", ["from sandbox import x", "# for the Sandbox", "is_sandbox = True", "SANDBOX_URL"]
)
def test_the_word_is_caught(bad):
    assert knows_the_sandbox(bad)


READS = {
    "now": ("datetime", "date", "pendulum"),
    "utcnow": ("datetime", "pendulum", "timezone"),
    "today": ("datetime", "date", "pendulum"),
    "time": ("time",),
    "time_ns": ("time",),
    "sleep": ("time", "asyncio"),
    "localtime": ("time",),
    "gmtime": ("time",),
}


def time_readings(source: str) -> list[str]:
    """Return where a source reads the wall clock, or sleeps."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in READS:
            owner = getattr(node.value, "id", getattr(node.value, "attr", ""))
            if owner in READS[node.attr]:
                found.append(f"{owner}.{node.attr}")
        if isinstance(node, ast.ImportFrom) and node.module in ("time", "asyncio"):
            found += [f"{node.module}.{alias.name}" for alias in node.names if alias.name in READS]
    return found


@each_file("dags", "plugins")
def test_only_one_module_reads_the_clock(path):
    allowed = ["datetime.now"] if path.name == "clock.py" else []

    assert time_readings(text_of(path)) == allowed


@pytest.mark.parametrize(
    "bad",
    [
        "datetime.now(timezone.utc)",
        "dt.datetime.now()",
        "date.today()",
        "time.time()",
        "time.sleep(1)",
        "x = field(default=time.time)",
        "from time import time",
        "pendulum.now()",
    ],
)
def test_reading_the_clock_elsewhere_is_caught(bad):
    assert time_readings(bad)


@pytest.mark.parametrize("good", ["clock.now()", "time.monotonic()", "from datetime import datetime, time"])
def test_other_uses_of_time_pass(good):
    assert time_readings(good) == []


@each_file(
    "tests/architecture",
    *(f"tests/{place.name}" for place in (ROOT / "tests").iterdir() if (place / "unit").is_dir()),
)
def test_time_never_sleeps_in_tests(path):
    assert [reading for reading in time_readings(text_of(path)) if reading.endswith(".sleep")] == []
