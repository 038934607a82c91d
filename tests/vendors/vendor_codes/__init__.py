"""The vendors' own lists of codes, as their documents have them: one a line, code and words."""

from __future__ import annotations

from pathlib import Path


def listed(vendor: str) -> list[tuple[str, str]]:
    """Return a vendor's codes with their words."""
    lines = (Path(__file__).parent / f"{vendor}.tsv").read_text(encoding="utf-8").splitlines()
    return [(code, words) for code, _, words in (line.partition("\t") for line in lines)]
