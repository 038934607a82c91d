"""What a load must know of a source that gives pages: how it is asked, and which rows become of its records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import cached_property
from typing import ClassVar, Protocol, TypeAlias

from retail_pipeline.business_time import Window
from retail_pipeline.tables.batches import Key
from retail_pipeline.tables.column_values import Values
from retail_pipeline.tables.description import TableFamily
from retail_pipeline.tables.fingerprint import fingerprint
from retail_pipeline.tables.value_figures import Figures
from retail_pipeline.windows.paged_reading import Page
from retail_pipeline.windows.quarantine import Rejected
from retail_pipeline.windows.raw_records import RecordKey
from retail_pipeline.windows.value_comparison import ValueComparison


@dataclass(frozen=True)
class ReadyPage:
    """One page that can be staged.

    :param columns: by table, the values of its columns
    :param raws: the usable records as they came, by their keys, which are the last column of the head's key
    :param figures: of these records
    """

    family: TableFamily
    columns: Mapping[str, Sequence[Values]]
    rejected: Sequence[Rejected]
    raws: Sequence[tuple[RecordKey, bytes]]
    figures: Figures

    @cached_property
    def row_hashes(self) -> dict[RecordKey, int]:
        """Return by key the fingerprint of key and version, as the target's own proof works it out."""
        return {
            key[-1]: fingerprint(*key, version if "." in version else f"{version}.000000")
            for key, version in zip(self.heads, self.versions, strict=True)
        }

    @cached_property
    def heads(self) -> list[Key]:
        """Return the whole keys of the heads, record by record."""
        head, names = self.columns[self.family.head.name], self.family.head.names
        return list(zip(*(head[names.index(name)] for name in self.family.head.key), strict=True))

    @property
    def versions(self) -> Values:
        """Return when each record was modified, as it says: Shanghai time as text."""
        place = self.family.head.names.index(self.family.versions[0])
        return self.columns[self.family.head.name][place]


class PageRows(Protocol):
    """Makes the rows of one attempt, and counts the rules that were broken."""

    @property
    def rule_counts(self) -> Mapping[str, int]: ...

    def ready(self, records: Sequence[bytes]) -> ReadyPage:
        """Return a page's rows; a record that cannot be used does not stop the others."""
        ...


# Called with filters, page= (from 0) and page_size=; raises ``RateLimited``, or another ``ApiError``.
Search: TypeAlias = Callable[..., Page]


class PagedSource(Protocol):
    """Where pages come from, and where their records go.

    :cvar lookup: the filter that finds one record, whenever it was modified; "" if the source has none
    """

    vendor: ClassVar[str]
    family: ClassVar[TableFamily]
    lookup: ClassVar[str]

    def between(self, window: Window) -> dict[str, str]:
        """Return the filters that find the records that were modified in a window."""
        ...

    def rows(self, zone: tzinfo) -> PageRows:
        """Return what makes rows; ``zone`` is the one that the target assumes for a time without one."""
        ...

    def comparison(self, zone: tzinfo) -> ValueComparison:
        """Return the comparison of what is published with what came."""
        ...
