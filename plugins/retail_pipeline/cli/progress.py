"""Long work says how far it is: a bar on a terminal, elsewhere a line from time to time; on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from datetime import timedelta
from typing import Final, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from retail_pipeline import clock

EVERY: Final = timedelta(seconds=10)
Item = TypeVar("Item")


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Give a function that is told how much is done; it says so as often as people want to know.

    :param what: is done, e.g. ``orders compared``
    :param total: how much there is to do; None where nobody knows
    """
    if not sys.stderr.isatty():
        yield _lines(what, total)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    to = Console(stderr=True, highlight=False, markup=False, emoji=False)
    # What is printed meanwhile comes above the bar, where it goes to a terminal, too.
    with Progress(*columns, console=to, transient=True, redirect_stdout=sys.stdout.isatty()) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


@contextmanager
def counted(items: Iterable[Item], what: str) -> Iterator[Iterator[Item]]:
    """Give the items one after the other, and say how many are done."""
    with progress(what, len(items) if isinstance(items, Sized) else None) as told:
        yield _counted(items, told)


def _counted(items: Iterable[Item], told: Callable[[int], None]) -> Iterator[Item]:
    for done, item in enumerate(items):
        told(done)
        yield item


def _lines(what: str, total: int | None) -> Callable[[int], None]:
    last = clock.now()

    def told(done: int) -> None:
        nonlocal last
        if clock.now() - last >= EVERY:
            last = clock.now()
            click.echo(f"{what}: {done}{f' of {total}' if total is not None else ''}", err=True)

    return told
