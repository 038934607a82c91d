"""Where the command ``retail`` begins: where the project's own SQL is missing, that is one line, too."""

from __future__ import annotations

import sys

from retail_pipeline.errors import ConfigError


def main() -> None:
    """Run the command line; exit status 1 with a line on stderr where its modules cannot be imported."""
    try:
        from retail_pipeline.cli.main import main as run
    except ConfigError as fault:
        sys.exit(f"retail: {fault}")
    run()
