"""What a connection's extra field says about TLS, in any driver's words: followed, or refused with the field's name.

Pure, except that it checks whether files are there: it knows no driver. A word sets a bound: ``ssl_ca`` demands a
certificate that this CA has signed, ``ssl_mode: preferred`` allows no more than a try. Words contradict each other if
no level is within all their bounds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

from retail_pipeline.errors import ConfigError

SYSTEM = "system"  # as a CA: all CAs that the machine trusts


class Level(IntEnum):
    """How much is asked of the connection; each level asks for what the one before does, and more."""

    OFF = 0
    TRIED = 1  # if the server has none, the session goes on without
    ENCRYPTED = 2
    SIGNED = 3  # the CA has signed the certificate
    NAMED = 4  # and it names the host of the connection


@dataclass(frozen=True)
class Tls:
    """What was asked for.

    :ivar level: None if nothing was said
    :ivar by: the field that asks for this level; "" if nothing was said
    :ivar words: the other values, by our names (``ca``, ``cert``, ``key`` …), as text
    :ivar fields: the field of the extra in which each of these was found
    """

    level: Level | None
    by: str
    words: Mapping[str, str]
    fields: Mapping[str, str]


# By their letters alone: Airflow, MySQLdb, mysql-connector, PyMySQL, JDBC and libpq write -, _, a capital or nothing.
# An entry of a dictionary below ``ssl`` is written ``ssl.ca``.
_NAMES = {
    **dict.fromkeys(("ssl", "usessl", "requiressl", "sslenabled", "sslenable"), "on"),
    "sslmode": "mode",
    "ssldisabled": "disabled",
    **dict.fromkeys(("sslca", "sslrootcert", "sslcafile"), "ca"),
    "sslcapath": "capath",
    **dict.fromkeys(("sslcert", "sslcertfile"), "cert"),
    **dict.fromkeys(("sslkey", "sslkeyfile"), "key"),
    **dict.fromkeys(("sslpassword", "sslkeypassword"), "password"),
    "sslcipher": "cipher",
    **dict.fromkeys(("sslverifycert", "sslverifymode", "verifyservercertificate"), "verify"),
    **dict.fromkeys(("sslverifyidentity", "sslcheckhostname"), "identity"),
}
_MODES = {
    **dict.fromkeys(("disable", "disabled"), Level.OFF),
    **dict.fromkeys(("allow", "prefer", "preferred"), Level.TRIED),
    **dict.fromkeys(("require", "required"), Level.ENCRYPTED),
    "verify_ca": Level.SIGNED,
    **dict.fromkeys(("verify_full", "verify_identity"), Level.NAMED),
}
_YES = frozenset({"true", "yes", "on", "1", "2", "required", "optional", "cert_required", "cert_optional"})
_NO = frozenset({"false", "no", "off", "0", "none", "cert_none"})
_TEXTS = ("ca", "cert", "key", "capath", "password", "cipher")
_Bound = tuple[Level | None, Level | None]


def asked_for(conn_id: str, extra: Mapping[str, Any]) -> tuple[Tls, dict[str, Any]]:
    """Return what an extra field asks of TLS, and the rest of the field, which may hold unknown words about TLS.

    A word that is empty or null says nothing.

    :raises ConfigError: a word is not understood, contradicts another, or names a file that is not there
    """
    words: dict[str, Any] = {}
    fields: dict[str, str] = {}
    rest: dict[str, Any] = {}
    for field, value in _flat(conn_id, extra):
        name = _NAMES.get(_letters(field))
        if name is None:
            rest[field] = value
        elif value is not None and value != "":
            if words.setdefault(name, value) != value:
                raise _contradiction(conn_id, fields[name], field)
            fields[name] = field
    level, by = _level(conn_id, words, fields)
    said = {name: _text(conn_id, fields[name], words[name]) for name in _TEXTS if name in words}
    _look_for_files(conn_id, said, fields)
    return Tls(level, by, said, fields), rest


def speaks(field: str) -> bool:
    """Return whether a field's name looks as if it were about TLS."""
    letters = _letters(field)
    return letters in _NAMES or "ssl" in letters or "tls" in letters


def refusal(conn_id: str, field: str, words: str) -> ConfigError:
    """Return the error that names a field."""
    return ConfigError(f"connection {conn_id!r}: extra field {field} {words}")


def _letters(field: str) -> str:
    return re.sub("^(?:ssl|tls)+", "ssl", re.sub("[^a-z]", "", field.casefold()))


def _flat(conn_id: str, extra: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield fields with their values; for a dictionary below ``ssl``, the fields within it."""
    for field, value in extra.items():
        within = _dictionary(value) if _NAMES.get(_letters(field)) == "on" else None
        if within is None:
            yield field, value
            continue
        if not within:
            raise refusal(conn_id, field, "is empty: say true, false, or what TLS is to be")
        yield field, True
        yield from ((f"{field}.{name}", inner) for name, inner in within.items())


def _dictionary(value: Any) -> Mapping[str, Any] | None:
    if isinstance(value, str) and value.lstrip().startswith("{"):
        with suppress(ValueError):
            value = json.loads(value)
    return value if isinstance(value, Mapping) else None


def _level(conn_id: str, words: Mapping[str, Any], fields: Mapping[str, str]) -> tuple[Level | None, str]:
    """Return the lowest level that all words allow, and the field that asks for it."""
    bounds = {fields[name]: _bound(conn_id, name, words, fields[name]) for name in words}
    least = max(((low, field) for field, (low, _) in bounds.items() if low is not None), default=None)
    most = min(((high, field) for field, (_, high) in bounds.items() if high is not None), default=None)
    if least and most and least[0] > most[0]:
        raise _contradiction(conn_id, least[1], most[1])
    if not least and most and most[0] is Level.OFF:
        return most
    return least or (None, "")


def _bound(conn_id: str, name: str, words: Mapping[str, Any], field: str) -> _Bound:
    """Return the lowest and the highest level that a word allows; None for a side without a limit."""
    value = words[name]
    mode = _MODES.get(str(value).strip().casefold().replace("-", "_"))
    if name == "mode" and mode is None:
        raise refusal(conn_id, field, f"is {value!r}; known are {', '.join(_MODES)}")
    if name in ("mode", "on") and mode is not None:
        return mode, mode if mode <= Level.TRIED else None
    if name in ("ca", "capath"):
        return _of_ca(conn_id, words), None
    if name in _TEXTS:
        return Level.ENCRYPTED, None
    yes, no = _OF_SWITCHES[name]
    return yes if _switch(conn_id, field, value) else no


_OF_SWITCHES: dict[str, tuple[_Bound, _Bound]] = {
    "on": ((Level.ENCRYPTED, None), (None, Level.OFF)),
    "disabled": ((None, Level.OFF), (Level.TRIED, None)),
    "verify": ((Level.SIGNED, None), (None, Level.ENCRYPTED)),
    "identity": ((Level.NAMED, None), (None, Level.SIGNED)),
}


def _of_ca(conn_id: str, words: Mapping[str, Any]) -> Level:
    """Return the level that a CA asks for: it is checked, unless another field says not to."""
    if "verify" in words and not _switch(conn_id, "", words["verify"]):
        return Level.ENCRYPTED
    return Level.NAMED if words.get("ca") == SYSTEM else Level.SIGNED


def _switch(conn_id: str, field: str, value: Any) -> bool:
    word = str(value).strip().casefold()
    if word in _YES or word in _NO:
        return word in _YES
    raise refusal(conn_id, field, f"is {value!r}, which is neither true nor false")


def _text(conn_id: str, field: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    raise refusal(conn_id, field, f"is of type {type(value).__name__}, not a text")


def _look_for_files(conn_id: str, said: Mapping[str, str], fields: Mapping[str, str]) -> None:
    for name in ("ca", "cert", "key"):
        if name in said and said[name] != SYSTEM and not Path(said[name]).is_file():
            raise refusal(conn_id, fields[name], f"names {said[name]}, and there is no such file")
    if "capath" in said and not Path(said["capath"]).is_dir():
        raise refusal(conn_id, fields["capath"], f"names {said['capath']}, and there is no such folder")
    for name in ("key", "password"):
        if name in said and "cert" not in said:
            raise refusal(conn_id, fields[name], "says nothing without a certificate (ssl_cert, sslcert)")


def _contradiction(conn_id: str, one: str, other: str) -> ConfigError:
    return ConfigError(f"connection {conn_id!r}: extra fields {one} and {other} contradict each other")
