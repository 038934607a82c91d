"""Reads the settings file, ``include/config/retail.yaml`` (another path: environment variable RETAIL_CONFIG)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from retail_pipeline.errors import ConfigError
from retail_pipeline.settings.included_files import project_file
from retail_pipeline.settings.nearest_names import nearest, unknown_name
from retail_pipeline.settings.renamed_keys import RENAMED
from retail_pipeline.settings.retail import Settings
from retail_pipeline.settings.strict_yaml import BadYaml, Fault, line_of, read_yaml

DEFAULT_PATH = project_file("include", "config") / "retail.yaml"


def settings_path() -> Path:
    """Return the path of the settings file."""
    return Path(os.environ.get("RETAIL_CONFIG") or DEFAULT_PATH)


def load_settings() -> Settings:
    """Return the validated settings, read again whenever the file has changed.

    :raises ConfigError: names file, line, field and what is allowed there; one line for each fault
    """
    path = settings_path()
    try:
        return _load(path, path.stat().st_mtime_ns)
    except OSError as fault:
        raise ConfigError(f"settings file {path}: {fault.strerror}; RETAIL_CONFIG names another") from None


@lru_cache(maxsize=1)
def _load(path: Path, _stamp: int) -> Settings:
    try:
        content, tree = read_yaml(path.read_bytes())
    except BadYaml as bad:
        raise _refused(path, bad.faults) from None
    try:
        return Settings.model_validate(content)
    except ValidationError as invalid:
        raise _refused(path, [_fault(error, tree) for error in _telling(invalid.errors())]) from None


def _refused(path: Path, faults: Sequence[Fault]) -> ConfigError:
    return ConfigError(
        "\n".join(f"settings file {path}, line {line}, {what}" for line, what in sorted(faults))
    )


def _telling(errors: Sequence[Any]) -> list[Any]:
    """Return only the causes: a wrong entry also makes its list too short, a misspelt key also makes one missing."""
    places = [error["loc"] for error in errors]
    meant = [_meant(error["loc"]) for error in errors if error["type"] == "extra_forbidden"]
    return [
        error
        for error in errors
        if not (error["type"] == "missing" and error["loc"] in meant)
        and not (error["type"] == "too_short" and any(_is_within(place, error["loc"]) for place in places))
    ]


def _is_within(place: Sequence[str | int], section: Sequence[str | int]) -> bool:
    return place != section and place[: len(section)] == section


def _meant(place: Sequence[str | int]) -> tuple[str | int, ...]:
    """Return the place of the key that an unknown one probably means."""
    *sections, name = place
    known = _keys_of(sections)
    return (*sections, RENAMED.get(str(name), nearest(str(name), known)))


def _fault(error: Any, tree: yaml.Node | None) -> Fault:
    """Return ``field: what is wrong`` for one pydantic error, with its line."""
    where = ".".join(str(step) for step in error["loc"]) or "whole file"
    return Fault(line_of(error["loc"], tree), f"{where}: {_message(error)}")


def _message(error: Any) -> str:
    """Return pydantic's words, in one line, and what is allowed if they do not say so."""
    message = " ".join(str(error["msg"]).removeprefix("Value error, ").split())
    if error["type"] == "extra_forbidden":
        *sections, name = error["loc"]
        known = _keys_of(sections)
        if (now := RENAMED.get(name)) in known:
            return f"{name!r} is called {now!r} now"
        return unknown_name(str(name), known)
    if error["type"] == "string_type" and isinstance(error["input"], bool | int | float):
        return f"{message}; put it in quotes"
    return message


def _keys_of(steps: Sequence[str | int]) -> list[str]:
    """Return the keys that a section may have."""
    section: type[BaseModel] = Settings
    for step in steps:
        if isinstance(step, str):
            section = next(_sections(section.model_fields[step].annotation))
    return list(section.model_fields)


def _sections(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _sections(inner)
