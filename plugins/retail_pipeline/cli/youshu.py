"""``retail youshu``: manual work at Youshu."""

from __future__ import annotations

import click

from retail_pipeline.cli.youshu_backlog import backlog
from retail_pipeline.cli.youshu_confirm import confirm
from retail_pipeline.cli.youshu_orders import dead_lettered, enqueue, retry
from retail_pipeline.cli.youshu_reconcile import reconcile
from retail_pipeline.cli.youshu_rehearse import rehearse
from retail_pipeline.vendors.youshu.client import DataSourceExists
from retail_pipeline.vendors.youshu.hook import YoushuHook


@click.group()
def youshu() -> None:
    """Set up Tencent Youshu, and look after what it is sent."""


for command in (backlog, confirm, enqueue, reconcile, rehearse, retry, dead_lettered):
    youshu.add_command(command)


@youshu.command("data-source")
@click.option(
    "--conn-id", default=YoushuHook.default_conn_name, show_default=True, help="Connection of type youshu."
)
def data_source(conn_id: str) -> None:
    """Get the merchant's data source id, or create it once, and say where to put it.

    One id serves all reports of a merchant. In production Youshu requires that it is made in its console; this
    command then only reads it.

    \b
    Example:
      retail youshu data-source --conn-id youshu_default
    """
    client = YoushuHook(conn_id).get_conn()
    found = client.data_source_ids()
    if not found:
        try:
            found = [client.add_data_source()]
        except DataSourceExists:
            # Somebody else made it meanwhile, or data_source/get, which is known to be unstable, did not return it.
            found = client.data_source_ids()
    if not found:
        raise click.ClickException(
            "Youshu says that a data source exists, but does not list it: ask again later"
        )
    click.echo(f"data source id: {found[0]}")
    for other in found[1:]:
        click.echo(f"also there:     {other}")
    click.echo(f"Put it into the field «Data source id» of connection {conn_id} (extra: data_source_id).")
