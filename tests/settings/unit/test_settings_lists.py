"""Lists of the settings: an empty one, and names that were joined, mean nothing."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.settings.unit.test_settings import account, settings, shop


def test_a_list_that_would_mean_nothing_is_refused():
    jushita = {
        "instances": [{"name": "a", "sellers": []}],
        "ahead": [{"name": "a", "sellers": [], "statuses": []}],
    }
    accounts = [account(shop_nos=[])]

    with pytest.raises(ValidationError) as caught:
        settings(shops=[shop(order_sources=[])], wangdiantong_accounts=accounts, jushita=jushita)

    assert {".".join(map(str, error["loc"])) for error in caught.value.errors()} >= {
        "shops.0.order_sources", "wangdiantong_accounts.0.shop_nos", "jushita.instances.0.sellers",
        "jushita.ahead.0.sellers", "jushita.ahead.0.statuses",
    }  # fmt: skip


@pytest.mark.parametrize(
    "joined", ["山与海，花间集", "山与海;花间集", "山与海 花间集", "山与海、花间集", "a,b", ""]
)
def test_names_that_were_joined_are_refused(joined):
    with pytest.raises(ValidationError, match=r"sellers\.0\n.*write each for itself"):
        settings(jushita={"instances": [{"name": "a", "sellers": [joined]}]})
