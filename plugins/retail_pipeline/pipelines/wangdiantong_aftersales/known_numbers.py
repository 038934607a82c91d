"""Shops and orders that a run's params name by number: does the vendor know them?

A number may be well formed and wrong. Wangdiantong silently leaves a wrong shop out of a search, and finds no order:
the load would look complete (docs/decisions/0036-names-are-looked-up.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from retail_pipeline.errors import ConfigError, PipelineError
from retail_pipeline.orchestration.fail_without_retry import fail_without_retry
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.settings.nearest_names import unknown_names
from retail_pipeline.settings.retail import WangdiantongAccount
from retail_pipeline.vendors.attempts import in_place
from retail_pipeline.vendors.wangdiantong.client import WangdiantongClient
from retail_pipeline.vendors.wangdiantong.hook import WangdiantongHook
from retail_pipeline.windows.rate_limit import CallCounts, RateLimiter

Has = Callable[[WangdiantongClient, str], bool]
# By param, the method that asks for one number.
_HAS: Mapping[str, Has] = {
    "shop_nos": WangdiantongClient.has_shop,
    "refund_no": WangdiantongClient.has_refund,
}


@dataclass
class _Asked:
    """The accounts' answers about the numbers of one param.

    :ivar by: accounts that know at least one of them
    :ivar fault: why an account could not be asked, and its connection
    """

    unknown: list[str]
    by: list[WangdiantongAccount] = field(default_factory=list)
    fault: tuple[str, PipelineError] | None = None

    def take(self, account: WangdiantongAccount, known: Sequence[str]) -> None:
        """Note the numbers that an account knows."""
        self.unknown = [number for number in self.unknown if number not in known]
        if known:
            self.by.append(account)


def accounts_that_know(
    accounts: Sequence[WangdiantongAccount], filters: Mapping[str, str]
) -> list[WangdiantongAccount]:
    """Return the accounts of a run: those that have one of the shops in its params, or all if the params name none.

    An order is searched in all accounts.

    :raises ConfigError: no account knows one of the numbers; names the number and its param
    :raises PipelineError: an account cannot be asked, and no other account knows one of the numbers
    """
    asked = {name: _asked(accounts, name, filters[name].split(",")) for name in _HAS if name in filters}
    for name, found in asked.items():
        if found.unknown and found.fault:
            conn_id, fault = found.fault
            with fail_without_retry(conn_id=conn_id):
                raise fault
        if found.unknown:
            raise ConfigError(
                f"param {name}: no account knows {unknown_names(found.unknown)} "
                f"({', '.join(account.name for account in accounts)} were asked); nothing is loaded"
            )
    return asked["shop_nos"].by if "shop_nos" in asked else list(accounts)


def _asked(accounts: Sequence[WangdiantongAccount], name: str, numbers: Sequence[str]) -> _Asked:
    found = _Asked(list(numbers))
    for account in accounts:
        try:
            with _asking(account, _HAS[name]) as has:
                found.take(account, [number for number in numbers if has(number)])
        except PipelineError as fault:
            # Where other accounts know every number, the fault is left to this account's own task.
            found.by.append(account)
            found.fault = found.fault or (account.conn_id, fault)
    return found


@contextmanager
def _asking(account: WangdiantongAccount, has: Has) -> Iterator[Callable[[str], bool]]:
    """Yield a function that asks an account for a number, within the connection's rate limit."""
    hook = WangdiantongHook(account.conn_id)
    client = hook.get_conn()
    with open_target(account.target_conn_id) as session:
        limiter, counts = RateLimiter(session, account.conn_id, hook.calls_per_minute()), CallCounts()
        yield lambda number: in_place(lambda: limiter.call(lambda: has(client, number), counts))
