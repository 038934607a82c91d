"""Each word of TLS is understood, or refused by its name."""

from __future__ import annotations

import ssl

import pytest

from retail_pipeline.databases.mysql_tls import tls_arguments
from retail_pipeline.databases.postgres_tls import with_tls
from retail_pipeline.databases.tls import Level, asked_for
from retail_pipeline.errors import ConfigError

BOTH = pytest.mark.parametrize("read", [tls_arguments, with_tls])


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    """A file that is there, and no home with a CA."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PGSSLROOTCERT", raising=False)
    (tmp_path / "a.pem").write_text("no certificate")


@pytest.mark.parametrize(
    ("extra", "level"),
    [
        ({}, None), ({"ssl": None, "ssl_ca": ""}, None), ({"ssl_verify_cert": False}, None),
        ({"ssl": "FALSE"}, Level.OFF), ({"ssl": 0}, Level.OFF), ({"useSSL": "false"}, Level.OFF),
        ({"tls": False}, Level.OFF), ({"sslmode": "allow"}, Level.TRIED), ({"ssl": "preferred"}, Level.TRIED),
        ({"ssl": 1}, Level.ENCRYPTED), ({"sslMode": "REQUIRED"}, Level.ENCRYPTED),
        ({"ssl": {"mode": "verify-ca"}}, Level.SIGNED), ({"ssl": {"verify_mode": ssl.CERT_REQUIRED}}, Level.SIGNED),
        ({"ssl": {"cert": "a.pem", "key": "a.pem"}}, Level.ENCRYPTED), ({"ssl": "verify_identity"}, Level.NAMED),
        ({"ssl_mode": "required", "ssl_ca": "a.pem"}, Level.SIGNED), ({"ssl_ca": "system"}, Level.NAMED),
        ({"ssl": {"ssl_ca": "a.pem", "verify_mode": "none"}}, Level.ENCRYPTED),
        ({"ssl": {"ca": "a.pem", "ssl_verify_identity": "on"}}, Level.NAMED),
        ({"ssl_ca": "a.pem", "ssl_verify_identity": False}, Level.SIGNED),
        ({"verifyServerCertificate": "true"}, Level.SIGNED),
    ],
)  # fmt: skip
def test_a_word_asks_for_so_much(extra, level):
    assert asked_for("bi_mysql", extra)[0].level == level


@BOTH
@pytest.mark.parametrize(
    ("extra", "named"),
    [
        ({"ssl": "perhaps"}, "ssl is 'perhaps'"),
        ({"ssl": []}, "ssl is"),
        ({"ssl": {}}, "ssl is empty"),
        ({"ssl_mode": "secure"}, "ssl_mode is 'secure'"),
        ({"ssl_mode": True}, "ssl_mode is True"),
        ({"ssl_verify_cert": "maybe"}, "ssl_verify_cert is 'maybe'"),
        ({"ssl_ca": True}, "ssl_ca is of type bool"),
        ({"ssl_ca": {"file": "a.pem"}}, "ssl_ca is of type dict"),
        ({"ssl_ca": "gone.pem"}, r"ssl_ca names gone\.pem, and there is no such file"),
        ({"ssl": {"ca": "gone.pem"}}, r"ssl\.ca names gone\.pem"),
        ({"sslcert": "gone.pem"}, r"sslcert names gone\.pem"),
        ({"ssl_cert": "a.pem", "ssl_key": "gone.pem"}, r"ssl_key names gone\.pem"),
        ({"ssl_capath": "gone"}, "ssl_capath"),
        ({"ssl_key": "a.pem"}, "ssl_key says nothing without a certificate"),
        ({"sslmod": "require"}, "sslmod is not known"),
        ({"ssl": {"minimum": "1.3"}}, r"ssl\.minimum is not known"),
        ({"tls_versions": "TLSv1.3"}, "tls_versions is not known"),
        ({"ssl": False, "ssl_ca": "a.pem"}, "ssl_ca and ssl contradict"),
        ({"ssl_mode": "DISABLED", "ssl": True}, "ssl and ssl_mode contradict"),
        ({"ssl_mode": "preferred", "ssl_ca": "a.pem"}, "ssl_ca and ssl_mode contradict"),
        ({"ssl_mode": "VERIFY_CA", "ssl_verify_cert": False}, "ssl_mode and ssl_verify_cert contradict"),
        ({"ssl_disabled": True, "sslmode": "require"}, "sslmode and ssl_disabled contradict"),
        ({"ssl_ca": "a.pem", "sslrootcert": "b.pem"}, "ssl_ca and sslrootcert contradict"),
    ],
)
def test_what_cannot_be_is_refused_by_name(read, extra, named):
    with pytest.raises(ConfigError, match=rf"^connection 'bi_mysql': extra fields? {named}"):
        read("bi_mysql", extra)


@pytest.mark.parametrize(
    ("extra", "named"),
    [
        ({"ssl_ca": "a.pem"}, "ssl_ca cannot be used"),
        ({"ssl_cert": "a.pem"}, "ssl_cert cannot be used"),
        ({"ssl": {"cipher": "none of them"}}, r"ssl\.cipher cannot be used"),
        ({"sslcrl": "a.pem"}, "sslcrl is not known for MySQL"),
    ],
)
def test_what_pymysql_cannot_use_is_refused_by_name(extra, named):
    with pytest.raises(ConfigError, match=f"extra field {named}"):
        tls_arguments("bi_mysql", extra)


@pytest.mark.parametrize(
    ("extra", "named"),
    [
        ({"ssl_cipher": "AES"}, "ssl_cipher is not known for PostgreSQL"),
        ({"sslmode": "verify-full"}, "sslmode needs a CA"),
        ({"sslcrl": "a.pem", "sslmode": "require"}, "sslcrl says nothing below sslmode verify-ca"),
        (
            {"ssl_min_protocol_version": "TLSv1.3", "sslmode": "prefer"},
            "ssl_min_protocol_version says nothing",
        ),
        ({"sslsni": True}, "sslsni is of type bool"),
    ],
)
def test_what_libpq_cannot_use_is_refused_by_name(extra, named):
    with pytest.raises(ConfigError, match=f"extra field {named}"):
        with_tls("store_postgres", extra)


def test_libpq_is_told_in_its_own_words():
    extra = {
        "ssl_mode": "VERIFY_IDENTITY", "ssl": {"ca": "a.pem"}, "ssl_cert": "a.pem", "ssl-key": "a.pem",
        "sslsni": 0, "application_name": "bi", "options": "-c x=y",
    }  # fmt: skip
    assert with_tls("store_postgres", extra) == {
        "sslmode": "verify-full", "sslrootcert": "a.pem", "sslcert": "a.pem", "sslkey": "a.pem",
        "sslsni": 0, "application_name": "bi", "options": "-c x=y",
    }  # fmt: skip


def test_where_nothing_is_said_libpq_does_as_it_always_did():
    assert with_tls("store_postgres", {"application_name": "bi"}) == {"application_name": "bi"}
    assert with_tls("store_postgres", {"ssl_min_protocol_version": "TLSv1.3"})["sslmode"] == "require"
