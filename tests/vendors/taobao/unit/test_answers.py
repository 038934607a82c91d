"""What goes over the line for one call, and what a reply means that the documents do not tell of."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest

from retail_pipeline.errors import AuthRejected, NoAnswer, PermanentApiError, TransientApiError
from retail_pipeline.vendors.open_platform import signed_params
from retail_pipeline.vendors.taobao.client import PushUser, TaobaoClient
from retail_pipeline.vendors.transport import Transport
from tests.patience import PATIENCE
from tests.small_server import answering

NOW = datetime(2026, 11, 23, 2, 0, 0, 999_999, tzinfo=UTC)  # 10:00 in Shanghai
USERS, DELETED = "jushita_jdp_users_get_response", "jushita_jdp_user_delete_response"
ADDED = "jushita_jdp_user_add_response"


@pytest.fixture
def connect(serve, set_clock):
    """A client of a server that always replies the same, and that server."""
    set_clock(NOW)

    def to(reply, **fields):
        content = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
        server = serve(answering(content))
        transport = Transport("taobao", server.url, idle_timeout=PATIENCE)
        return TaobaoClient(transport, "21000001", "hush", **fields), server

    return to


def form(request: bytes) -> tuple[str, dict[str, str]]:
    """Return the first line and the body's fields."""
    head, _, body = request.partition(b"\r\n\r\n")
    assert b"application/x-www-form-urlencoded;charset=utf-8" in head
    return head.split(b"\r\n")[0].decode(), dict(parse_qsl(body.decode(), strict_parsing=True))


@pytest.mark.parametrize("sign_method", ["md5", "hmac", "hmac-sha256"])
def test_everything_goes_in_the_body_signed_and_in_shanghais_time(connect, sign_method):
    client, server = connect({ADDED: {"is_success": True}}, session="ticket", sign_method=sign_method)

    client.add_user("rm-花 1&2", history_days=0)

    line, sent = form(server.requests[0])
    expected = {
        "method": "taobao.jushita.jdp.user.add",
        "app_key": "21000001",
        "session": "ticket",
        "timestamp": "2026-11-23 10:00:00",
        "format": "json",
        "v": "2.0",
        "sign_method": sign_method,
        "rds_name": "rm-花 1&2",
        "history_days": "0",
    }
    assert line == "POST /router/rest HTTP/1.1"
    assert sent == signed_params(expected, secret="hush")


def test_a_session_goes_only_where_one_is_needed(connect):
    client, server = connect({DELETED: {"is_success": True}}, session="ticket")

    client.delete_user("测试旗舰店:客服 01")

    _, sent = form(server.requests[0])
    assert sent["nick"] == "测试旗舰店:客服 01"
    assert "session" not in sent


def test_without_a_session_nobody_is_added_and_nothing_is_sent(connect):
    client, server = connect({ADDED: {"is_success": True}})

    with pytest.raises(AuthRejected, match="mend: session"):
        client.add_user("rm-1")

    assert server.requests == []


def test_numbers_may_come_as_text_and_an_rds_as_its_id(connect):
    user = {"user_id": "2206000000000000001", "user_nick": "花", "status": "2", "rds_id": 7, "level": None}
    client, _ = connect({USERS: {"total_results": "1", "users": {"jdp_user": [user]}, "request_id": "1"}})

    assert client.push_users() == [PushUser(2206000000000000001, "花", 2, None, 7)]


def test_no_user_at_all_is_an_empty_list(connect):
    assert connect({USERS: {"total_results": 0, "request_id": "1"}})[0].push_users() == []


@pytest.mark.parametrize(("total", "calls"), [(3, 2), (0, 2)])
def test_pages_that_do_not_hold_what_the_platform_counts_are_no_answer(connect, total, calls):
    user = {"user_id": 1, "user_nick": "花", "status": 1, "rds_name": "rm-1"}
    client, server = connect({USERS: {"total_results": total, "users": {"jdp_user": [user]}}})

    with pytest.raises(NoAnswer, match=f"told 1 of {total} users"):
        client.push_users()

    assert len(server.requests) == calls  # a platform that answers every page alike does not keep us for ever


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"null",
        b'{"jushita_jdp_users_get_response":',
        {},
        {"another_response": {"total_results": 0}},
        {USERS: None},
        {USERS: {}},
        {USERS: {"total_results": 1, "users": {"jdp_user": [{"user_nick": "a-person"}]}}},
        {"error_response": {}},
        {"error_response": "a-person"},
        b"\xff" + b"[" * 100_000,
        b"[" * 100_000,
        json.dumps({USERS: {"total_results": 0}}).encode("utf-16"),
        b'{"%s":{"total_results":0,"request_id":"\xed\xa0\xbd"}}' % USERS.encode(),
    ],
)
def test_what_cannot_be_read_is_no_answer_and_is_not_quoted(connect, reply):
    with pytest.raises(NoAnswer, match="not of Taobao's form") as caught:
        connect(reply)[0].push_users()

    assert "a-person" not in repr(vars(caught.value)) + str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "act", [lambda client: client.delete_user("花"), lambda client: client.add_user("rm-1")]
)
def test_a_change_that_is_not_done_is_an_error(connect, act):
    client, _ = connect({DELETED: {"is_success": False}, ADDED: {"is_success": "false"}}, session="ticket")

    with pytest.raises(PermanentApiError, match="not done"):
        act(client)


def test_an_error_that_repeats_a_secret_is_told_without(connect):
    refusal = {"code": 4711, "msg": "session ticket-of-a-seller", "sub_msg": "of hush"}
    client, _ = connect({"error_response": refusal}, session="ticket-of-a-seller")

    with pytest.raises(TransientApiError) as caught:
        client.push_users()

    assert caught.value.message == "session … of …"
