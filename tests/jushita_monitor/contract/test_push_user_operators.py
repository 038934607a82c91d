"""The tasks for push users before a real server: done by the rules, or failed at once where waiting cures nothing."""

from __future__ import annotations

import json
import logging

import pytest
from airflow.sdk.exceptions import AirflowFailException

from retail_pipeline.errors import NoAnswer, RateLimited
from retail_pipeline.pipelines.jushita_monitor.push_user_operators import (
    AddPushUserOperator,
    ListPushUsersOperator,
    RemovePushUserOperator,
)
from retail_pipeline.vendors.taobao.client import DELETED, NORMAL

REST = "/router/rest"
FIRST, SECOND, FOURTH = "山与海旗舰店", "素白_家居", "测试旗舰店:outlet"
RDS, OTHER_RDS = "rm-bp1sandbox0001", "rm-bp1sandbox0002"
OUTLET = "taobao_outlet"  # its session is the fourth seller's


@pytest.fixture(autouse=True)
def _connections(monday, define_connection):
    app = monday.credentials("taobao")
    sessions = {"default": app["session"], "outlet": app["sessions"][FOURTH], "keyless": None}
    for name, session in sessions.items():
        define_connection(
            f"taobao_{name}",
            conn_type="taobao",
            host=monday.url,
            login=app["app_key"],
            password=app["app_secret"],
            extra={"session": session},
        )


def add(nick=FOURTH, rds_name=OTHER_RDS, taobao_conn_id=OUTLET, **options) -> str:
    operator = AddPushUserOperator(
        task_id="add", nick=nick, rds_name=rds_name, taobao_conn_id=taobao_conn_id, **options
    )
    return operator.execute({})


def remove(nick=FIRST) -> str:
    return RemovePushUserOperator(task_id="remove", nick=nick).execute({})


def listed(**options) -> dict[str, dict]:
    users = ListPushUsersOperator(task_id="list", **options).execute({})
    return {user["user_nick"]: user for user in users}


def pushes(monday, nick: str) -> list[dict]:
    return next(user["pushes"] for user in monday.ask("push_users") if user["user_nick"] == nick)


def test_every_user_is_told_in_the_platforms_words(monday):
    monday.tell("push_users_set", user_nick=SECOND, status=DELETED)

    users = listed()

    assert len(users) == 3
    assert users[FIRST] == {
        "user_id": 2206000000001,
        "user_nick": FIRST,
        "status": NORMAL,
        "rds_name": RDS,
        "rds_id": None,
    }
    assert users[SECOND]["status"] == DELETED


def test_a_seller_is_added_with_the_session_and_the_history_that_were_named(monday):
    assert add(history_days=7) == f"{FOURTH} is pushed to {OTHER_RDS}; history: 7 days"

    assert listed()[FOURTH]["rds_name"] == OTHER_RDS
    assert [push["days"] for push in pushes(monday, FOURTH)] == [7]


def test_without_a_number_of_days_the_consoles_counts(monday):
    assert "in the console" in add()
    assert [push["days"] for push in pushes(monday, FOURTH)] == [30]


def test_a_seller_who_is_there_is_re_routed_only_when_that_is_said():
    where = {"nick": FIRST, "rds_name": OTHER_RDS, "taobao_conn_id": "taobao_default"}
    with pytest.raises(AirflowFailException, match=f"{FIRST} is pushed to {RDS}"):
        add(**where)
    assert listed()[FIRST]["rds_name"] == RDS

    assert "no history is pushed again" in add(**where, reroute=True)
    assert listed()[FIRST]["rds_name"] == OTHER_RDS


def test_a_seller_is_removed():
    assert remove() == f"{FIRST} is not pushed to {RDS} any more"
    assert listed()[FIRST]["status"] == DELETED


def test_who_is_not_pushed_cannot_be_removed_and_waiting_does_not_help():
    with pytest.raises(AirflowFailException, match="nothing to remove"):
        remove(FOURTH)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"taobao_conn_id": "taobao_keyless"}, "mend: session of connection 'taobao_keyless'"),
        ({"rds_name": "rm-unknown"}, "isv.rds-not-exist"),
        ({"history_days": 91}, "history_days"),
        ({"nick": "nobody"}, f"changed: {FOURTH}"),
    ],
)
def test_what_a_person_must_mend_fails_at_once(options, said):
    with pytest.raises(AirflowFailException, match=said):
        add(**options)


@pytest.mark.parametrize("act", [listed, add, remove])
def test_wrong_credentials_fail_at_once_and_the_connection_is_named(define_connection, monday, act):
    for conn_id in ("taobao_default", OUTLET):
        define_connection(
            conn_id, conn_type="taobao", host=monday.url, login="1", password="wrong", extra={"session": "x"}
        )

    with pytest.raises(AirflowFailException, match="mend: app_key of connection 'taobao_"):
        act()


@pytest.mark.parametrize("act", [listed, add, remove])
def test_an_empty_field_of_the_connection_fails_at_once(define_connection, act):
    for conn_id in ("taobao_default", OUTLET):
        define_connection(conn_id, conn_type="taobao", login="", password="wrong")

    with pytest.raises(AirflowFailException, match=r"app_key \(login\) is empty"):
        act()


@pytest.mark.parametrize("act", [listed, add, remove])
@pytest.mark.parametrize(("fault", "kind"), [("throttle", RateLimited), ("reset", NoAnswer)])
def test_what_waiting_may_cure_is_left_to_the_tasks_retries(monday, act, fault, kind):
    monday.fault(REST, fault)

    with pytest.raises(kind):
        act()


def test_a_change_whose_answer_was_lost_is_found_done_by_the_next_try(monday):
    for act, found in ((add, f"is pushed to {OTHER_RDS} already"), (remove, f"{FIRST} is not pushed")):
        monday.fault(
            REST, "reset", after_accept=True, after=1, times=1
        )  # not of the list, which is asked first
        with pytest.raises(NoAnswer):
            act()
        with pytest.raises(AirflowFailException, match=found):
            act()


def test_nothing_that_is_returned_or_logged_holds_a_secret(monday, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    returned = [listed(), add(), remove()]

    app = monday.credentials("taobao")
    output = capfd.readouterr()
    logged = output.out + output.err + caplog.text
    told = json.dumps(returned, ensure_ascii=False) + logged
    assert all(done in logged for done in ("3 push users", *returned[1:]))
    assert [secret for secret in (app["app_secret"], *app["sessions"].values()) if secret in told] == []


@pytest.mark.parametrize(
    "operator",
    [
        AddPushUserOperator(
            task_id="add",
            nick="{{ params.nick }}",
            rds_name="{{ params.rds }}",
            taobao_conn_id="{{ params.conn }}",
        ),
        RemovePushUserOperator(
            task_id="remove", nick="{{ params.nick }}", taobao_conn_id="{{ params.conn }}"
        ),
        ListPushUsersOperator(task_id="list", taobao_conn_id="{{ params.conn }}"),
    ],
    ids=lambda operator: operator.task_id,
)
def test_what_a_runs_params_say_is_taken(operator):
    operator.render_template_fields({"params": {"nick": FOURTH, "rds": RDS, "conn": OUTLET}})

    known = {"nick": FOURTH, "rds_name": RDS, "taobao_conn_id": OUTLET}
    rendered = {name: getattr(operator, name) for name in known if hasattr(operator, name)}
    assert rendered == {name: known[name] for name in rendered}
