"""What records look like: 240 models of each kind, from the templates in records.yaml.

Here is what needs reckoning: all is in fen, so that everything adds up to the last fen.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from sandbox.taobao.kinds import EXCHANGE, FX, ITEM, JX, OLD_ITEM, REFUND, TRADE, WRAPPINGS, Wrapping
from sandbox.templates import Facts, each, read_templates, render

MODELS = 240  # of each kind
TEMPLATES = read_templates(Path(__file__).with_name("records.yaml"))
SELLERS: list[dict[str, Any]] = TEMPLATES["sellers"]
STATUSES: dict[str, list[str]] = {kind: list(known) for kind, known in TEMPLATES["statuses"].items()}
_FREIGHT_BELOW, _FREIGHT = 9900, 800


class Model(NamedTuple):
    record: dict[str, Any]
    columns: dict[str, Any]  # those that the table has besides its key, its times and the jdp_ ones
    seller: str
    wrapping: Wrapping


@lru_cache(maxsize=6 * MODELS)
def model(kind: str, seed: int, index: int) -> Model | None:
    """None where a trade was neither refunded nor exchanged."""
    seller = SELLERS[index % len(SELLERS)]
    facts = {
        **TEMPLATES,
        **_MONEY,
        "dice": Random(f"{seed}/{kind}/{index}"),
        "index": index,
        "flag": index % 6,
    }
    own = _FACTS[kind](seed, index, {**facts, "seller": seller})
    if own is None:
        return None
    record = render(TEMPLATES[kind], {**facts, "seller": seller, **own})
    columns: dict[str, Any] = {name: _column(record[name]) for name in TEMPLATES["columns"][kind]}
    if kind == ITEM:
        columns["jdp_delete"] = int(index % 30 == 4)
    wrapping = OLD_ITEM if kind == ITEM and index % 3 == 0 else WRAPPINGS[kind]
    return Model(record, columns, seller["nick"], wrapping)


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _column(value: Any) -> str:
    """As text, and what is filled in as a number without its marks."""
    return str(value).lower() if isinstance(value, bool) else str(value).strip("\ue000\ue001")


def _trade(_seed: int, index: int, facts: Facts) -> dict[str, Any]:
    dice, seller = facts["dice"], facts["seller"]
    status, kind = _weighted(index * 7 % MODELS), TEMPLATES["types"][index % len(TEMPLATES["types"])]
    states = {name: status in members for name, members in TEMPLATES["groups"].items()}
    lines = _trade_lines(dice)
    shared = sum(line["share"] for line in lines)
    refunded = _refund_status(status, index)
    firsts = [{**line, "refunded": None if place else refunded} for place, line in enumerate(lines)]
    orders = each({**facts, **states, "status": status}, facts["order"], firsts)
    less = [line for line in lines if line["less"]] + ([{"mark": "tid", "less": shared}] if shared else [])
    goods, discount = sum(line["listed"] for line in lines), sum(line["less"] for line in less)
    postage = _FREIGHT if goods < _FREIGHT_BELOW else 0
    payment = goods - discount + postage
    return {
        **states,
        **{"status": status, "type": kind, "cod": kind == "cod", "step": kind == "step"},
        **{"orders": orders, "order": orders[0], "promotions_given": each(facts, facts["promotion"], less)},
        **{"goods_listed": goods, "discount": discount, "postage": postage, "payment": payment},
        **{"deposit": payment // 10, "pieces": sum(line["num"] for line in lines)},
        **{"brand": seller["seller_type"] == "B", "buyer": dice.choice(TEMPLATES["buyers"])},
    }


def _weighted(place: int) -> str:
    """By weights that add up to the number of models; so every status is there, the rare ones too."""
    weights: dict[str, int] = TEMPLATES["statuses"][TRADE]
    return [status for status, weight in weights.items() for _ in range(weight)][place]


def _refund_status(status: str, index: int) -> str | None:
    """Of the first order."""
    if status == "TRADE_CLOSED":
        return "SUCCESS"
    if status in TEMPLATES["groups"]["unpaid"] or index % 12:
        return None
    courses = TEMPLATES["refund_statuses"]
    return "CLOSED" if status == "TRADE_FINISHED" else str(courses[index // 12 % len(courses)])


def _trade_lines(dice: Random) -> list[dict[str, Any]]:
    """One to four orders, some with a discount of their own or a shared one; a single one has its trade's number."""
    count = dice.choices((1, 2, 3, 4), (45, 30, 15, 10))[0]
    lines = []
    for mark in ["tid"] if count == 1 else [f"oid{place}" for place in range(1, count + 1)]:
        good, num = dice.choice(TEMPLATES["goods"]), dice.choice((1, 1, 1, 2, 12))
        listed = good["price"] * num
        less = listed // 10 if dice.random() < 0.5 else 0
        lines.append({"mark": mark, "good": good, "num": num, "listed": listed, "less": less})
    listed = [line["listed"] for line in lines]
    shares = _spread(dice.choice((0, 0, 2000)) if sum(listed) > 20000 else 0, listed)
    for line, share in zip(lines, shares, strict=True):
        paid = line["listed"] - line["less"]
        line.update({"share": share, "paid": paid, "divided": paid - share})
    return lines


def _spread(total: int, weights: list[int]) -> list[int]:
    """Shares in proportion; what rounding leaves over goes to the largest, which can bear it."""
    shares = [total * weight // sum(weights) for weight in weights]
    shares[weights.index(max(weights))] += total - sum(shares)
    return shares


def _refund(seed: int, index: int, _facts: Facts) -> dict[str, Any] | None:
    """Of the first order of a trade, whose number its own follows."""
    trade = _trade_of(seed, index)
    order = trade["orders"]["order"][0]
    status = order["refund_status"]
    if status == "NO_REFUND":
        return None
    returned, onsale = (
        status in ("WAIT_SELLER_CONFIRM_GOODS", "SUCCESS"),
        status in ("WAIT_SELLER_AGREE", "SUCCESS"),
    )
    return {
        "trade": trade,
        "paid_by": trade.get("alipay_no"),
        "order": order,
        "status": status,
        "returned": returned,
        "onsale": onsale,
    }


def _exchange(seed: int, index: int, _facts: Facts) -> dict[str, Any] | None:
    """Of the first order of one in ten trades that were sent. A status is a text in Chinese."""
    trade = _trade_of(seed, index)
    if index % 10 != 2 or trade["status"] not in TEMPLATES["groups"]["sent"]:
        return None
    status = STATUSES[EXCHANGE][index // 10 % len(STATUSES[EXCHANGE])]
    return {
        "trade": trade,
        "paid_by": trade.get("alipay_no"),
        "order": trade["orders"]["order"][0],
        "status": status,
    }


def _trade_of(seed: int, index: int) -> dict[str, Any]:
    trade = model(TRADE, seed, index)
    assert trade is not None
    return trade.record


def _fx(_seed: int, index: int, _facts: Facts) -> dict[str, Any]:
    status = STATUSES[FX][index * 7 % MODELS % len(STATUSES[FX])]
    states = {"paid": status != "WAIT_BUYER_PAY", "sent": "CONFIRM" in status}
    return {"status": status, **states, "ended": status in ("TRADE_FINISHED", "TRADE_CLOSED")}


def _jx(_seed: int, index: int, _facts: Facts) -> dict[str, Any]:
    known = STATUSES[JX]
    status = known[index * 7 % MODELS % len(known)]
    states = {"audited": status != known[0], "refused": status == known[1], "closed": status == known[-1]}
    return {"status": status, **states, "paid": status in known[5:8]}


_MONEY = {
    "yuan": lambda _facts, fen: yuan(fen),
    "resold": lambda _facts, fen: yuan(fen * 12 // 10),  # a distributor takes a fifth more
    "fen": lambda _facts, amounts: sum(int(amount.replace(".", "")) for amount in amounts),
    "first": lambda _facts, found: found[0],
}
_FACTS: dict[str, Callable[[int, int, Facts], dict[str, Any] | None]] = {
    TRADE: _trade,
    REFUND: _refund,
    ITEM: lambda *_: {},
    FX: _fx,
    JX: _jx,
    EXCHANGE: _exchange,
}
