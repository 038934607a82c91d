"""Examples in docstrings say what comes out."""

from __future__ import annotations

import doctest
import importlib
import re

import pytest

from tests.architecture.tree import ROOT, files, text_of


def modules_with_examples() -> list[str]:
    """Return the modules that have an example in a docstring."""
    paths = [
        path
        for path in files("plugins", "sandbox", "devstack", "demo")
        if re.search(r"^ +>>> ", text_of(path), re.M)
    ]
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths]
    return [name.removeprefix("plugins.") for name in names]


@pytest.mark.parametrize("name", modules_with_examples())
def test_examples_come_to_what_they_say(name):
    found = doctest.testmod(importlib.import_module(name))

    assert found.attempted > 0
    assert found.failed == 0


def test_there_are_examples():
    assert "retail_pipeline.tables.fingerprint" in modules_with_examples()
