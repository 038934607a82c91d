"""The chunks of a run as data, as mapped tasks get them, and what comes of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from retail_pipeline.business_time import Window
from retail_pipeline.windows.ledger import Certificate, LoadKey
from retail_pipeline.windows.load_runs import MAX_CHUNK, LoadRun

_ENDS = ("window_from", "window_to")


def chunk_as_data(about: Mapping[str, Any], name: str, run: LoadRun, window: Window | None) -> dict[str, Any]:
    """Return a chunk as its task gets it.

    :param about: whose it is
    :param name: that Airflow shows
    :param window: None if its task must find out itself
    """
    data = {**about, "planned_at": run.planned_at.isoformat()}
    if window is None:
        return {**data, "shown": f"{name} {run.condition}".strip()}
    ends = {end: moment.isoformat() for end, moment in zip(_ENDS, window, strict=True)}
    return {**data, **ends, "shown": f"{name} {window.start:%m-%d %H:%M}"}


def planned_at(chunk: Mapping[str, Any]) -> datetime:
    """Return when a chunk was planned."""
    return datetime.fromisoformat(chunk["planned_at"])


def window_of(chunk: Mapping[str, Any]) -> Window | None:
    """Return a chunk's window; None if its task must find out itself."""
    return Window(*(datetime.fromisoformat(chunk[end]) for end in _ENDS)) if _ENDS[0] in chunk else None


def from_first_to_last(load_key: LoadKey, due: Sequence[Window]) -> LoadKey:
    """Return the key with the window that is due, as far as a chunk may reach."""
    start = due[0].start
    return replace(load_key, window=Window(start, min(due[-1].end, start + MAX_CHUNK)))


def summed_up(found: Sequence[Certificate], names: Iterable[str]) -> dict[str, int]:
    """Return the sums of certificates' numbers, and how many certificates there are."""
    sums = {name: sum(getattr(certificate, name) or 0 for certificate in found) for name in names}
    return {"windows": len(found), **sums}
