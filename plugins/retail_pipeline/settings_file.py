"""Reads the one settings file, ``include/config/retail.yaml`` (another path: environment variable RETAIL_CONFIG)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from retail_pipeline.errors import ConfigError
from retail_pipeline.settings import Settings

DEFAULT_PATH = Path(__file__).parents[2] / "include" / "config" / "retail.yaml"


def settings_path() -> Path:
    """Return where the settings are read from."""
    return Path(os.environ.get("RETAIL_CONFIG") or DEFAULT_PATH)


def load_settings() -> Settings:
    """Return the validated settings, read again whenever the file has changed.

    :raises ConfigError: naming file, line, field and what is allowed there
    """
    path = settings_path()
    try:
        stamp = path.stat().st_mtime_ns
    except OSError as fault:
        raise ConfigError(f"settings file {path}: {fault.strerror}; RETAIL_CONFIG names another") from None
    return _load(path, stamp)


@lru_cache(maxsize=1)
def _load(path: Path, _stamp: int) -> Settings:
    text = path.read_text(encoding="utf-8")
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as fault:
        raise ConfigError(f"settings file {path} is not YAML: {fault}") from None
    try:
        return Settings.model_validate(content)
    except ValidationError as fault:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        lines = "\n".join(f"  {_describe(error, tree)}" for error in fault.errors())
        raise ConfigError(f"settings file {path}:\n{lines}") from None


def _describe(error: Any, tree: yaml.Node | None) -> str:
    """Return ``line N, field: what is wrong`` of one pydantic error."""
    where = ".".join(str(step) for step in error["loc"]) or "whole file"
    message = error["msg"].removeprefix("Value error, ")
    return f"line {_line_of(error['loc'], tree)}, {where}: {message}"


def _line_of(steps: Sequence[str | int], node: yaml.Node | None) -> int:
    """Return the line of the innermost node of a path that the file really has."""
    line = 1
    for step in steps:
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
        elif isinstance(node, yaml.MappingNode):
            pairs = {key.value: (key, value) for key, value in node.value}
            if step not in pairs:
                break
            key, node = pairs[step]
            line = key.start_mark.line + 1
            continue
        else:
            break
        line = node.start_mark.line + 1
    return line
