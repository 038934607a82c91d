"""What the tests of replies have in common."""

from __future__ import annotations

import pytest

both_gateways = pytest.mark.parametrize("gateway", ["direct", "qimen"])


def wrapped(gateway: str, answer: str, key: str = "response") -> str:
    return answer if gateway == "direct" else f'{{"{key}":{answer}}}'
