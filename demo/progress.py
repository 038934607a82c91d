"""Shows the progress of the demo: as a table that updates itself, or as plain lines where there is no terminal."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.table import Table

from devstack.runs import Run, TaskView

_COLOURS = {
    "success": "green",
    "running": "cyan",
    "failed": "red",
    "upstream_failed": "red",
    "up_for_retry": "yellow",
}


class Progress:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, refresh_per_second=4) if console.is_terminal else None
        self._told: dict[tuple[str, str, str], str] = {}

    def __enter__(self) -> Progress:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def show(self, runs: list[Run]) -> None:
        tasks = [task for run in runs for task in run.tasks]
        if self._live:
            self._live.update(_table(tasks))
            return
        for task in tasks:
            key = (task.dag_id, task.task_id, task.shop)
            if task.state in _COLOURS and self._told.get(key) != task.state:
                self._told[key] = task.state
                self._console.print(f"  {_line(task)}", soft_wrap=True)


def _line(task: TaskView) -> str:
    seconds = "" if task.state == "running" else f"{task.seconds:6.1f} s"
    return f"{task.dag_id:<28} {task.shop:<20} {task.task_id:<25} {task.state:<10}{seconds}".rstrip()


def _table(tasks: list[TaskView]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("DAG", "shop", "task", "state"):
        table.add_column(title)
    table.add_column("seconds", justify="right")
    for task in tasks:
        colour = _COLOURS.get(task.state, "dim")
        seconds = f"{task.seconds:.1f}" if task.seconds else ""
        table.add_row(task.dag_id, task.shop, task.task_id, f"[{colour}]{task.state}[/]", seconds)
    return table
