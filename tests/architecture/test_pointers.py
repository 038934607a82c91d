"""What settings, scripts, SQL and messages say of the documents is there: page, and heading."""

from __future__ import annotations

import re

import pytest

from tests.architecture.test_links import anchors
from tests.architecture.tree import ROOT, files, text_of

# docs/page.md, docs/page.md#heading, and docs/page.md, "Heading" in either kind of quotation marks
POINTER = re.compile(r"docs/([\w-]+)\.md(?:#([\w-]+)|`?, [\"«]([^\"»]+)[\"»])?")
SUFFIXES = (".py", ".sh", ".sql", ".yaml", ".env", ".json")
ROOT_FILES = (".env.example", "Dockerfile", "docker-compose.yaml", "pyproject.toml")
PLACES = [
    *(ROOT / name for name in ROOT_FILES),
    *files(
        "compose", "dags", "include", "devstack", "demo", "plugins", "sandbox", "bench", suffixes=SUFFIXES
    ),
    *sorted((ROOT / "script").iterdir()),
]


def broken_pointers(text: str) -> list[str]:
    """Return the mentions of pages or headings that are not there."""
    return [found[0] for found in POINTER.finditer(text) if not _leads(*found.groups())]


def _leads(page: str, anchor: str | None, heading: str | None) -> bool:
    file = ROOT / "docs" / f"{page}.md"
    if not file.exists():
        return False
    if anchor:
        return anchor in anchors(text_of(file))
    return not heading or bool(re.search(rf"^(?:#+ |\*\*){re.escape(heading)}", text_of(file), re.MULTILINE))


def test_no_pointer_to_a_document_is_broken():
    found = {str(path.relative_to(ROOT)): broken_pointers(text_of(path)) for path in PLACES}
    assert {path: broken for path, broken in found.items() if broken} == {}


@pytest.mark.parametrize(
    "bad",
    [
        "see docs/missing.md",
        "see docs/compose.md#no-such-heading",
        'see docs/compose.md, "No such heading"',
        "see docs/runbook.md, «No such heading»: nothing is lost",
        "see `docs/compose.md`, «No such heading»",
    ],
)
def test_a_broken_pointer_is_caught(bad):
    assert len(broken_pointers(bad)) == 1


@pytest.mark.parametrize(
    "good",
    [
        "docs/compose.md#images",
        '(docs/compose.md, "Images")',
        "docs/compose.md, which says",
        "docs/compose.md.",
    ],
)
def test_a_pointer_that_leads_somewhere_passes(good):
    assert broken_pointers(good) == []
