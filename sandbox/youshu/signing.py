"""The signature. Own code, shared with no client.

Source: the account access page. String to sign: app_id, nonce, sign, timestamp in that order, values decoded and
not percent-encoded; HMAC-SHA256 with the app's secret, although the page's prose says plain SHA-256 (its own
example only fits HMAC).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping


def signature_of(secret: str, fields: Mapping[str, str]) -> str:
    signed = "&".join(f"{name}={fields[name]}" for name in ("app_id", "nonce", "sign", "timestamp"))
    return hmac.new(secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
