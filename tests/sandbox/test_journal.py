"""The journal tells what happened and keeps no key to any door."""

from __future__ import annotations

import json

from sandbox import journal as journal_module
from sandbox.journal import Journal
from tests.sandbox.player import PAGE


def test_every_vendor_call_is_noted_with_its_verdict(player, token, flagship):
    player.report_sum(flagship)
    player.report_sum(flagship, payed_num_sum="x")
    noted = player.journal()
    assert [entry["seq"] for entry in noted] == [1, 2, 3]
    assert [(e["vendor"], e["app"], e["verdict"], e["code"], e["status"]) for e in noted] == [
        ("wechat", "flagship", "ok", 0, 200),
        ("youshu", "flagship", "ok", 0, 200),
        ("youshu", "flagship", "refused", 13, 200),
    ]
    assert noted[1]["method"] == "POST"
    assert noted[1]["path"] == "/data-api/v1/order/add_order_sum"
    assert noted[1]["at"] == "2026-11-23T10:00:00.000+08:00"
    assert '"payed_num_sum": 2' in noted[1]["body"]
    assert "payed_num_sum must be" in noted[2]["errmsg"]


def test_the_journal_records_the_query_without_secrets(player, token, flagship):
    player.analysis(PAGE, token)
    player.youshu("data_source/get", flagship, method="GET", nonce="n1")
    queries = [entry["query"] for entry in player.journal()[1:]]
    assert queries[0] == "access_token=***"
    assert "nonce=n1&" in queries[1]
    assert queries[1].endswith("signature=***")


def test_only_what_came_after_can_be_asked(player, token, flagship):
    player.report_sum(flagship)
    assert [entry["seq"] for entry in player.control("journal?after=1")] == [2]


def test_control_calls_are_not_noted(player):
    player.control("health")
    assert player.journal() == []


def test_no_secret_token_or_signature_is_written(player, token, flagship):
    secrets = [app["secret"] for app in player.control("credentials")["wechat"]]
    secrets += [app["app_secret"] for app in player.control("credentials")["youshu"]]
    query = player.signed(flagship)
    signature = query.split("signature=")[1]
    player.analysis(PAGE, token)
    player.stable_token(secret="mistyped-secret")
    player.stable_token(secret='quoted\\" and-the-rest')
    player.send(
        "POST", f"/data-api/v1/data_source/add?{query}", {"signature": signature, "access_token": token}
    )
    player.send(
        "POST", "/cgi-bin/stable_token", f"access_token={token}&secret={secrets[0]}&signature={signature}"
    )
    player.send("POST", "/cgi-bin/stable_token", secrets[1])
    player.send("POST", f"/cgi-bin/{flagship['app_secret']}", token)
    player.send("POST", f"/cgi-bin/{token}", {"x": [token]})
    written = json.dumps(player.journal())
    for secret in [*secrets, token, signature, "mistyped-secret", "quoted", "and-the-rest"]:
        assert secret not in written
    assert "***" in written


def test_the_oldest_entries_go_when_it_grows_too_big(monkeypatch):
    monkeypatch.setattr(journal_module, "MAX_ENTRIES", 3)
    monkeypatch.setattr(journal_module, "MAX_CHARACTERS", 100)
    journal = Journal([])
    fields = {"at": 0.0, "vendor": None, "app": None, "method": "GET", "path": "/", "verdict": "ok"}
    rest = {"code": 0, "errmsg": "", "status": 200}
    kept = []
    for size in (1, 1, 1, 1, 98, 100, 101):
        journal.write(body=b"x" * (size - 1), query="x", **fields, **rest)
        kept.append([entry["seq"] for entry in journal.listing(0)])
    assert kept == [[1], [1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [6], []]
