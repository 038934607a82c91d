"""Migrations: the files of ``include/sql/schema/<scope>``, and the ledger in each database that says which it has.

A numbered file is applied once. The files of ``functions/`` define what other objects are made from (CREATE OR
REPLACE), and are applied again when their text has changed: it names those that it replaces. A file is applied
before a deployment, while the old code runs, unless its name ends in ``.after``: then the old code would not bear
it. Numbers are never applied out of order. PostgreSQL applies a file and notes it in one transaction. MySQL commits
every DDL statement by itself: a file that was cut is applied again from its first statement, so each of its
statements must bear that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from retail_pipeline import clock
from retail_pipeline.business_time import from_local_time
from retail_pipeline.databases.statements import SQL, statement
from retail_pipeline.databases.target_session import change, dialect, query, transaction
from retail_pipeline.databases.view_changes import change_giving_way
from retail_pipeline.errors import ConfigError

if TYPE_CHECKING:
    import psycopg

    from retail_pipeline.databases.target_session import Session

Scope = Literal["warehouse", "target", "store"]
Phase = Literal["before", "after"]
State = Literal["applied", "pending", "cut", "late", "changed", "other", "unknown"]

BEFORE: Phase = "before"
AFTER: Phase = "after"
LEDGER = "etl_schema_migration"
# In a MySQL file a statement ends with a semicolon that ends a line.
_END_OF_STATEMENT = re.compile(r";[ \t]*$", re.MULTILINE)
# A function names the texts that it replaces, so that a version of before does not put its own back.
_REPLACES = re.compile(r"^-- replaces: ([0-9a-f]{64})$", re.MULTILINE)
_LOOK_AGAIN_SECONDS = 1
_REFUSED: Mapping[State, str] = {
    "changed": "this database has {names} of {place} with another text: take back the change, and write a new file "
    "with the next number",
    "late": "{names} of {place} come with a lower number than one that this database has: give them the next numbers",
    "other": "this database has another text of {names}: if a newer version made it, use that version; if {place} is "
    "newer, add to the file the line `-- replaces: …` with the checksum that etl_schema_migration has",
    "unknown": "a newer version has migrated this database with {names}, not in {place}: use that version",
}


@dataclass(frozen=True)
class Migration:
    """A file.

    :ivar name: its path below the folder of its scope, without ``.sql``
    """

    name: str
    text: str

    @property
    def phase(self) -> Phase:
        return AFTER if self.name.endswith(".after") else BEFORE

    @property
    def numbered(self) -> bool:
        return self.name[0].isdigit()

    @property
    def replaces(self) -> frozenset[str]:
        """Return the checksums of earlier texts of a function."""
        return frozenset(_REPLACES.findall(self.text))

    @property
    def checksum(self) -> str:
        return sha256(self.text.encode()).hexdigest()


class Finding(NamedTuple):
    """What the ledger says of a file.

    :ivar at: when it was applied; None if it is not, or not wholly
    """

    name: str
    phase: str
    state: State
    at: datetime | None


def folder_of(session: Session, scope: Scope) -> Path:
    """Return where the files of a scope are, for the database of a session."""
    return SQL / "schema" / (f"target/{dialect(session)}" if scope == "target" else scope)


def migrations_in(folder: Path) -> list[Migration]:
    """Return the files of a folder: numbered ones in their order, then the functions."""
    numbered = sorted(folder.glob("*.sql"))
    return [
        Migration(str(file.relative_to(folder).with_suffix("").as_posix()), file.read_text(encoding="utf-8"))
        for file in (*numbered, *sorted(folder.glob("functions/*.sql")))
    ]


def findings_of(session: Session, scope: Scope) -> list[Finding]:
    """Return what the ledger says of each file of a scope, and of numbered files that are not there."""
    files, ledger = migrations_in(folder_of(session, scope)), _ledger(session, scope)
    newest = max((name for name in ledger if name[0].isdigit()), default="")
    found = [_finding(file, ledger.get(file.name), newest) for file in files]
    known = {file.name for file in files}
    return found + [
        Finding(name, row["phase"], "unknown", _moment(row))
        for name, row in ledger.items()
        if name not in known and name[0].isdigit()
    ]


def _ledger(session: Session, scope: Scope) -> dict[str, Mapping[str, Any]]:
    if not query(session, "sinks/described", {"table": LEDGER}):
        return {}
    rows = query(session, "migrations/applied", {"scope": scope})
    return {row["name"]: row for row in rows}


def _finding(file: Migration, row: Mapping[str, Any] | None, newest: str) -> Finding:
    if row is None:
        late = file.numbered and file.name < newest
        return Finding(file.name, file.phase, "late" if late else "pending", None)
    moment = _moment(row)
    if moment is None:
        return Finding(file.name, file.phase, "cut", None)
    if row["checksum"] == file.checksum:
        return Finding(file.name, file.phase, "applied", moment)
    if file.numbered:
        return Finding(file.name, file.phase, "changed", moment)
    return Finding(file.name, file.phase, "pending" if row["checksum"] in file.replaces else "other", moment)


def _moment(row: Mapping[str, Any]) -> datetime | None:
    return from_local_time(row["finished_at"]) if row["finished_at"] else None


def migrate(session: Session, conn_id: str, scope: Scope, phase: Phase | None = None) -> Iterator[str]:
    """Apply what is pending; yield the name of each file that was applied.

    :param phase: only what is due before or after a deployment; None for all
    :raises ConfigError: nothing was applied, since a file was changed after it was applied, or the database knows
        files that are not here; or files wait for one of the other phase: those before it are applied
    """
    change(session, statement("migrations/table", dialect(session)))
    due, waiting = _due(session, conn_id, scope, phase)
    for file in due:
        _apply(session, conn_id, scope, file)
        yield file.name
    if waiting:
        raise ConfigError(f"{conn_id}: {waiting}")


def _due(
    session: Session, conn_id: str, scope: Scope, phase: Phase | None
) -> tuple[Sequence[Migration], str | None]:
    """Return what is to be applied, and what must be done first where more of the phase is pending."""
    folder, found = folder_of(session, scope), findings_of(session, scope)
    for state, words in _REFUSED.items():
        if names := ", ".join(f"{one.name}.sql" for one in found if one.state == state):
            place = folder.relative_to(SQL)
            raise ConfigError(f"{conn_id}: nothing was applied: {words.format(names=names, place=place)}")
    due = {one.name for one in found if one.state in ("pending", "cut")}
    return in_order([file for file in migrations_in(folder) if file.name in due], phase)


def in_order(pending: Sequence[Migration], phase: Phase | None) -> tuple[Sequence[Migration], str | None]:
    """Return the pending files of a phase up to the first of the other phase, and what to do if more are behind it.

    Functions come behind the last numbered file that is due before the deployment: they may need what it makes, and
    what is removed afterwards they must no longer use. Pure.
    """
    numbered = [file for file in pending if file.numbered]
    split = max((place + 1 for place, file in enumerate(numbered) if file.phase == BEFORE), default=0)
    ordered = [*numbered[:split], *(file for file in pending if not file.numbered), *numbered[split:]]
    if phase is None:
        return ordered, None
    other = next((place for place, file in enumerate(ordered) if file.phase != phase), len(ordered))
    behind = [file.name for file in ordered[other:] if file.phase == phase]
    if not behind:
        return ordered[:other], None
    blocker = ordered[other]
    return ordered[:other], (
        f"{behind[0]} waits for {blocker.name}, which is due {blocker.phase} a deployment: run `retail schema apply "
        f"--phase {blocker.phase}` first, or, with no DAG running, `retail schema apply`"
    )


def _apply(session: Session, conn_id: str, scope: Scope, file: Migration) -> None:
    """Apply a file and note it: in one transaction, or, in MySQL, with a note before and after."""
    apply = partial(_apply_and_note, session, scope, file)
    if dialect(session) == "mysql":
        apply()
    elif scope == "store":
        change_giving_way(cast("psycopg.Connection[Any]", session), conn_id, apply)
    else:
        with transaction(session):
            apply()


def _apply_and_note(session: Session, scope: Scope, file: Migration) -> None:
    row = {"scope": scope, "name": file.name, "phase": file.phase, "checksum": file.checksum}
    query(session, "migrations/begun", {**row, "version": _version()})
    for text in statements_of(session, file):
        change(session, text)
    query(session, "migrations/finished", {"scope": scope, "name": file.name})


@cache
def _version() -> str:
    return version("retail-pipeline")


def statements_of(session: Session, file: Migration) -> Iterator[str]:
    """Yield what is sent at once: PostgreSQL takes a whole file, MySQL one statement."""
    texts = _END_OF_STATEMENT.split(file.text) if dialect(session) == "mysql" else [file.text]
    yield from (text for text in texts if text.strip())


@contextmanager
def alone(session: Session, conn_id: str, tell: Callable[[str], object]) -> Iterator[None]:
    """Wait until nobody else migrates this database, and keep it so."""
    told = False
    while not query(session, "migrations/lock")[0]["mine"]:
        if not told:
            tell(f"{conn_id}: waiting for another `retail schema apply` on this database")
            told = True
        clock.pause(_LOOK_AGAIN_SECONDS)
    try:
        yield
    finally:
        with suppress(Exception):  # a session that is gone has given the lock back
            query(session, "migrations/unlock")
