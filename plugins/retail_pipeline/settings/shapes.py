"""What the sections of the settings file have in common: strict models, names, times, lists, intervals."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Annotated, Literal, TypeAlias, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from retail_pipeline.business_time import FIRST_DAY
from retail_pipeline.errors import ConfigError

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
# A divisor of an hour, so that runs start at equal intervals.
EveryMinutes: TypeAlias = Literal[1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60]
Share = Annotated[float, Field(ge=0, le=1)]
_CLOCK_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Characters that people put between the names of a list.
SEPARATORS = re.compile(r"[\s,，;；、]+")


def _time_of_day(value: object) -> object:
    """Take only whole minutes of Beijing time; unquoted, YAML 1.1 reads 10:30 as a number in base 60."""
    if isinstance(value, time) and value.tzinfo is None and value == value.replace(second=0, microsecond=0):
        return value
    if isinstance(value, str) and _CLOCK_TIME.fullmatch(value):
        return value
    shown = value if isinstance(value, int | float | str) else type(value).__name__
    raise ValueError(
        f'{shown!r} is no time of day; allowed: "00:00" to "23:59" in quotes, e.g. "10:30": '
        "whole minutes, Beijing time, no zone"
    )


def _day(value: object) -> object:
    """Take a day as YAML or JSON write it, no number: pydantic would read it as seconds since 1970."""
    is_day = isinstance(value, date) and not isinstance(value, datetime)
    if not is_day and not (isinstance(value, str) and _DAY.fullmatch(value)):
        raise ValueError(f"{str(value)!r} is no day; allowed: e.g. 2026-11-01")
    return value


def _not_too_early(day: date) -> date:
    if day < FIRST_DAY:
        raise ValueError(f"{day} is too early; allowed: {FIRST_DAY} or later")
    return day


def _one_word(value: str) -> str:
    if not value or SEPARATORS.search(value):
        raise ValueError(f"{value!r} is not one name; write each for itself: [a, b]")
    return value


TimeOfDay = Annotated[
    time, BeforeValidator(_time_of_day), PlainSerializer(lambda value: f"{value:%H:%M}", when_used="json")
]
Day = Annotated[date, BeforeValidator(_day), AfterValidator(_not_too_early)]
Word = Annotated[str, AfterValidator(_one_word)]
# A choice of names; None means all. An empty list would choose nothing, so it is refused.
Chosen: TypeAlias = Annotated[tuple[Word, ...], Field(min_length=1)] | None


class Strict(BaseModel):
    """A section: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Named(Strict):
    """An entry of a list, which has a name that other parts use."""

    name: Name


Entry = TypeVar("Entry", bound=Named)


def named(kind: str, name: str, entries: tuple[Entry, ...]) -> Entry:
    """Return the entry of that name; ConfigError if there is none."""
    for entry in entries:
        if entry.name == name:
            return entry
    known = ", ".join(entry.name for entry in entries) or "none"
    raise ConfigError(f"no {kind} named {name!r} in the settings file; there are: {known}")


def named_once(kind: str) -> AfterValidator:
    """Return the validator that refuses a list in which two entries have the same name."""

    def check(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        names = [entry.name for entry in entries]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two {kind} are named {', '.join(twice)}; allowed: each name once")
        return entries

    return AfterValidator(check)
