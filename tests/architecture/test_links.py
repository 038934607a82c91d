"""Links of the documents lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.architecture.tree import ROOT, files, text_of

LINK = re.compile(r"!?\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def anchors(text: str) -> set[str]:
    """Return the anchors that a Markdown page's headings get."""
    found = re.findall(
        r"^#+\s+(.+?)\s*#*$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.MULTILINE
    )
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


def broken_links(text: str, page: Path) -> list[str]:
    """Return the links within the project that lead nowhere."""
    targets = LINK.findall(CODE.sub("", text))
    return [
        target for target in targets if not re.match(r"[a-z]+:", target) and not _leads(target, text, page)
    ]


def _leads(target: str, text: str, page: Path) -> bool:
    path, _, anchor = unquote(target).partition("#")
    place = page.parent / path if path else page
    if not place.exists():
        return False
    if not anchor or place.suffix != ".md":
        return True
    return anchor in anchors(text if place == page else text_of(place))


PAGES = [
    *sorted(ROOT.glob("*.md")),
    *files("docs", "sandbox", "bench", "devstack", "demo", "tests", suffixes=(".md",)),
]


def test_no_link_of_any_page_is_broken():
    assert {
        str(page.relative_to(ROOT)): broken for page in PAGES if (broken := broken_links(text_of(page), page))
    } == {}


@pytest.fixture
def page(tmp_path) -> Path:
    (tmp_path / "there.md").write_text("# A heading, with `code`\n## 中文 标题\n", encoding="utf-8")
    return tmp_path / "page.md"


@pytest.mark.parametrize(
    "bad",
    [
        "[a](missing.md)",
        "![a](missing.png)",
        "[a](there.md#no-such-heading)",
        "[a](#no-such-heading)",
        '[a](missing.md "title")',
        "[a](<missing.md>)",
        "[a](../there.md)",
    ],
)
def test_a_broken_link_is_caught(page, bad):
    text = f"# Title\n{bad}\n"
    page.write_text(text, encoding="utf-8")

    assert len(broken_links(text, page)) == 1


@pytest.mark.parametrize(
    "good",
    [
        "[a](there.md)",
        "[a](there.md#a-heading-with-code)",
        "[a](there.md#中文-标题)",
        "[a](#title)",
        "[a](https://example.org/x)",
        "[a](mailto:a@example.org)",
        "`[a](missing.md)`",
        "```\n[a](missing.md)\n```",
    ],
)
def test_a_link_that_leads_somewhere_passes(page, good):
    text = f"# Title\n{good}\n"
    page.write_text(text, encoding="utf-8")

    assert broken_links(text, page) == []
