"""Values whose bytes and moments are known beforehand: sent through a session, and read back from the server.

Settings that read back as wanted are only what a server says about itself. The canary is a second proof that trusts
no setting: the server works out octets and seconds since 1970, and they are compared with what they must be.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.errors import ConfigError

MOMENT = datetime(2026, 11, 2, 9, 0, 0, 250_000, tzinfo=SHANGHAI)  # another date if day and month are swapped
# Characters of four bytes, and everything that some system reads as an escape.
WORDS = "花间集🌸𠮷 'a' \"b\" \\n \\\\ %s\t\n"
AMOUNT = "123456789012345.6789"
DOCUMENT = '{"buyer": "🌸 \\"\\\\ \\u4e00"}'

VALUES: Mapping[str, str | int | None] = {
    "id": 1,
    "moment": MOMENT.replace(tzinfo=None).isoformat(" ", "milliseconds"),
    "words": WORDS,
    "amount": AMOUNT,
    "document": DOCUMENT,
    "blank": "",
    "missing": None,
}
# What the server must answer for them, each as text.
TOLD: Mapping[str, str] = {
    "moment": f"{MOMENT.timestamp():.3f}",
    "words": WORDS.encode().hex(),
    "amount": AMOUNT,
    "document": '🌸 "\\ 一'.encode().hex(),
    "blank": "0",
    "missing": "1",
}


def hold_against(conn_id: str, told: Mapping[str, Any], wanted: Mapping[str, Any] = TOLD) -> None:
    """Compare what came back with what the canary must give.

    :raises ConfigError: something was changed on its way
    """
    changed = [
        f"{name} came back as {told.get(name)!r} instead of {value!r}"
        for name, value in wanted.items()
        if told.get(name) != value
    ]
    if changed:
        raise ConfigError(
            f"connection {conn_id!r} changes what is sent through it: {'; '.join(changed)}: look at the encoding and "
            "the time zone of the database, and at what stands between us and the server"
        )
