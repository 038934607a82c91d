"""``retail jushita users`` as it is typed, before a real server."""

from __future__ import annotations

import sys

import pytest

from retail_pipeline.cli.main import main
from tests.three_ways import told_three_ways

FIRST, SECOND, FOURTH = "山与海旗舰店", "素白_家居", "测试旗舰店:outlet"
RDS, OTHER_RDS = "rm-bp1sandbox0001", "rm-bp1sandbox0002"


@pytest.fixture(autouse=True)
def _connections(monday, define_connection):
    app = monday.credentials("taobao")
    for name, seller in (("default", FIRST), ("outlet", FOURTH)):
        define_connection(
            f"taobao_{name}",
            conn_type="taobao",
            host=monday.url,
            login=app["app_key"],
            password=app["app_secret"],
            extra={"session": app["sessions"][seller]},
        )


@pytest.fixture
def users(monkeypatch, capsys):
    """Call ``retail jushita users …``; return exit status, what was printed and what was complained of."""

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["retail", "jushita", "users", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call


def test_every_user_is_a_line(users):
    status, out, err = users("list")

    lines = out.splitlines()
    assert status == 0
    assert lines[1].split() == ["2206000000001", RDS, "normal", FIRST]
    assert len(lines) == 4
    assert err == "3 users, 0 paused or stopped\n"
    assert told_three_ways("jushita", "users", "list")[0] == {
        "user_id": 2206000000001, "rds": RDS, "status": 1, "seller": FIRST, "fine": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "told", "status"),
    [
        ({"status": 0}, "PAUSED", 1),
        ({"expired_at": "2026-11-23T09:00:00+08:00"}, "STOPPED: session expired", 1),
        ({"status": 3}, "removed", 0),
    ],
)
def test_a_push_that_does_not_go_on_is_told_and_exit_status_1(monday, users, change, told, status):
    monday.tell("push_users_set", user_nick=SECOND, **change)

    ended, out, err = users("list")

    assert ended == status
    [line] = [line for line in out.splitlines() if SECOND in line]
    assert told in line
    assert f"{status} paused or stopped" in err


def test_a_seller_is_added_with_the_session_of_another_connection(monday, users):
    status, out, _ = users("add", FOURTH, OTHER_RDS, "--history-days", "7", "--conn-id", "taobao_outlet")

    assert (status, out) == (0, f"{FOURTH} is pushed to {OTHER_RDS}; history: 7 days\n")
    assert FOURTH in users("list")[1]


def test_a_seller_who_is_there_is_re_routed_only_when_that_is_said(users):
    status, out, err = users("add", FIRST, OTHER_RDS)
    assert (status, out) == (1, "")
    assert err.startswith(f"retail: {FIRST} is pushed to {RDS}: ")
    assert err.count("\n") == 1

    status, out, _ = users("add", FIRST, OTHER_RDS, "--reroute")
    assert status == 0
    assert "no history is pushed again" in out
    assert OTHER_RDS in users("list")[1]


def test_a_seller_is_removed_and_what_comes_next_is_said(users):
    status, out, _ = users("remove", FIRST)

    assert status == 0
    assert f"{FIRST} is not pushed to {RDS} any more" in out
    assert "to another one in ten minutes" in out
    assert "less than ten minutes ago" in users("add", FIRST, OTHER_RDS)[2]


@pytest.mark.parametrize("days", ["-1", "91", "many"])
def test_history_beyond_what_the_platform_takes_is_a_wrong_call(monday, users, days):
    status, _, err = users("add", FOURTH, RDS, "--history-days", days)

    assert status == 2
    assert "--history-days" in err
    assert monday.journal() == []


def test_the_rules_are_in_the_help(users):
    told = " ".join(users("add", "--help")[1].split())

    assert "only re-routed, and no history is pushed again" in told
    assert "ten minutes" in told


def test_an_error_of_the_platform_is_one_line(monday, users):
    monday.fault("/router/rest", "throttle", seconds=3)

    status, out, err = users("list")

    assert (status, out) == (1, "")
    assert err.startswith("retail: taobao taobao.jushita.jdp.users.get [7]: ")
    assert "3 more seconds" in err
