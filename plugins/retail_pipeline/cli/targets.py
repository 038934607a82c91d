"""Which database a command of the loads looks into."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from retail_pipeline.settings import Loads
from retail_pipeline.settings_file import load_settings
from retail_pipeline.target_session import open_target

if TYPE_CHECKING:
    from retail_pipeline.target_session import Session

PIPELINES = tuple(Loads.model_fields)
conn_id_option = click.option("--conn-id", help="The target database, where the settings name several.")


@contextmanager
def target_session(conn_id: str | None) -> Iterator[Session]:
    """Open the target that was named, or the only one that there is."""
    targets = load_settings().aftersales_targets()
    if conn_id is None and len(targets) != 1:
        known = ", ".join(targets) or "none"
        raise click.UsageError(f"say with --conn-id which target database; the settings name: {known}")
    with open_target(conn_id or targets[0]) as session:
        yield session
