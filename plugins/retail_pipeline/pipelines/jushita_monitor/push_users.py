"""Adding and removing push users by the rules of Jushita's data feed, which the platform's API does not report.

Adding a user who is pushed already only sends the data elsewhere; history is pushed again only after a removal, and
to another RDS only ten minutes after it. The session decides which seller is added, so the nick is compared.
"""

from __future__ import annotations

from datetime import timedelta

from retail_pipeline import clock
from retail_pipeline.errors import CheckFailed
from retail_pipeline.vendors.taobao.client import DELETED, PushUser, TaobaoClient

SETTLE = timedelta(minutes=10)
MAX_HISTORY_DAYS = 90


class NotByTheRules(CheckFailed):
    """Nothing was sent, since it would not have the intended effect."""


def find(users: list[PushUser], nick: str) -> PushUser | None:
    """Return the user of that nick; the list also holds removed users."""
    return next((user for user in users if user.user_nick == nick), None)


def add(
    client: TaobaoClient, nick: str, rds_name: str, *, history_days: int | None = None, reroute: bool = False
) -> str:
    """Add a seller, or send a seller who is pushed already elsewhere; return in words what was done.

    :param nick: of the seller whose session the client has
    :param reroute: the seller is pushed and is to be pushed to another RDS
    :raises NotByTheRules: it would not have the intended effect
    :raises CheckFailed: it was done, but for another seller
    """
    before = client.push_users()
    user = find(before, nick)
    pushed = user is not None and user.status != DELETED
    if reroute and not pushed:
        raise NotByTheRules(f"{nick} is not pushed: there is nothing to re-route")
    if user and pushed:
        _check_reroute(user, rds_name, history_days, reroute)
    elif user and user.rds_name != rds_name:
        _check_settled(client, user, rds_name)
    client.add_user(rds_name, history_days=history_days)
    _check_seller(client, before, nick, rds_name)
    if user and pushed:
        return (
            f"{nick} is pushed to {rds_name} from now on (before: {_rds(user)}); no history is pushed again"
        )
    return f"{nick} is pushed to {rds_name}; history: {_days(history_days)}"


def remove(client: TaobaoClient, nick: str) -> str:
    """Stop the push of a seller; return in words what was done.

    :raises NotByTheRules: there is no such seller, or the push was ended before
    """
    user = find(client.push_users(), nick)
    if user is None or user.status == DELETED:
        raise NotByTheRules(f"{nick} is not pushed: there is nothing to remove")
    client.delete_user(nick)
    return f"{nick} is not pushed to {_rds(user)} any more"


def _check_reroute(user: PushUser, rds_name: str, history_days: int | None, reroute: bool) -> None:
    nick = user.user_nick
    if user.rds_name == rds_name:
        raise NotByTheRules(
            f"{nick} is pushed to {rds_name} already; for its history again: remove, then add"
        )
    if not reroute:
        raise NotByTheRules(
            f"{nick} is pushed to {_rds(user)}: adding it again only re-routes it, without history (--reroute); "
            "for its history: remove it, and add it ten minutes later"
        )
    if history_days is not None:
        raise NotByTheRules(f"re-routing pushes no history: remove {nick}, and add it ten minutes later")


def _check_settled(client: TaobaoClient, user: PushUser, rds_name: str) -> None:
    if find(client.push_users(modified_since=clock.now() - SETTLE), user.user_nick):
        raise NotByTheRules(
            f"{user.user_nick} was removed from {_rds(user)} less than ten minutes ago: "
            f"it may be added to {rds_name} only after that"
        )


def _check_seller(client: TaobaoClient, before: list[PushUser], nick: str, rds_name: str) -> None:
    after = client.push_users()
    user = find(after, nick)
    if user and user.status != DELETED and user.rds_name in (rds_name, None):
        return
    others = ", ".join(changed.user_nick for changed in after if changed not in before) or "nobody"
    raise CheckFailed(
        f"the platform took it, but {nick} is not listed at {rds_name}; changed: {others}. "
        "Is the connection's session another seller's?"
    )


def _rds(user: PushUser) -> str:
    return user.rds_name or f"RDS {user.rds_id}"


def _days(history_days: int | None) -> str:
    return "as set in the console" if history_days is None else f"{history_days} days"
