"""What the sections of the settings file have in common: strict shapes, names, paces."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from retail_pipeline.errors import ConfigError

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
# A divisor of an hour, so that runs lie at even distances.
EveryMinutes: TypeAlias = Literal[1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60]
Share = Annotated[float, Field(ge=0, le=1)]


def _time_of_day(value: object) -> object:
    # Without quotes YAML 1.1 reads 10:30 as a number in base 60.
    if isinstance(value, int):
        raise ValueError('put the time in quotes, e.g. "10:30"')
    return value


TimeOfDay = Annotated[time, BeforeValidator(_time_of_day)]


class Strict(BaseModel):
    """A section: a key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Named(Strict):
    """An entry of a list that others name."""

    name: Name


Entry = TypeVar("Entry", bound=Named)


def named(kind: str, name: str, entries: tuple[Entry, ...]) -> Entry:
    """Return the entry of that name; ConfigError where there is none."""
    for entry in entries:
        if entry.name == name:
            return entry
    known = ", ".join(entry.name for entry in entries) or "none"
    raise ConfigError(f"no {kind} named {name!r} in the settings file; there are: {known}")
