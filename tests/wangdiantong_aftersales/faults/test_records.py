"""Records that are not what the vendor documents: loaded exactly, or set aside with reason and text."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from retail_pipeline.databases.target_session import dialect
from tests.wangdiantong_aftersales.runs import HEAD, MONDAY_NOON, AftersalesRuns, differences, settings_file

HOUR = timedelta(hours=1)
STAMP = int((MONDAY_NOON - HOUR).timestamp() * 1000)
GOOD = 3  # orders beside the odd ones
NASTY = "👌🏽 𠮷 C:\\n\\N \"'`,;|\t第一行\n第二行\r\n\u2028 [x]\n] \x00\x08\x0b\x0c\x1a\x1f\x7f %s %(a)s {0} NULL  "
Fields = dict[str, Any]


def time(text: str) -> datetime:
    return datetime.fromisoformat(text)


# What comes, and what the columns then hold.
TAKEN: dict[str, tuple[Fields, Fields]] = {
    "ids as text": ({"refund_id": "{id}", "status": "20"}, {"status": 20}),
    "a number where text belongs": ({"shop_no": 12, "remark": 1.25}, {"shop_no": "12", "remark": "1.25"}),
    "text where a number belongs": ({"shop_id": "-7", "trade_id": ""}, {"shop_id": -7, "trade_id": None}),
    "largest numbers": ({"shop_id": 2**63 - 1, "trade_id": 1 - 2**63}, {"shop_id": 2**63 - 1, "trade_id": 1 - 2**63}),
    "amounts": (
        {"return_goods_count": "1.20000", "return_goods_amount": "-0.0001", "receive_amount": "",
         "actual_refund_amount": "123456789012345.6789", "direct_refund_amount": 7},
        {"return_goods_count": Decimal("1.2"), "return_goods_amount": Decimal("-0.0001"), "receive_amount": None,
         "actual_refund_amount": Decimal("123456789012345.6789"), "direct_refund_amount": Decimal(7)},
    ),
    "times": (
        {"check_time": "1795399200000", "settle_time": 1795399200123, "created": "2026-11-23T10:00:00",
         "refund_time": "0000-00-00", "modified_date": "", "current_phase_timeout": 0},
        {"check_time": time("2026-11-23 10:00:00"), "settle_time": time("2026-11-23 10:00:00.123"),
         "created": time("2026-11-23 10:00:00"), "refund_time": None, "modified_date": None,
         "current_phase_timeout": None},
    ),
    "modified as text": ({"modified": "2026-11-23 11:00:00"}, {"modified": time("2026-11-23 11:00:00")}),
    "modified as text of milliseconds": ({"modified": str(STAMP)}, {"modified": time("2026-11-23 11:00:00")}),
    "flags": ({"sync_return": "true"}, {"sync_return": 1}),
    "text that just fits": ({"shop_no": "👌" * 20}, {"shop_no": "👌" * 20}),
    "a long remark": ({"remark": "长👌" * 40_000}, {"remark": "长👌" * 40_000}),
    "nulls": (dict.fromkeys(("remark", "status", "created", "receive_amount", "detail_list", "swap_order")),
              {"remark": None, "status": None, "created": None, "receive_amount": None}),
    "empty lists": ({"detail_list": {}, "amount_detail_list": [], "swap_order": ""}, {}),
}  # fmt: skip

# What comes, and why it is set aside.
SET_ASIDE: dict[str, tuple[Fields | str, str, str]] = {
    "no refund_id": ({"refund_id": None}, "value_missing", "refund_id"),
    "an empty refund_id": ({"refund_id": ""}, "value_missing", "refund_id"),
    "an odd refund_id": ({"refund_id": [1]}, "not_a_whole_number", "refund_id"),
    "a refund_id with a NUL": ({"refund_id": "7\0"}, "not_a_whole_number", "refund_id"),
    "a huge refund_id": ({"refund_id": 2**63}, "number_too_large", "refund_id"),
    "no refund_no": ({"refund_no": None}, "refund_no_missing", "refund_no"),
    "an empty refund_no": ({"refund_no": ""}, "refund_no_missing", "refund_no"),
    "a list as refund_no": ({"refund_no": ["TK1"]}, "not_a_text", "refund_no"),
    "a long refund_no": ({"refund_no": "x" * 41}, "text_too_long", "refund_no holds 40 characters"),
    "no modified": ({"modified": None}, "modified_missing", "modified"),
    "an empty modified": ({"modified": ""}, "modified_missing", "modified"),
    "modified zero": ({"modified": 0}, "value_missing", "modified"),
    "a word as modified": ({"modified": "now"}, "not_a_time", "modified"),
    "a modified of 1970": ({"modified": 1}, "not_a_time", "modified"),
    "a number as lines": ({"detail_list": 5}, "not_an_object", "detail_list"),
    "numbers as lines": ({"detail_list": [{}, 5]}, "not_an_object", "detail_list"),
    "a text as exchange": ({"swap_order": "x"}, "not_an_object", "swap_order"),
    "numbers as lines of an exchange": ({"swap_order": {"swap_order_detail_list": [1]}}, "not_an_object",
                                        "swap_order_detail_list"),
    "a number": ("5", "not_an_object", "the record is no JSON object"),
    "a text": ('"订单"', "not_an_object", "the record is no JSON object"),
    "null": ("null", "not_an_object", "the record is no JSON object"),
    "a list": ('[{"refund_id":1}]', "not_an_object", "the record is no JSON object"),
}  # fmt: skip

# What its column cannot hold: it is kept in extra, and named there.
UNFIT: dict[str, Fields] = {
    "a long shop_no": {"shop_no": "x" * 21},
    "true where text belongs": {"shop_no": True},
    "an object where text belongs": {"buyer_nick": {"a": 1}},
    "a word where a number belongs": {"shop_id": "x1"},
    "a masked number": {"shop_id": "****1234"},
    "decimals where a number belongs": {"shop_id": 1.5},
    "true where a number belongs": {"shop_id": True},
    "a number too large": {"shop_id": -(2**63)},
    "five decimals": {"receive_amount": "1.23456"},
    "a large amount": {"receive_amount": 10**15},
    "NaN": {"receive_amount": "NaN"},
    "a masked amount": {"receive_amount": "***"},
    "the 30th of February": {"check_time": "2026-02-30 10:00:00"},
    "25 o'clock": {"check_time": "2026-02-20 25:00:00"},
    "another zone": {"check_time": "2026-02-20 10:00:00+00:00"},
    "finer than the column": {"check_time": "2026-11-23 11:00:00.123456"},
    "a far year": {"check_time": 10**18},
    "a time of 1970": {"check_time": 1_795_399},
    "an odd flag": {"sync_return": 2},
    "two": {"shop_id": [], "sync_return": 2},
}  # fmt: skip
# The same of lines: table, and the line as it comes.
UNFIT_LINES: dict[str, tuple[str, Fields]] = {
    "detail_list": ("detail", {"goods_no": "x" * 41, "price": "1.00001", "num": 2, "new": 7}),
    "amount_detail_list": ("amount_detail", {"refund_amount": "***"}),
    "swap_order": ("swap_order", {"shop_id": "x"}),
}


def text_of(fields: Fields | str, number: int) -> str:
    if isinstance(fields, str):
        return fields
    record = {"refund_id": number, "refund_no": f"TK{number}", "modified": STAMP, **fields}
    if record["refund_id"] == "{id}":
        record["refund_id"] = str(number)
    return json.dumps(record, ensure_ascii=False)


def put_texts(runs: AftersalesRuns, texts: list[str]) -> None:
    runs.fill(GOOD, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - 2 * HOUR)
    runs.put(*({"literal": text, "modified": STAMP} for text in texts))


def heads(runs: AftersalesRuns) -> dict[int, dict[str, Any]]:
    return {row["refund_id"]: row for row in runs.heads()}


def test_what_fits_is_taken_exactly(runs, tmp_path):
    settings_file(tmp_path, page_size=50)
    put_texts(runs, [text_of(fields, number) for number, (fields, _) in enumerate(TAKEN.values())])
    runs.run()
    assert runs.quarantine() == []
    found = heads(runs)
    got = {name: {column: found[number].get(column) for column in wanted}
           for number, (name, (_, wanted)) in enumerate(TAKEN.items())}  # fmt: skip
    assert got == {name: wanted for name, (_, wanted) in TAKEN.items()}
    assert len(found) == len(TAKEN) + GOOD


def test_decimals_are_taken_as_they_are_written(runs):
    written = {
        "1E+2": "100",
        "0E-8": "0",
        "2.0000": "2",
        "-0.10": "-0.1",
        "1e-4": "0.0001",
        "0.00010": "0.0001",
    }
    texts = [
        text_of({}, number)[:-1] + f', "receive_amount": {text}}}' for number, text in enumerate(written)
    ]
    put_texts(runs, texts)
    runs.run()
    found = heads(runs)
    assert [found[number]["receive_amount"] for number in range(len(written))] == [
        Decimal(value) for value in written.values()
    ]


def test_every_text_column_takes_what_texts_can_hold(runs):
    """At every level, as long as the columns are; PostgreSQL's texts hold no NUL."""
    nasty = NASTY.replace("\0", "0") if dialect(runs.target) == "postgres" else NASTY
    texts = {
        "": ("src_tids", "refund_no", "remark", "flag_name", "receiver_name", "buyer_nick", "reason_name"),
        "detail_list": ("oid", "goods_name", "spec_name", "remark", "api_goods_name"),
        "amount_detail_list": ("pay_account", "account_bank", "remark"),
    }
    fields: Fields = dict.fromkeys(texts.pop(""), nasty[:32])
    fields |= {part: [dict.fromkeys(names, nasty[-40:])] for part, names in texts.items()}
    swap_line = dict.fromkeys(("oid", "goods_name", "remark"), nasty[:40])
    fields["swap_order"] = {"tid": nasty[:40], "shop_name": nasty[:50], "swap_order_detail_list": [swap_line]}
    fields["remark"] = nasty * 50
    runs.fill(0, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - 2 * HOUR)
    runs.put({"refund_id": 7, "type": 3, "modified": STAMP, **fields}, {"refund_id": 8, "modified": STAMP})
    runs.run()
    assert differences(runs) == []
    assert heads(runs)[7]["remark"] == nasty * 50


def test_what_does_not_fit_is_set_aside_with_reason_and_text(runs, tmp_path):
    settings_file(tmp_path, page_size=50, max_quarantined_share=1.0)
    texts = [text_of(fields, number) for number, (fields, _, _) in enumerate(SET_ASIDE.values())]
    put_texts(runs, texts)
    runs.run()
    found = {row["raw"]: (row["reason"], row["detail"]) for row in runs.quarantine()}
    got = {name: found.get(text) for name, text in zip(SET_ASIDE, texts, strict=True)}
    assert got == {name: (reason, detail) for name, (_, reason, detail) in SET_ASIDE.items()}
    assert len(heads(runs)) == GOOD
    row = runs.certificates()[-1]
    assert (row["verdict"], row["quarantined"], row["target_keys"]) == ("complete", len(texts), GOOD)
    assert row["source_keys"] == row["source_total"] == len(texts) + GOOD
    assert {row["window_id"] for row in runs.quarantine()} == {row["id"]}


def test_what_its_column_cannot_hold_is_kept_in_extra_and_named_there(runs, tmp_path):
    settings_file(tmp_path, page_size=50)
    put_texts(runs, [text_of(fields, number) for number, fields in enumerate(UNFIT.values())])
    runs.run()
    assert runs.quarantine() == []
    found = heads(runs)
    for number, (name, fields) in enumerate(UNFIT.items()):
        row = found[number]
        assert json.loads(row["extra"]) == {**fields, "_unfit": [n for n in row if n in fields]}, name
        assert [row[column] for column in fields] == [None] * len(fields), name
        assert row["quality_flags"].endswith("value_unfit"), name
    certificate = runs.certificates()[-1]
    assert (certificate["verdict"], certificate["target_keys"]) == ("complete", len(UNFIT) + GOOD)
    counts = json.loads(certificate["rule_counts"])
    assert (counts["check_time_unfit"], counts["shop_id_unfit"], counts["sync_return_unfit"]) == (6, 6, 2)


def test_of_a_line_too(runs, tmp_path):
    settings_file(tmp_path, page_size=50)
    put_texts(runs, [text_of({part: line}, n) for n, (part, (_, line)) in enumerate(UNFIT_LINES.items())])
    runs.run()
    for number, (table, line) in enumerate(UNFIT_LINES.values()):
        [row] = runs.rows(f"SELECT * FROM {HEAD}_{table} WHERE refund_id = {number}")
        extra = json.loads(row["extra"])
        assert {name: extra.get(name, row.get(name)) for name in line} == line
        assert extra["_unfit"] == [name for name in row if name in line and row[name] is None]
        assert heads(runs)[number]["quality_flags"].endswith("value_unfit")


def test_seconds_are_seconds_and_no_moment_of_1970(runs):
    seconds = int((MONDAY_NOON - 2 * HOUR).timestamp())
    fields = {"created": seconds * 1000, "check_time": seconds, "settle_time": str(seconds)}
    put_texts(
        runs, [text_of({**fields, "modified": STAMP // 1000, "status": 20, "type": 2, "shop_no": "1"}, 7)]
    )
    runs.run()
    row = heads(runs)[7]
    assert {row[name] for name in fields} == {time("2026-11-23 10:00:00")}
    assert (row["modified"], row["quality_flags"]) == (time("2026-11-23 11:00:00"), None)


# Whatever it is, the others are loaded, and it is there itself or set aside.
ODD = {
    "a list as status": {"status": [20]},
    "an object as type": {"type": {"a": 1}},
    "two lines as amount": {"receive_amount": "1\n2"},
    "two lines as time": {"check_time": "2026-11-23 10:00:00\n2026-11-23 10:00:00"},
    "a zero time": {"check_time": "0000-00-00 00:00:00"},
    "a zero modified": {"modified": "0000-00-00 00:00:00"},
    "half an emoji": {"remark": "\ud83d"},
    "a new field deeper than the database's JSON": {"later": json.loads("[" * 40 + "]" * 40)},
}


@pytest.mark.parametrize("fields", ODD.values(), ids=ODD.keys())
def test_no_record_holds_up_the_others(runs, fields):
    text = json.dumps({"refund_id": 7, "refund_no": "TK7", "modified": STAMP, **fields})
    put_texts(runs, [text])
    runs.run()
    row = runs.certificates()[-1]
    assert (row["verdict"], row["source_keys"]) == ("complete", GOOD + 1)
    assert [row["raw"] for row in runs.quarantine()] == [text] or 7 in heads(runs)
    assert len(heads(runs)) + len(runs.quarantine()) == GOOD + 1


def test_a_zero_time_is_no_time(runs):
    put_texts(runs, [text_of({"check_time": "0000-00-00 00:00:00"}, 7)])
    runs.run()
    assert heads(runs)[7]["check_time"] is None


def test_a_version_that_is_finer_than_the_column_is_not_cut(runs):
    put_texts(runs, [text_of({"modified": "2026-11-23 11:00:00.123456"}, 7)])
    runs.run()
    assert [row["source_key"] for row in runs.quarantine()] == ["7"]
    assert 7 not in heads(runs)


def test_two_exchanges_in_one_order_are_not_made_one(runs):
    """The table has one row for an order's exchange."""
    put_texts(runs, [text_of({"swap_order": [{"tid": "1"}, {"tid": "2"}]}, 7)])
    runs.run()
    assert [row["source_key"] for row in runs.quarantine()] == ["7"]


def test_an_object_where_a_list_belongs_is_a_list_of_one(runs):
    one = {
        "detail_list": {"goods_no": "A"},
        "swap_order": [{"tid": "S", "swap_order_detail_list": {"oid": "O"}}],
    }
    put_texts(runs, [text_of(one, 7)])
    runs.run()
    for table, column, value in [
        ("detail", "goods_no", "A"),
        ("swap_order", "tid", "S"),
        ("swap_detail", "oid", "O"),
    ]:
        rows = runs.rows(f"SELECT {column} FROM {HEAD}_{table} WHERE refund_id = 7")
        assert rows == [{column: value}]
