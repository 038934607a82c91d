"""Whether a target holds the values that a source gave: sums over a whole window, and some rows field by field."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from random import Random, SystemRandom
from typing import TYPE_CHECKING, Any

from retail_pipeline.databases.target_session import savepoint
from retail_pipeline.tables.description import Column
from retail_pipeline.tables.stage import First, Proof, Stage
from retail_pipeline.tables.target_side import Row, TargetSide
from retail_pipeline.tables.value_figures import Figures, both_sides, differences
from retail_pipeline.windows import cycle_collector
from retail_pipeline.windows.field_comparison import FieldComparison, Told
from retail_pipeline.windows.raw_records import RecordKey
from retail_pipeline.windows.source_side import Kept, SourceSide

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session

# So many rows are compared field by field, or this share of a window's rows if that is more.
MIN_SAMPLED, SHARE_SAMPLED = 200, 0.02
_RANDOM = SystemRandom()
# A certificate names only so many differences.
_NAMED = 20


@dataclass(frozen=True)
class ComparedValues:
    """The result of a comparison.

    :param told: both sides, as a certificate keeps them
    :param differences: in words, without any value of a single row
    """

    told: dict[str, Any]
    differences: list[str]

    def words(self) -> str | None:
        """Return what a certificate says about the differences; None if there are none."""
        if not self.differences:
            return None
        more = len(self.differences) - _NAMED
        listed = "; ".join(self.differences[:_NAMED])
        return f"values differ, nothing is published: {listed}{f'; and {more} more' if more > 0 else ''}"


class _Differs(Exception):
    def __init__(self, proof: Proof, compared: ComparedValues) -> None:
        super().__init__()
        self.found = proof, compared


@dataclass(frozen=True)
class ValueComparison:
    """Compares what one load publishes.

    :param told_of: reads a record that was kept, by code that makes no rows
    :param prefix: the first part of the heads' keys, which is the same in all of them
    :param random: draws the rows; nobody can know beforehand which ones
    """

    fields: FieldComparison
    told_of: Callable[[Kept], Told]
    prefix: tuple[Any, ...] = ()
    random: Random = _RANDOM

    def publish(
        self,
        session: Session,
        stage: Stage,
        window_id: int,
        source: SourceSide,
        keys: Callable[[], Collection[RecordKey]],
        first: First = lambda _keys: None,
    ) -> tuple[Proof, ComparedValues]:
        """Publish what is staged and compare it; if values differ, nothing of it is published.

        :param stage: of the session
        :param keys: returns the keys of the records that must be there; called after they are published
        :param first: done before anything is published, and undone with it
        """
        try:
            with savepoint(session):
                proof = stage.publish(window_id, first)
                with cycle_collector.paused():
                    compared = self._compare(source, keys(), stage.target_side(window_id, proof))
                if compared.differences:
                    raise _Differs(proof, compared)
        except _Differs as differs:
            return differs.found
        return proof, compared

    def _compare(self, source: SourceSide, keys: Collection[RecordKey], target: TargetSide) -> ComparedValues:
        absent: set[RecordKey] = set() if target.all_ours else {key[-1] for key in target.not_ours()}
        there = dict.fromkeys(key for key in keys if key not in absent)
        said = source.figures(there)
        found = target.figures(self._columns(said, compared_only=True))
        sampled = self._draw(there)
        unequal = self._unequal(source, sampled, target, self._columns(said, compared_only=False))
        told = {"tables": both_sides(said, found), "sampled": len(sampled), "unequal": len(unequal)}
        return ComparedValues(told, [*differences(said, found), *unequal.values()])

    def _columns(self, said: Figures, *, compared_only: bool) -> dict[str, list[Column]]:
        """Return by table the columns that have values; for whole rows, our own columns and the keys as well."""
        ours, key = self.fields.ours, self.fields.family.head.key
        wanted: dict[str, list[Column]] = {}
        for table in self.fields.family:
            occurred = {name for (_, name), figure in said[table.name].columns.items() if figure.count}
            wanted[table.name] = [
                column
                for column in table.columns
                if column.name in occurred
                or (
                    not compared_only
                    and (column.name in ours or column.name in key or column.name in table.key)
                )
            ]
        return wanted

    def _draw(self, keys: Collection[RecordKey]) -> list[RecordKey]:
        count = max(MIN_SAMPLED, -int(-len(keys) * SHARE_SAMPLED // 1))
        quick = Random(self.random.getrandbits(128))  # noqa: S311 (a system call per number would take longer)
        return quick.sample(list(keys), min(count, len(keys)))

    def _unequal(
        self,
        source: SourceSide,
        sampled: Sequence[RecordKey],
        target: TargetSide,
        columns: Mapping[str, Sequence[Column]],
    ) -> dict[RecordKey, str]:
        """Return by key the fields that differ from what the source said."""
        name = self.fields.family.head.key[-1]
        rows = target.rows([(*self.prefix, key) for key in sampled], columns)
        by_key: dict[RecordKey, dict[str, list[Row]]] = {
            key: {table.name: [] for table in self.fields.family} for key in sampled
        }
        for table, of_table in rows.items():
            for row in of_table:
                by_key[row[name]][table].append(row)
        told = [self.told_of(kept) for kept in source.kept(sampled)]
        unequal = self.fields.differences(told, [by_key[key] for key in sampled])
        return {
            sampled[place]: f"{name} {sampled[place]}: {', '.join(found)}" for place, found in unequal.items()
        }
