"""What `--json` prints: the keys of each command's listings, as the commands declare them."""

from __future__ import annotations

from collections.abc import Iterator

import click

from retail_pipeline.cli.main import retail

_HEADINGS = {"en": "| with `--json` | keys of each object |", "zh": "| 加 `--json` | 每个对象的键 |"}


def table(language: str) -> str:
    """Return a row for each command that lists something."""
    rows = [f"| `retail {name}` | {', '.join(f'`{key}`' for key in keys)} |" for name, keys in _keys(retail)]
    return "\n".join([_HEADINGS[language], "|---|---|", *sorted(rows)])


def _keys(group: click.Group, *path: str) -> Iterator[tuple[str, list[str]]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _keys(command, *path, name)
        elif listings := getattr(command.callback, "listings", ()):
            # A command with several listings prints objects of each kind.
            yield (
                " ".join((*path, name)),
                list(dict.fromkeys(key for listing in listings for key in listing.keys)),
            )
