"""What commands, schema and watches must know of a load: each pipeline that is one says it in ``description.py``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, ClassVar

from retail_pipeline.errors import ConfigError
from retail_pipeline.settings.nearest_names import unknown_name
from retail_pipeline.settings.retail import Settings
from retail_pipeline.tables.description import TableFamily

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session
    from retail_pipeline.orchestration.connection_checks import CheckResult

_FLOWS = "retail_pipeline.pipelines"


class LoadDescription(ABC):
    """One load.

    :ivar pipeline: as the settings, the ledger and the commands name it
    :ivar families: the tables that it fills
    :cvar compared: its target is compared with its source every night
    """

    pipeline: str
    families: Sequence[TableFamily]
    compared: ClassVar[bool] = False

    @abstractmethod
    def accounts(self, settings: Settings) -> Mapping[str, Sequence[str]]:
        """Return by target connection the accounts, as the ledger names them."""

    @abstractmethod
    def replay(self, session: Session, settings: Settings, entry: Mapping[str, Any], *, as_is: bool) -> str:
        """Load a record of the quarantine again; return the result in words.

        :param session: with the record's target
        :param entry: as the quarantine shows it
        :param as_is: ignore quality rules, if there are any
        :raises RecordRejected: it still cannot be used
        """

    def sources(self, settings: Settings) -> Mapping[str, Callable[[str], CheckResult]]:  # noqa: ARG002
        """Return what ``retail check`` asks, by connection."""
        return {}

    def chosen(self, settings: Settings, account: str) -> Sequence[str]:  # noqa: ARG002
        """Return the shops or sellers to which the settings restrict an account; none if it loads all."""
        return ()


def described_loads() -> list[LoadDescription]:
    """Return the loads of all pipelines by their names, those that are compared at night last.

    :raises ConfigError: two have one name
    """
    flows = import_module(_FLOWS)
    names = [f"{_FLOWS}.{each.name}.description" for each in iter_modules(flows.__path__) if each.ispkg]
    found = [import_module(name).LOAD for name in names if find_spec(name)]
    if twice := [name for name, count in Counter(load.pipeline for load in found).items() if count > 1]:
        raise ConfigError(
            f"two pipelines describe the load {', '.join(twice)}: give each its own name in LOAD"
        )
    return sorted(found, key=lambda load: (load.compared, load.pipeline))


def loads_of(settings: Settings) -> list[LoadDescription]:
    """Return all loads, for the settings to name their accounts.

    :raises ConfigError: the settings name a further load that no pipeline describes: nobody would load it
    """
    loads = described_loads()
    names = [load.pipeline for load in loads]
    for name in settings.further_loads:
        if name not in names:
            raise ConfigError(f"further_loads: {unknown_name(name, names)}")
    return loads
