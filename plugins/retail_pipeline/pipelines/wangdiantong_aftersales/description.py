"""The load of refund orders, as commands, schema and watches see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from retail_pipeline.orchestration.connection_checks import CheckResult, check_vendor
from retail_pipeline.orchestration.load_description import LoadDescription
from retail_pipeline.pipelines.wangdiantong_aftersales.operators import PIPELINE
from retail_pipeline.pipelines.wangdiantong_aftersales.source import AftersalesSource
from retail_pipeline.settings.retail import Settings
from retail_pipeline.vendors.wangdiantong.hook import WangdiantongHook
from retail_pipeline.vendors.wangdiantong.quality import RULES
from retail_pipeline.vendors.wangdiantong.tables import AFTERSALES
from retail_pipeline.windows.paged_replay import replay

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session


class AftersalesDescription(LoadDescription):
    """The load of every account."""

    pipeline = PIPELINE
    families = (AFTERSALES,)

    def accounts(self, settings: Settings) -> dict[str, list[str]]:
        """Return the accounts by their targets."""
        accounts = settings.wangdiantong_accounts
        return {
            conn_id: [account.name for account in accounts if account.target_conn_id == conn_id]
            for conn_id in settings.aftersales_targets()
        }

    def replay(self, session: Session, settings: Settings, entry: Mapping[str, Any], *, as_is: bool) -> str:
        """Load an order as it came."""
        source = AftersalesSource(entry["account"], () if as_is else RULES)
        return replay(session, source, settings.loads.wangdiantong_aftersales, entry)

    def sources(self, settings: Settings) -> dict[str, Callable[[str], CheckResult]]:
        """Return the question of the hook, for each appkey."""
        conn_ids = (account.conn_id for account in settings.wangdiantong_accounts)
        return dict.fromkeys(conn_ids, lambda conn_id: check_vendor(WangdiantongHook(conn_id)))

    def chosen(self, settings: Settings, account: str) -> tuple[str, ...]:
        """Return the shops of an account."""
        return {each.name: each.shop_nos for each in settings.wangdiantong_accounts}[account] or ()


LOAD = AftersalesDescription()
