"""A load as Airflow runs it: one task plans the chunks of time, one mapped task loads each of them."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from airflow.sdk import BaseOperator

from retail_pipeline.business_time import Window
from retail_pipeline.errors import told
from retail_pipeline.orchestration.executor_slots import max_mapped_tasks
from retail_pipeline.orchestration.fail_without_retry import FAILURES, fail_without_retry
from retail_pipeline.orchestration.planned_subjects import PlannedInstance
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.retail import LoadAccount, LoadSettings, Settings
from retail_pipeline.windows.failure_certificates import certifying
from retail_pipeline.windows.ledger import Certificate, LoadKey, WindowLedger
from retail_pipeline.windows.load_runs import LoadRun, chunks_of, due_windows, load_run, nearly_done_first
from retail_pipeline.windows.plan import (
    chunk_as_data,
    from_first_to_last,
    planned_at,
    summed_up,
    window_of,
)

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context


# An account, or an RDS: whose records are loaded, and where they go.
Subject = TypeVar("Subject", bound=LoadAccount | PlannedInstance)


class _ChunkOperator(BaseOperator, Generic[Subject]):
    """What planning and loading have in common.

    :cvar pipeline: as the settings, the ledger and the commands name the load
    :cvar filters: the params that ask for a part of a window
    :cvar lookup: the one of them that asks for one record; "" if there is none
    """

    pipeline: ClassVar[str]
    filters: ClassVar[tuple[str, ...]] = ()
    lookup: ClassVar[str] = ""

    def account_of(self, subject: Subject) -> str:
        """Return how the ledger names a subject."""
        return subject.name

    def source_now(self, subject: Subject, settings: LoadSettings, run: LoadRun) -> datetime:  # noqa: ARG002
        """Return the present moment by the source's clock: ours, where the source has none to ask."""
        return run.planned_at

    def run_of(self, context: Context, settings: LoadSettings, now: datetime | None = None) -> LoadRun:
        """Read the run from the task's context."""
        return load_run(context, self.pipeline, settings, filters=self.filters, lookup=self.lookup, now=now)

    def due(self, subject: Subject, settings: LoadSettings, run: LoadRun) -> list[Window]:
        """Return the windows that a subject's scheduled load has still to read."""
        now = self.source_now(subject, settings, run)
        with open_target(subject.target_conn_id) as session:
            ledger, account = WindowLedger(session), self.account_of(subject)
            return due_windows(ledger, run, account, settings, load_from=subject.load_from, now=now)


class PlanChunksOperator(_ChunkOperator[Subject]):
    """Plan the chunks of time that are to be loaded, for every subject: one mapped task each."""

    @abstractmethod
    def subjects(self, context: Context, settings: Settings, run: LoadRun) -> Sequence[Subject]:
        """Return the subjects of a run."""

    @abstractmethod
    def about(self, subject: Subject) -> Mapping[str, Any]:
        """Return a subject as data."""

    def execute(self, context: Context) -> list[dict[str, Any]]:
        """Return the chunks as data; a subject that cannot be asked gets one that plans for itself."""
        settings = load_settings()
        how = settings.load(self.pipeline)
        with fail_without_retry():
            run = self.run_of(context, how)
            subjects = self.subjects(context, settings, run)
            planned = [(each, self._plan(each, how, run, len(subjects))) for each in subjects]
            chunks = [
                chunk_as_data(self.about(subject), subject.name, run, chunk)
                for subject, chunk in nearly_done_first(planned)
            ]
        names = ", ".join(each.name for each in subjects)
        self.log.info("%s run, %d chunks of %s", run.purpose, len(chunks), names or "nothing")
        return chunks

    def _plan(
        self, subject: Subject, how: LoadSettings, run: LoadRun, sharers: int
    ) -> Sequence[Window | None]:
        if run.single:
            return [None]
        try:
            windows = [run.window] if run.window else self.due(subject, how, run)
        except Exception as error:  # noqa: BLE001 (its own task meets it again)
            self.log.error("%s cannot be planned: %s", self.account_of(subject), told(error))
            return [None]
        return chunks_of(run, windows, how, sharers, max_mapped_tasks())


class LoadChunkOperator(_ChunkOperator[Subject]):
    """Load one chunk, completely or not at all.

    :param chunk: as planned: the subject, and the chunk of time
    :cvar sums: which numbers of the certificates are summed up
    """

    template_fields: Sequence[str] = ("chunk",)
    sums: ClassVar[tuple[str, ...]] = ("source_keys", "target_keys", "refused", "quarantined")

    def __init__(self, *, chunk: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.chunk = chunk

    @abstractmethod
    def subject(self) -> Subject:
        """Return the subject of the chunk."""

    @abstractmethod
    def load(self, subject: Subject, run: LoadRun, load_key: LoadKey) -> list[Certificate]:
        """Load a window; return the certificates of its chunks.

        :raises PipelineError: all that could be loaded is loaded
        """

    def execute(self, context: Context) -> dict[str, Any]:
        """Return the sums of the certificates."""
        how = load_settings().load(self.pipeline)
        with fail_without_retry():
            subject = self.subject()
        with fail_without_retry(conn_id=subject.conn_id):
            run = self.run_of(context, how, planned_at(self.chunk))
            window, account = window_of(self.chunk) or run.asked, self.account_of(subject)
            load_key = LoadKey(self.pipeline, account, window, run.purpose, run.run_id, run.condition)
            with certifying(partial(open_target, subject.target_conn_id), load_key, stops=FAILURES):
                found = self._load(subject, how, run, load_key)
        told = summed_up(found, self.sums)
        rules: Counter[str] = sum((Counter(each.rule_counts) for each in found), Counter())
        self.log.info("complete: %s; rules: %s", told, dict(rules) or "none broken")
        return told

    def _load(
        self, subject: Subject, how: LoadSettings, run: LoadRun, load_key: LoadKey
    ) -> list[Certificate]:
        if load_key.window.start == load_key.window.end and not run.single:
            windows = self.due(subject, how, run)
            if not windows:
                self.log.info("nothing to load yet")
                return []
            load_key = from_first_to_last(load_key, windows)
        return self.load(subject, run, load_key)
