"""``retail schema``: the tables that the pipelines write."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import click

from retail_pipeline import clock
from retail_pipeline.cli.order_tables import when_order_tables_are_there
from retail_pipeline.cli.schema_places import Place, open_place, places, state_of
from retail_pipeline.cli.table import Listing, lists, tell
from retail_pipeline.databases.migrations import AFTER, BEFORE, Phase, alone, folder_of, migrate
from retail_pipeline.databases.statements import SQL
from retail_pipeline.databases.view_changes import beside, change_giving_way, make_view
from retail_pipeline.databases.view_contract import examine
from retail_pipeline.errors import ConfigError
from retail_pipeline.orchestration.sessions import open_postgres
from retail_pipeline.pipelines.order_push.order_views import needed_by, shops_of
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.retail import Shop
from retail_pipeline.tables.target_tables import ensure_tables

_STATUS = Listing("connection scope name phase state at")


@click.group()
def schema() -> None:
    """Create or complete the tables."""


@schema.command()
@click.option(
    "--phase", type=click.Choice((BEFORE, AFTER)), help="Only what is due before, or after, a deployment."
)
@click.option("--wait", default=0, metavar="SECONDS", help="Wait so long for the shops' order tables.")
def apply(phase: Phase | None, wait: int) -> None:
    """Apply the migrations that a database does not have yet, in their order; run it as often as you like.

    Without --phase all of them, for a new installation and for an upgrade while no DAG runs. For one while they run:
    --phase before, then the new code everywhere, then --phase after.

    New views of a shop's tables are first made beside the existing ones and checked for the columns that are read;
    then all are replaced at once, or none, with a message that says what to write instead.

    \b
    Example:
      retail schema apply
    """
    settings = load_settings()
    for place in places(settings):
        _complete(place, phase)
        shops = [shop for shop in settings.shops if place == Place(shop.store_conn_id, "store")]
        if shops and phase != AFTER:
            replace = partial(_replace_views, place.conn_id, shops)
            when_order_tables_are_there(replace, patience=timedelta(seconds=wait))


def _complete(place: Place, phase: Phase | None) -> None:
    conn_id, scope, families = place
    with open_place(place) as session, alone(session, conn_id, click.echo):
        folder, applied = folder_of(session, scope).relative_to(SQL), []
        for name in migrate(session, conn_id, scope, phase):
            click.echo(f"{conn_id}: {folder}/{name}.sql")
            applied.append(name)
        if not applied:
            click.echo(f"{conn_id}: {folder}: nothing to do")
        for family in families if phase != AFTER else ():
            for done in ensure_tables(session, family):
                click.echo(f"{conn_id}: {done}")


@schema.command()
@lists(_STATUS)
def status() -> None:
    """Print which migrations each database has; exit 1 where one is not applied.

    applied = with its time in Shanghai; pending = not yet, or a function with a new text; cut = begun, and not ended
    (MySQL): `retail schema apply` begins it anew; late = its number is lower than one that is
    applied; changed = its file was changed afterwards; other = another text of a function, which this one does not
    replace; unknown = by a newer version. Of the tables that the code describes only those are listed that lack
    something.

    \b
    Example:
      retail schema status
    """
    rows = [
        _STATUS.row(place.conn_id, place.scope, *found)
        for place in places(load_settings())
        for found in state_of(place)
    ]
    tell((_STATUS, rows))
    sys.exit(1 if any(row["state"] != "applied" for row in rows) else 0)


def _replace_views(conn_id: str, shops: Sequence[Shop]) -> None:
    """Replace the views of a shop's own tables, all of them or none."""
    views, now = needed_by(shops), clock.now()
    with open_postgres(conn_id) as session:
        with beside(session):
            for view in views:
                make_view(session, conn_id, view)
            examined = [examine(session, conn_id, view, shops_of(view, shops), now) for view in views]
        problems = [problem for each in examined for problem in each.problems]
        if problems:
            raise ConfigError("\n".join([f"{conn_id}: no view was replaced, mend them first:", *problems]))
        change_giving_way(session, conn_id, lambda: [make_view(session, conn_id, view) for view in views])
        for view in views:
            click.echo(f"{conn_id}: {view.file}.sql")
