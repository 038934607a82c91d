from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from retail_pipeline.orchestration.connection_checks import check_postgres, check_vendor, unread
from retail_pipeline.vendors.wechat.hook import WeChatHook

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


class Examined:
    """A hook that found something out."""

    def __init__(self, fine: bool, their_time: datetime | None = None) -> None:
        self.result = fine, "accepted" if fine else "refused", their_time

    def examine(self):
        return self.result


@pytest.fixture(autouse=True)
def _noon(set_clock):
    set_clock(NOW)


@pytest.mark.parametrize("seconds", [-60, 0, 60])
def test_a_clock_within_a_minute_is_fine_and_its_drift_is_told(seconds):
    finding = check_vendor(Examined(True, NOW + timedelta(seconds=seconds)))

    assert finding.fine
    assert finding.drift == timedelta(seconds=seconds)


@pytest.mark.parametrize("seconds", [-61, 61, 7200])
def test_a_clock_that_is_off_fails_the_check_and_says_what_to_mend(seconds):
    finding = check_vendor(Examined(True, NOW + timedelta(seconds=seconds)))

    assert not finding.fine
    assert "NTP" in finding.message
    assert finding.drift == timedelta(seconds=seconds)


def test_a_vendor_that_tells_no_time_is_judged_by_its_answer():
    assert check_vendor(Examined(True)).drift is None
    assert check_vendor(Examined(True)).fine
    assert not check_vendor(Examined(False)).fine


def test_a_refusal_stays_a_refusal_although_the_clocks_agree():
    assert not check_vendor(Examined(False, NOW)).fine


def test_a_connection_that_is_not_defined_is_a_finding_and_no_crash():
    finding = check_vendor(WeChatHook("nobody_defined_this"))

    assert not finding.fine
    assert "nobody_defined_this" in finding.message


def test_a_database_that_cannot_be_reached_is_one_line(define_connection):
    define_connection(
        "store_postgres", conn_type="postgres", host="127.0.0.1", port=1, login="store", password="hush-hush"
    )

    finding = check_postgres("store_postgres")

    assert not finding.fine
    assert "Connection refused" in finding.message
    assert "\n" not in finding.message
    assert "hush-hush" not in finding.message


@pytest.mark.parametrize(
    ("conn_type", "extra", "named"),
    [
        ("mysql", {"client": "mysqlclient", "ssl_mode": "REQUIRED", "charset": "utf8", "b": 1}, "b, charset"),
        ("postgres", {"application_name": "bi", "sqlalchemy_query": {}}, "sqlalchemy_query"),
        ("apprise", {"config": [], "tag": "all"}, "tag"),
        ("wechat", {"secret": "x"}, "secret"),
        ("taobao", {"session": "x", "sign_metod": "md5"}, "sign_metod"),
    ],
)
def test_what_nobody_reads_of_an_extra_field_is_named(define_connection, conn_type, extra, named):
    define_connection("some", conn_type=conn_type, extra=extra)

    assert unread("some") == f"extra: nobody reads {named}"


@pytest.mark.parametrize("conn_type", ["mysql", "postgres", "youshu", "http"])
def test_where_all_is_read_nothing_is_named(define_connection, conn_type):
    define_connection("some", conn_type=conn_type, extra={})

    assert unread("some") == ""
    assert unread("nobody_defined_this") == ""


def test_what_libpq_does_not_know_is_refused_by_name(define_connection):
    define_connection("some", conn_type="postgres", host="127.0.0.1", port=1, extra={"aplication_name": "bi"})

    assert 'invalid connection option "aplication_name"' in check_postgres("some").message
