from __future__ import annotations

from hashlib import md5

import pytest

from retail_pipeline.fingerprint import fingerprint


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (("flagship", 7, "2026-11-22 10:00:00.000000"), "flagship|7|2026-11-22 10:00:00.000000"),
        ((1795268209008590040, "a"), "1795268209008590040|a"),
        (("连衣裙",), "连衣裙"),
    ],
)
def test_a_fingerprint_is_what_a_database_makes_of_the_same_parts(parts, text):
    """CONV(LEFT(MD5(CONCAT_WS('|', …)), 8), 16, 10) in MySQL's words."""
    assert fingerprint(*parts) == int(md5(text.encode(), usedforsecurity=False).hexdigest()[:8], 16)


def test_a_fingerprint_that_is_known_stays_so():
    """Certificates of years ago are compared with those of today."""
    assert fingerprint("flagship", 7, "2026-11-22 10:00:00.000000") == 4206446715


def test_parts_do_not_run_into_each_other():
    assert fingerprint(1, 23) != fingerprint(12, 3)
