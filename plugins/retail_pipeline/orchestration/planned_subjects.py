"""The shops, accounts and instances of a run, as its first task found them in the settings.

A mapped task serves one of them, not a place in a list: it gets all that the settings said of it when the run began.
If somebody adds, removes or renames one meanwhile, that changes only what the next run serves.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from retail_pipeline.errors import ConfigError
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.retail import (
    Jushita,
    LoadAccount,
    Settings,
    Shop,
    SysInfoInstance,
    WangdiantongAccount,
)
from retail_pipeline.settings.shapes import Named

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

log = logging.getLogger(__name__)

Planned = Mapping[str, Any]
Entry = TypeVar("Entry", bound=Named)
_KEPT = "subjects"


class PlannedInstance(SysInfoInstance):
    """An RDS that Taobao pushes to, and the database into which a run loads its rows.

    :ivar target_conn_id: the warehouse
    """

    target_conn_id: str


def as_planned(entry: Named) -> dict[str, Any]:
    """Return an entry of the settings as a task passes it on; it contains no secret."""
    return entry.model_dump(mode="json")


def jushita_of(settings: Settings) -> Jushita:
    """Return the section of the data feed; ConfigError if the settings have none."""
    if settings.jushita is None:
        raise ConfigError("the settings file has no section jushita: nothing says which RDS to load from")
    return settings.jushita


def planned_instances(settings: Settings) -> list[PlannedInstance]:
    """Return every RDS.

    :raises ConfigError: the settings have no section of the data feed
    """
    jushita = jushita_of(settings)
    return [
        PlannedInstance(**vars(instance), target_conn_id=jushita.target_conn_id)
        for instance in jushita.instances
    ]


def subjects_of_run(context: Context, found: Sequence[Planned]) -> list[dict[str, Any]]:
    """Return what a run serves: what its first task found when it ran first.

    If that task is cleared, the run still serves the same subjects in the same order, since the mapped tasks that are
    not cleared with it keep their places. For each subject it takes the present settings, if they still name it.

    :param found: what the settings name now; each has a ``name``
    """
    store = context["task_state_store"]
    subjects = list(map(dict, found))
    kept: Any = store.get(_KEPT)
    if kept is None:
        store.set(_KEPT, subjects)
        return subjects
    now = {each["name"]: each for each in subjects}
    return [now.get(each["name"], each) for each in kept]


def planned_shop(planned: Planned) -> Shop:
    """Return the shop that a task serves."""
    return _planned(Shop, planned, load_settings().shops)


def planned_account(planned: Planned) -> WangdiantongAccount:
    """Return the account that a task serves."""
    return _planned(WangdiantongAccount, planned, load_settings().wangdiantong_accounts)


def planned_load_account(planned: Planned, pipeline: str) -> LoadAccount:
    """Return the account that a task of a further load serves."""
    return _planned(LoadAccount, planned, load_settings().further_load(pipeline).accounts)


def planned_instance(planned: Planned) -> PlannedInstance:
    """Return the RDS that a task serves."""
    settings = load_settings()
    return _planned(PlannedInstance, planned, planned_instances(settings) if settings.jushita else ())


def _planned(kind: type[Entry], planned: Planned, entries: Iterable[Entry]) -> Entry:
    try:
        entry = kind.model_validate(planned)
    except ValidationError as fault:
        raise ConfigError(
            f"this run was planned by another version ({fault.error_count()} fields are unknown or "
            "missing): clear its first task with all that follows it"
        ) from None
    if entry not in entries:
        log.warning(
            "%s: the settings have changed since this run began, which goes on with what they said then; to take "
            "what they say now, clear the run's first task with all that follows it "
            "(运行期间配置已变更: 本次运行沿用开始时的配置; 如需采用新配置, 请清除首个任务及其下游)",
            entry.name,
        )
    return entry
