from __future__ import annotations

from hashlib import sha256

import pytest

from retail_pipeline.tables.fingerprint import MODULUS, fingerprint, number_of, sum_of


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (("flagship", 7, "2026-11-22 10:00:00.000000"), "flagship|7|2026-11-22 10:00:00.000000"),
        ((1795268209008590040, "a"), "1795268209008590040|a"),
        (("连衣裙",), "连衣裙"),
    ],
)
def test_a_fingerprint_is_what_a_database_makes_of_the_same_parts(parts, text):
    """CONV(LEFT(SHA2(CONCAT_WS('|', …), 256), 16), 16, 10) & 9223372036854775807 in MySQL's words."""
    assert fingerprint(*parts) == int(sha256(text.encode()).hexdigest()[:16], 16) & 9223372036854775807


def test_a_fingerprint_that_is_known_stays_so():
    """A session that was opened before an update compares with one that was opened after it."""
    assert fingerprint("flagship", 7, "2026-11-22 10:00:00.000000") == 6298006292332998347


@pytest.mark.parametrize(("first", "number"), [(b"\xff", 2**63 - 1), (b"\x80", 0), (b"\x7f", 2**63 - 1)])
def test_the_sign_is_left_out(first, number):
    rest = b"\x00" if first == b"\x80" else b"\xff"
    assert number_of(first + 7 * rest + 24 * b"\x55") == number


def test_a_sum_is_such_a_number_again_whatever_the_order():
    row_hashes = [fingerprint(number) for number in range(1000)]
    assert (
        sum_of(row_hashes) == sum_of([sum_of(row_hashes[:300]), sum_of(reversed(row_hashes[300:]))]) < MODULUS
    )


def test_parts_do_not_run_into_each_other():
    assert fingerprint(1, 23) != fingerprint(12, 3)
