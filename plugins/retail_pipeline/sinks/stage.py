"""Rows into a database: staged in the session's own tables while they come, published in one transaction.

Staging is a bulk load of JSON lines: an encoder in C writes what the database reads. Publishing is one guarded upsert
for the heads, and the replacement of the children of those that were taken.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, ClassVar

from retail_pipeline.column_values import Values
from retail_pipeline.errors import CheckFailed
from retail_pipeline.sinks.comparing_statements import ComparingStatements
from retail_pipeline.sinks.table_statements import TableStatements, itself, stage
from retail_pipeline.sinks.target_side import TargetSide
from retail_pipeline.table_description import Table, TableFamily
from retail_pipeline.target_session import change, query_text

if TYPE_CHECKING:
    from retail_pipeline.target_session import Session


@dataclass(frozen=True)
class Proof:
    """What the target has of the heads that were staged.

    :param staged: how many there were
    :param arrived: in the table in the version that was staged; ``checksum`` of their keys and versions
    :param refused: the table has a newer version; ``refused_checksum`` of what was staged
    :param missing: what the source finds those by that are not there, the first thousand
    """

    staged: int
    arrived: int
    arrived_checksum: int
    refused: int
    refused_checksum: int
    missing: list[str]


@dataclass(frozen=True)
class Chunk:
    """Rows of some columns of a table, as the database reads them; the other columns are NULL."""

    names: tuple[str, ...]
    lines: bytes


Batch = dict[str, list[Chunk]]


class Stage(ABC):
    """The stage of one session for one family of tables. Not thread-safe.

    A batch is loaded by a thread of the stage's own while the next one is made ready; never more than one. A head
    must not be staged twice without ``forget`` in between.

    :cvar count_tells_new: an upsert counts heads that were there already twice
    :cvar count_tells_refused: an upsert does not count heads that it refused, and the bulk load refuses a child
        that is there already: where all heads were taken, their children need no stage
    :cvar zone: what it takes a time without a zone for
    :param batch_rows: heads that are loaded into the stage at once
    """

    statements: ClassVar[TableStatements]
    count_tells_new: ClassVar[bool]
    count_tells_refused: ClassVar[bool]
    zone: ClassVar[tzinfo]

    def __init__(self, session: Session, family: TableFamily, *, batch_rows: int) -> None:
        self._session = session
        self._family = family
        self._batch_rows = batch_rows
        self._thread = ThreadPoolExecutor(1, "stage")
        self._loading: Future[None] | None = None
        self._staged = False
        self._begin_batch()
        for table in family:
            change(session, self.statements.create_stage(table))

    def add(self, table: Table, columns: Sequence[Values], names: tuple[str, ...] = ()) -> None:
        """Take rows, column by column; they are loaded when enough of them have come.

        :param names: of the columns, where they are not all of the table's
        """
        if columns and columns[0]:
            names = names or table.names
            self._batch[table.name].append(Chunk(names, self.lines(self.as_sent(table, names, columns))))
            if table is self._family.head:
                self._keys += zip(*(columns[names.index(name)] for name in table.key), strict=True)

    def load_when_full(self) -> None:
        """Load what has come if it is a batch, once the batch before is in.

        :raises CheckFailed: the database refuses a value of the batch before
        """
        if len(self._keys) >= self._batch_rows:
            self._wait()
            self._loading = self._thread.submit(self._load_batch, self._batch)
            self._staged = True
            self._begin_batch()

    def load(self) -> None:
        """Load all that has come into the stage.

        :raises CheckFailed: the database refuses a value; nothing that it would change is ever published
        """
        self._load_heads()
        self._load_batch(self._batch)
        self._staged = True
        self._begin_batch()

    def clear(self) -> None:
        """Forget everything that was staged."""
        with suppress(CheckFailed):
            self._wait()
        for table in self._family:
            change(self._session, self.statements.empty_stage(table))
        self._staged = False
        self._begin_batch()

    def forget(self, keys: Sequence[tuple[Any, ...]]) -> None:
        """Take heads and their children off the stage, by their keys."""
        self.load()
        for table in self._family:
            for key in keys:
                values = dict(zip(self._family.head.key, key, strict=True))
                change(self._session, self.statements.forget(self._family, table), values)

    def close(self) -> None:
        """Wait for what is being loaded, whatever comes of it: the session is free afterwards."""
        self._thread.shutdown()

    def publish(self, window_id: int) -> Proof:
        """Bring the staged rows into their tables; the caller has begun the transaction and commits it.

        :param window_id: certificate that the rows will name as their origin; new for each call
        """
        self._given: dict[str, Any] | None = None
        return self._publish_new(window_id) or self._publish_staged(window_id)

    def target_side(self, window_id: int, proof: Proof) -> TargetSide:
        """Return what can be asked about the heads that were published last, in the same transaction."""
        family = self._family
        given = (
            f"{stage(family.head)} AS s" if self._given is None else self.statements.given_keys(family.head)
        )
        return TargetSide(
            self._session,
            ComparingStatements(self.statements, family, given),
            window_id,
            self._given or {},
            all_ours=proof.arrived == proof.staged,
        )

    def _publish_new(self, window_id: int) -> Proof | None:  # noqa: ARG002
        """Publish without the stage where that can be; None, and nothing done, where it cannot."""
        return None

    def _publish_staged(self, window_id: int) -> Proof:
        self._load_heads()
        family, values = self._family, {"window_id": window_id}
        staged = query_text(self._session, self.statements.count(family))[0]["count"]
        # Counted by the upsert itself: other sessions may have brought the same heads a moment ago.
        counted = change(self._session, self.statements.upsert_head(family), values)
        if self.count_tells_refused and counted == staged:
            self._replace_all_children()
        else:
            self.load()
            self._replace_children(values, all_new=self.count_tells_new and counted == staged)
        return self._proof(self.statements.proof(self._family), values)

    def _replace_children(self, values: dict[str, int], *, all_new: bool) -> None:
        for child in self._family.children:
            if not all_new:
                change(self._session, self.statements.delete_children(self._family, child), values)
            change(self._session, self.statements.insert_children(self._family, child), values)

    def _replace_all_children(self) -> None:
        """No head was refused: what is still in memory needs no stage."""
        for child in self._family.children:
            change(self._session, self.statements.delete_all_children(self._family, child))
            if self._staged:
                change(self._session, self.statements.insert_all_children(self._family, child))
        self._load_batch(self._batch, itself)
        self._begin_batch()

    def _proof(self, question: str, values: dict[str, Any]) -> Proof:
        found = query_text(self._session, question, values)[0]
        facts = {name: int(value) for name, value in found.items()}
        there = facts["arrived"] + facts["refused"] == facts["staged"]
        rows = [] if there else query_text(self._session, self.statements.missing(self._family), values)
        return Proof(**facts, missing=[str(row["missing"]) for row in rows])

    def _load_heads(self) -> None:
        """Load the heads that have come; their children stay in memory."""
        self._wait()
        head = self._family.head.name
        self._load_batch({**self._batch, **{table.name: [] for table in self._family.children}})
        self._batch[head] = []

    def _begin_batch(self) -> None:
        self._batch: Batch = {table.name: [] for table in self._family}
        self._keys: list[tuple[Any, ...]] = []

    def _wait(self) -> None:
        loading, self._loading = self._loading, None
        if loading:
            loading.result()

    @staticmethod
    @abstractmethod
    def as_sent(table: Table, names: Sequence[str], columns: Sequence[Values]) -> Sequence[Values]:
        """Return columns in the form that the database takes, where that is another one."""

    @staticmethod
    @abstractmethod
    def lines(columns: Sequence[Values]) -> bytes:
        """Return rows, given column by column, as the database reads them."""

    @abstractmethod
    def _load_batch(self, batch: Batch, into: Callable[[Table], str] = stage) -> None:
        """Load lines into the session's own tables, or into those that keep the rows."""
