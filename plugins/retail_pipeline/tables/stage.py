"""Loads rows into a database: stages them in the session's own tables, and publishes them in one transaction.

Staging is a bulk load of JSON lines: an encoder in C writes what the database reads. Publishing is one guarded upsert
of the heads, and the replacement of the children of those heads that the upsert took.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from retail_pipeline.databases.target_session import attempt, change, query_text
from retail_pipeline.errors import CheckFailed, ValueRefused
from retail_pipeline.tables.batches import Batch, Chunk, Key, by_head, empty_batch, together
from retail_pipeline.tables.column_values import Values
from retail_pipeline.tables.comparing_statements import ComparingStatements
from retail_pipeline.tables.description import Table, TableFamily
from retail_pipeline.tables.fingerprint import MODULUS
from retail_pipeline.tables.halves import by_halves
from retail_pipeline.tables.held import Held
from retail_pipeline.tables.table_statements import TableStatements, itself, stage
from retail_pipeline.tables.target_side import TargetSide

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session


@dataclass(frozen=True)
class Proof:
    """What the target has of the heads that were staged.

    :param staged: how many there were
    :param arrived: how many are in the table in the version that was staged; ``checksum`` of their keys and versions
    :param refused: how many the table has in a newer version; ``refused_checksum`` of the staged ones
    :param missing: the keys by which the source finds the heads that are not there, the first thousand
    """

    staged: int
    arrived: int
    arrived_checksum: int
    refused: int
    refused_checksum: int
    missing: list[str]


# Called with the key of a head that the database refuses.
Refuse: TypeAlias = Callable[[Key, ValueRefused], None]
# Called before heads are published, either all (None) or those of some keys; rolled back together with them.
First: TypeAlias = Callable[[Sequence[Key] | None], object]


def not_at_all(_key: Key, refusal: ValueRefused) -> None:
    """Leave no head out: one that the database refuses stops the others."""
    raise refusal


class Stage(ABC):
    """The stage of one session for one family of tables. Not thread-safe.

    A thread of the stage's own loads one batch, never more, while the next one is prepared. A caller that uses the
    session meanwhile, even to begin a transaction, must call ``wait`` first. A head must not be staged twice without
    ``forget`` in between.

    If the database refuses a value of a head, in the stage or in its tables, the head stays out with its children,
    and ``refuse`` is called; the others are published.

    :cvar count_tells_new: an upsert counts a head twice if it was there already
    :cvar count_tells_refused: an upsert does not count heads that it refused, and the bulk load refuses a child
        that is there already: if all heads were taken, their children need no stage
    :cvar zone: the zone that it assumes for a time without one
    :param batch_rows: how many heads are loaded into the stage at once
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
        self._loading: tuple[Future[None], Batch] | None = None
        self._refuse: Refuse = not_at_all
        self._staged = False
        self._batch: Batch = empty_batch(family)
        self._keys: list[Key] = []
        self._given: dict[str, Any] | None = None
        for table in family:
            change(session, self.statements.create_stage(table))
        self._held = Held.created(session, self.statements, family)

    def add(self, table: Table, columns: Sequence[Values], names: tuple[str, ...] = ()) -> None:
        """Take rows, column by column; they are loaded when enough of them have come.

        :param names: of the columns, if these are not all of the table's
        """
        if columns and columns[0]:
            names = names or table.names
            owners = tuple(columns[names.index(name)] for name in self._family.head.key)
            lines = self.lines(self.as_sent(table, names, columns))
            self._batch[table.name].append(Chunk(names, lines, owners))
            if table is self._family.head:
                self._keys += zip(*owners, strict=True)

    def load_when_full(self) -> None:
        """Begin to load the rows that have come if they make a batch, once the batch before is loaded."""
        if len(self._keys) >= self._batch_rows:
            self.wait()
            self._loading = (self._thread.submit(self._load_whole, self._batch), self._batch)
            self._staged = True
            self._begin_batch()

    def wait(self) -> None:
        """Wait for the batch that is being loaded, so that the session is free; find the heads that were refused."""
        loading, self._loading = self._loading, None
        if loading:
            try:
                loading[0].result()
            except ValueRefused:
                self._load_by_halves(loading[1])

    def load(self) -> None:
        """Load all rows that have come into the stage."""
        self.wait()
        batch = self._batch
        self._begin_batch()
        self._staged = True
        try:
            self._load_whole(batch)
        except ValueRefused:
            self._load_by_halves(batch)

    def clear(self, refuse: Refuse = not_at_all) -> None:
        """Forget everything that was staged.

        :param refuse: called from now on with each head that the database refuses; what it raises reaches the caller
        """
        loading, self._loading = self._loading, None
        if loading:
            with suppress(CheckFailed):
                loading[0].result()
        self._refuse = refuse
        for table in self._family:
            change(self._session, self.statements.empty_stage(table))
        self._staged = False
        self._begin_batch()

    def forget(self, keys: Sequence[tuple[Any, ...]]) -> None:
        """Remove heads and their children from the stage, by their keys."""
        self.load()
        self._take_off(keys)

    def _take_off(self, keys: Sequence[Key]) -> None:
        for table in self._family:
            for key in keys:
                values = dict(zip(self._family.head.key, key, strict=True))
                change(self._session, self.statements.forget(self._family, table), values)

    def close(self) -> None:
        """Wait for the batch that is being loaded, even if that fails: the session is free afterwards."""
        self._thread.shutdown()

    def publish(self, window_id: int, first: First = lambda _keys: None) -> Proof:
        """Move the staged rows into their tables; the caller has begun the transaction and commits it.

        :param window_id: the certificate that the rows keep as their origin; new for each call
        """
        self.wait()
        self._given = None
        batch, keys, staged = dict(self._batch), self._keys, self._staged
        try:
            with attempt(self._session):
                first(None)
                return self._publish_new(window_id) or self._publish_staged(window_id)
        except ValueRefused:
            self._batch, self._keys, self._staged = batch, keys, staged
        self._publish_by_halves(window_id, first)
        return self._proof(self.statements.proof(self._family), {"window_id": window_id})

    def target_side(self, window_id: int, proof: Proof) -> TargetSide:
        """Return the target's side for the heads that were published last, in the same transaction."""
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
        """Publish without the stage if that is possible; otherwise do nothing and return None."""
        return None

    def _publish_staged(self, window_id: int) -> Proof:
        self._load_heads()
        family, values = self._family, {"window_id": window_id}
        staged = query_text(self._session, self.statements.count(family))[0]["count"]
        # The upsert itself counts: other sessions may have inserted the same heads a moment ago.
        counted = change(self._session, self.statements.upsert_head(family), values)
        if self.count_tells_refused and counted == staged:
            self._replace_all_children()
        else:
            self._load_children()
            self._replace_children(values, all_new=self.count_tells_new and counted == staged)
        return self._proof(self.statements.proof(self._family), values)

    def _publish_by_halves(self, window_id: int, first: First) -> None:
        """Publish the staged heads that the tables take; remove the others from the stage."""
        self.load()
        held = self._held
        keys = held.hold()
        refused: list[Key] = []

        def publish(some: Sequence[Key]) -> None:
            with attempt(self._session):
                first(some)
                held.restage(some)
                self._publish_staged(window_id)

        def refuse(key: Key, refusal: ValueRefused) -> None:
            refused.append(key)
            self._refuse(key, refusal)

        by_halves(keys, publish, refuse)
        held.restage(keys)
        self._take_off(refused)

    def _replace_children(self, values: dict[str, int], *, all_new: bool) -> None:
        for child in self._family.children:
            if not all_new:
                change(self._session, self.statements.delete_children(self._family, child), values)
            change(self._session, self.statements.insert_children(self._family, child), values)

    def _replace_all_children(self) -> None:
        """Replace the children of all heads, as none was refused: those still in memory need no stage."""
        for child in self._family.children:
            change(self._session, self.statements.delete_all_children(self._family, child))
            if self._staged:
                change(self._session, self.statements.insert_all_children(self._family, child))
        self._load_batch(self._batch, itself)
        self._begin_batch()

    def _proof(self, question: str, values: dict[str, Any]) -> Proof:
        facts = {n: int(v) % MODULUS for n, v in query_text(self._session, question, values)[0].items()}
        there = facts["arrived"] + facts["refused"] == facts["staged"]
        rows = [] if there else query_text(self._session, self.statements.missing(self._family), values)
        return Proof(**facts, missing=[str(row["missing"]) for row in rows])

    def _load_heads(self) -> None:
        """Load the heads that have come into the stage; their children stay in memory."""
        head = self._family.head.name
        self._load_batch({**empty_batch(self._family), head: self._batch[head]})
        self._batch[head] = []

    def _load_children(self) -> None:
        self._load_batch(self._batch)
        self._staged = True
        self._begin_batch()

    def _load_whole(self, batch: Batch) -> None:
        """Load a batch, or nothing of it."""
        with attempt(self._session):
            self._load_batch(batch)

    def _load_by_halves(self, batch: Batch) -> None:
        heads = by_head(self._family, batch)

        def load(keys: Sequence[Key]) -> None:
            self._load_whole(together(self._family, [heads[key] for key in keys]))

        by_halves(list(heads), load, self._refuse)

    def _begin_batch(self) -> None:
        self._batch = empty_batch(self._family)
        self._keys = []

    @staticmethod
    @abstractmethod
    def as_sent(table: Table, names: Sequence[str], columns: Sequence[Values]) -> Sequence[Values]:
        """Return columns in the form that the database takes."""

    @staticmethod
    @abstractmethod
    def lines(columns: Sequence[Values]) -> bytes:
        """Return rows, given column by column, as the database reads them."""

    @abstractmethod
    def _load_batch(self, batch: Batch, into: Callable[[Table], str] = stage) -> None:
        """Load lines into the session's own tables, or straight into the tables that keep the rows."""
