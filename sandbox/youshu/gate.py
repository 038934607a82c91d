"""Who may come in: the signature in the query string, its time, and a nonce that was not used before."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl

from sandbox.youshu.envelope import Refused
from sandbox.youshu.open_choices import BAD_FORMAT, DRIFT_SECONDS, NONCE_MEMORY_SECONDS, NOT_ADMITTED
from sandbox.youshu.signing import signature_of

SIGNATURE_FIELDS = ("app_id", "nonce", "sign", "timestamp", "signature")
_NONCE_LENGTH = 32
_TIMESTAMP_LENGTH = 20  # far beyond any time, so that milliseconds are told that they are off


class Gate:
    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._secrets = secrets
        # Two generations of nonces: forgetting is dropping one set, so a call costs the same at any load.
        self._nonces: set[tuple[str, str]] = set()
        self._older_nonces: set[tuple[str, str]] = set()
        self._generation_began = 0.0

    def admit(self, query: str, at: float) -> dict[str, str]:
        """The query parameters of a properly signed call."""
        fields = _fields(query)
        for name in SIGNATURE_FIELDS:
            if not fields.get(name):
                raise Refused(NOT_ADMITTED, f"{name} is missing in the query")
        if fields["sign"] != "sha256":
            raise Refused(NOT_ADMITTED, "sign must be sha256")
        if len(fields["nonce"]) > _NONCE_LENGTH:
            raise Refused(NOT_ADMITTED, f"nonce is longer than {_NONCE_LENGTH}")
        self._check_timestamp(fields["timestamp"], at)
        self._check_signature(fields)
        self._check_nonce((fields["app_id"], fields["nonce"]), at)
        return fields

    def _check_timestamp(self, timestamp: str, at: float) -> None:
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _TIMESTAMP_LENGTH):
            raise Refused(NOT_ADMITTED, "timestamp must be decimal seconds")
        if abs(int(timestamp) - at) > DRIFT_SECONDS:
            raise Refused(
                NOT_ADMITTED, f"timestamp is more than {DRIFT_SECONDS} s off, it must be in seconds"
            )

    def _check_signature(self, fields: Mapping[str, str]) -> None:
        secret = self._secrets.get(fields["app_id"])
        if secret is None:
            raise Refused(NOT_ADMITTED, "app_id is unknown")
        expected = signature_of(secret, fields).encode()
        if not hmac.compare_digest(expected, fields["signature"].encode()):
            raise Refused(NOT_ADMITTED, "signature does not match")

    def _check_nonce(self, nonce: tuple[str, str], at: float) -> None:
        if nonce in self._nonces or nonce in self._older_nonces:
            raise Refused(NOT_ADMITTED, "nonce was used before")
        if abs(at - self._generation_began) > NONCE_MEMORY_SECONDS:
            self._nonces, self._older_nonces, self._generation_began = set(), self._nonces, at
        self._nonces.add(nonce)


def _fields(query: str) -> dict[str, str]:
    pairs = parse_qsl(query, keep_blank_values=True)
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Refused(BAD_FORMAT, "a query parameter occurs twice")
    return fields
