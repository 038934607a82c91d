"""What is said of a name that nobody knows: the nearest one, and all that there are. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from retail_pipeline.errors import ConfigError


def unknown_name(name: str, known: Iterable[str]) -> str:
    """Return in words that a name is not known.

    >>> unknown_name("business_day", ["business_date", "force"])
    "'business_day' is not known; did you mean 'business_date'? Allowed: business_date, force"
    """
    names = list(known)
    near = get_close_matches(name, names, 1)
    meant = f"; did you mean {near[0]!r}?" if near else "."
    return f"{name!r} is not known{meant} Allowed: {', '.join(names) or 'none'}"


def refuse_unknown_params(params: Mapping[str, object], known: Iterable[str]) -> None:
    """Refuse a run that was given a name which no param has: Airflow itself would take no notice of it.

    :raises ConfigError: names it, and the nearest one
    """
    names = list(known)
    for name in unknown_params(params, names):
        raise ConfigError(f"param {unknown_name(name, names)}")


def unknown_params(params: Mapping[str, object], known: Iterable[str]) -> list[str]:
    """Return the names that no param has."""
    names = set(known)
    return [name for name in params if name not in names]
