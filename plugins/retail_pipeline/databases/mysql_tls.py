"""TLS of a MySQL session: what the connection's extra field asks for, as PyMySQL takes it."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any

from retail_pipeline.databases.tls import SYSTEM, Level, Tls, asked_for, refusal, speaks

_KNOWN = (
    "ssl, ssl_mode, ssl_ca, ssl_capath, ssl_cert, ssl_key, ssl_verify_cert, ssl_verify_identity, ssl_cipher"
)


def tls_arguments(conn_id: str, extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return the TLS arguments of a ``GuardedConnection``. PyMySQL 1.2 tries TLS unless it is told not to.

    :raises ConfigError: TLS is not possible as asked for; names the field
    """
    tls, rest = asked_for(conn_id, extra)
    for field in filter(speaks, rest):
        raise refusal(conn_id, field, f"is not known for MySQL; known are {_KNOWN}")
    if tls.level in (None, Level.OFF):
        return {"ssl_disabled": True}
    return {"ssl": _context(conn_id, tls), "tls_by": tls.by if tls.level > Level.TRIED else None}


def _context(conn_id: str, tls: Tls) -> ssl.SSLContext:
    """Return a context of our own: the driver's checks no certificate with only ``ssl_ca``, and no name without."""
    words = tls.words
    ca = None if words.get("ca") == SYSTEM else words.get("ca")
    try:
        context = ssl.create_default_context(cafile=ca, capath=words.get("capath"))
    except OSError as fault:
        raise refusal(conn_id, tls.fields["ca" if ca else "capath"], f"cannot be used: {fault}") from None
    # MySQL's self-made certificates lack fields that Python's strict mode requires.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.check_hostname = tls.level == Level.NAMED
    context.verify_mode = ssl.CERT_REQUIRED if tls.level in (Level.SIGNED, Level.NAMED) else ssl.CERT_NONE
    if "cert" in words:
        try:  # always with a password: otherwise OpenSSL would ask for one at the terminal
            context.load_cert_chain(words["cert"], words.get("key"), words.get("password", ""))
        except OSError as fault:
            raise refusal(conn_id, tls.fields["cert"], f"cannot be used with its key: {fault}") from None
    if "cipher" in words:
        try:
            context.set_ciphers(words["cipher"])
        except ssl.SSLError as fault:
            raise refusal(conn_id, tls.fields["cipher"], f"cannot be used: {fault}") from None
    return context
