"""The project's own files, as the house rules see them."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOT_OURS = {".local", ".git", "__pycache__", ".venv", "node_modules"}


def files(*folders: str, suffixes: tuple[str, ...] = (".py",)) -> list[Path]:
    """Return the files below folders of the project, sorted."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*"))
    return sorted(path for path in found if path.suffix in suffixes and path.is_file() and _is_ours(path))


def _is_ours(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    return not NOT_OURS & set(parts) and not any(part.endswith(".egg-info") for part in parts)


def each_file(*folders: str, suffixes: tuple[str, ...] = (".py",)) -> pytest.MarkDecorator:
    """Run a test once for each file."""
    found = files(*folders, suffixes=suffixes)
    return pytest.mark.parametrize("path", found, ids=lambda path: str(path.relative_to(ROOT)))


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")
