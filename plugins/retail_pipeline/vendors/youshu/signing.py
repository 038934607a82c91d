"""Youshu's signature: five query parameters, HMAC-SHA256 over them in alphabetic order.

Source: dev_account_access.html, whose example proves that HMAC keyed with app_secret is meant, although the page's
formula looks like a plain SHA-256. Body, path and further query parameters are not signed.
"""

from __future__ import annotations

import hashlib
import hmac


def signed_params(*, app_id: str, app_secret: str, nonce: str, timestamp: int) -> dict[str, str]:
    """Return the query parameters of one call.

    :param nonce: at most 32 characters, new for every call
    :param timestamp: Unix time in seconds
    """
    params = {"app_id": app_id, "nonce": nonce, "sign": "sha256", "timestamp": str(timestamp)}
    # Values are signed raw: percent-encoding is only for the transfer.
    text = "&".join(f"{name}={value}" for name, value in sorted(params.items()))
    params["signature"] = hmac.new(app_secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return params
