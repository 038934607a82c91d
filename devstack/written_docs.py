"""`script/docs`: writes flows, limits and keys of `--json` into the documents, so that they agree with the code."""

from __future__ import annotations

from pathlib import Path

from devstack import json_keys, limits
from devstack.flow_picture import picture
from devstack.flows import flows, table
from devstack.steps import ROOT

SOURCE_PAGE = ROOT / "docs" / "adding-a-source.md"
# The blocks of that page, and the files below tests/adding_a_source/ that they show.
EXAMPLES = {"third load": "till_receipts/description.py", "third dag": "till_receipts_load.py"}


def pages() -> dict[Path, str]:
    """Return every page with the text that it should have."""
    told = flows()
    return {
        ROOT / "docs" / "flows.svg": picture(told, "en"),
        ROOT / "docs" / "flows.zh.svg": picture(told, "zh"),
        **dict(
            [
                with_block(ROOT / "README.md", "flows", table(told, "en")),
                with_block(ROOT / "README.zh.md", "flows", table(told, "zh")),
                with_block(ROOT / "docs" / "limits.md", "limits", limits.tables()),
                with_block(ROOT / "docs" / "commands.md", "keys", json_keys.table("en")),
                with_block(ROOT / "docs" / "commands.zh.md", "keys", json_keys.table("zh")),
            ]
        ),
        SOURCE_PAGE: _with_code(SOURCE_PAGE.read_text(encoding="utf-8")),
    }


def _with_code(text: str) -> str:
    """Return the page of a further load with the code that a test runs."""
    for name, file in EXAMPLES.items():
        code = (ROOT / "tests" / "adding_a_source" / file).read_text(encoding="utf-8").rstrip()
        text = in_text(text, SOURCE_PAGE.name, name, f"```python\n{code}\n```")
    return text


def with_block(page: Path, name: str, block: str) -> tuple[Path, str]:
    """Return the page with this block between its marks.

    :raises ValueError: the page has no such marks
    """
    return page, in_text(page.read_text(encoding="utf-8"), page.name, name, block)


def in_text(text: str, page: str, name: str, block: str) -> str:
    """Return a page's text with this block between its marks.

    :raises ValueError: the page has no such marks
    """
    begin, end = f"<!-- {name}: written by script/docs -->\n", f"<!-- end of {name} -->"
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"{page}: no block {begin.strip()} … {end}")
    return f"{before}{begin}\n{block}\n\n{end}{after}"


def write() -> None:
    """Write the pages, and print the names of those that changed."""
    for page, text in pages().items():
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")
            print(page.relative_to(ROOT))
