"""Entry point of ``retail``."""

from __future__ import annotations

import os
import sys

import click
from airflow.sdk.exceptions import AirflowException

from retail_pipeline.cli.alerts import alerts
from retail_pipeline.cli.check import check
from retail_pipeline.cli.config import config
from retail_pipeline.cli.deadlines import deadlines
from retail_pipeline.cli.jushita import jushita
from retail_pipeline.cli.orphans import orphans
from retail_pipeline.cli.quarantine import quarantine
from retail_pipeline.cli.schema import schema
from retail_pipeline.cli.schema_roles import roles
from retail_pipeline.cli.terminal import no_text, print_anything, say, silence_libraries
from retail_pipeline.cli.windows import windows
from retail_pipeline.cli.youshu import youshu
from retail_pipeline.errors import PipelineError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def retail() -> None:
    """Look after the retail pipelines from the shell.

    Connections are those of Airflow: its metadata database, AIRFLOW_CONN_… variables, or a secrets backend.

    \b
    Example:
      retail config check && retail check
    """


schema.add_command(roles)
for command in (alerts, check, config, deadlines, jushita, orphans, quarantine, schema, windows, youshu):
    retail.add_command(command)


def main() -> None:
    """Run the command line; an error of our own is one line on stderr and exit status 1."""
    # Airflow reads connections from its metadata database only in a process that declares that it is no task.
    os.environ.setdefault("_AIRFLOW_PROCESS_CONTEXT", "server")
    print_anything()
    silence_libraries()
    if (wrong := no_text(sys.argv[1:])) is not None:
        click.echo(f"retail: {wrong} is no text in the encoding {sys.getfilesystemencoding()}", err=True)
        sys.exit(2)
    try:
        retail()
    except (PipelineError, AirflowException) as error:
        say(f"retail: {error}", err=True)
        sys.exit(1)
