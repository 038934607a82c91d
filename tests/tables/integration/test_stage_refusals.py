"""A value that only the database refuses keeps its own head out, and no other; at the stage and at the tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retail_pipeline.databases.target_session import change, dialect, query_text, transaction
from retail_pipeline.errors import ValueRefused
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.tables.column_values import columns_of
from retail_pipeline.tables.stage import Stage
from retail_pipeline.tables.table_statements import stage as stage_of
from retail_pipeline.tables.target_tables import ensure_tables, open_stage
from tests.tables.integration.probe_orders import FAMILY, HEAD, NEW, OLD, content, order

Session = Any
SECRET = "13800138000"
# What the checks of a column do not see, by the database that refuses it.
DEEP = "[" * 101 + "]" * 101  # MySQL takes a hundred levels, MariaDB 32
POISON: dict[str, dict[str, Any]] = {
    "mysql": {"extra": f'{{"a":{DEEP}}}'},
    "postgres": {"extra": '{"a":1e200000}'},
}
# A shop's own rules, their names, and whom they stop.
RULES = {
    "unique index": ("CREATE UNIQUE INDEX one_name ON probe_order (name)", "one_name", [7]),
    "check": (
        "ALTER TABLE probe_order ADD CONSTRAINT no_bad_name CHECK (name <> 'bad')",
        "no_bad_name",
        [4, 7],
    ),
    "check of lines": (
        "ALTER TABLE probe_order_line ADD CONSTRAINT no_bad_goods CHECK (goods <> 'bad')",
        "no_bad_goods",
        [4],
    ),
}
TRIGGERS = {
    "mysql": [
        "CREATE TRIGGER no_bad BEFORE INSERT ON probe_order FOR EACH ROW IF NEW.name = 'bad' THEN"
        f" SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'bad {SECRET}'; END IF",
    ],
    "postgres": [
        "CREATE OR REPLACE FUNCTION no_bad() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$BEGIN IF NEW.name = 'bad' THEN RAISE EXCEPTION 'bad {SECRET}'; END IF; RETURN NEW; END$$",
        "CREATE TRIGGER no_bad BEFORE INSERT OR UPDATE ON probe_order FOR EACH ROW EXECUTE FUNCTION no_bad()",
    ],
}  # fmt: skip


@pytest.fixture(params=["bi_mysql", "warehouse_postgres"])
def session(request, bi, warehouse) -> Iterator[Session]:
    with open_target(request.param, stages=True) as session:
        ensure_tables(session, FAMILY)
        yield session
        session.rollback()
        for table in FAMILY:
            change(session, f"DROP TABLE {table.name}")


@pytest.fixture
def told() -> dict[int, str]:
    """What was refused, and why."""
    return {}


@pytest.fixture
def publish(session, told) -> Callable[..., Any]:
    def run(number: int, *orders: Any, batch_rows: int = 100) -> Any:
        stage = open_stage(session, FAMILY, batch_rows=batch_rows)
        stage.clear(lambda key, refusal: told.__setitem__(key[1], str(refusal)))
        stage_all(stage, orders)
        stage.wait()
        with transaction(session):
            proof = stage.publish(number)
        stage.close()
        for table in FAMILY:
            change(session, f"DROP TABLE {stage_of(table)}")
        return proof

    return run


def stage_all(stage: Stage, orders: Any) -> None:
    for each in orders:
        for table in FAMILY:
            stage.add(table, columns_of(table, each[table.name]))
        stage.load_when_full()


def bad(session: Session, number: int, **fields: Any) -> Any:
    return order(number, NEW, ("x", "y"), "S", **POISON[dialect(session)], **fields)


@pytest.mark.parametrize("batch_rows", [1, 7, 100])
@pytest.mark.parametrize("places", [[0], [39], [17], [3, 4, 31], range(40)], ids=repr)
def test_the_others_are_published_and_the_culprits_told_with_the_column(
    session, publish, told, places, batch_rows
):
    orders = [bad(session, n) if n in places else order(n, NEW, ("a", "b"), "T") for n in range(40)]
    proof = publish(1, *orders, batch_rows=batch_rows)
    good = [n for n in range(40) if n not in places]
    assert content(session) == {n: (None, ["a", "b"], ["T"], 1) for n in good}
    assert sorted(told) == sorted(places)
    assert all("probe_order.extra" in why for why in told.values())
    assert (proof.staged, proof.arrived, proof.missing) == (len(good), len(good), [])


def test_what_was_there_stays_where_its_newer_version_is_refused(session, publish, told):
    publish(1, order(1, OLD, ("a",), "S", name="1"), order(2, OLD, ("b",), name="2"), order(3, NEW, name="3"))
    proof = publish(2, bad(session, 1), order(2, NEW, ("c",), name="new"), order(3, OLD, ("q",)))
    assert content(session) == {1: ("1", ["a"], ["S"], 1), 2: ("new", ["c"], [], 2), 3: ("3", [], [], 1)}
    assert (list(told), proof.staged, proof.arrived, proof.refused) == ([1], 2, 1, 1)


def test_one_value_among_many_costs_a_few_attempts(session, publish, told, monkeypatch):
    loads = []

    def counted(self: Stage, batch: Any, load: Any = Stage._load_whole) -> None:
        loads.extend([1] if HEAD.name in batch else [])  # not the canary's
        load(self, batch)

    monkeypatch.setattr(Stage, "_load_whole", lambda self, batch: counted(self, batch))
    publish(1, *(bad(session, n) if n == 300 else order(n) for n in range(512)), batch_rows=1000)
    assert (list(told), len(content(session))) == ([300], 511)
    assert len(loads) <= 1 + 1 + 2 * 9


def test_where_nothing_is_refused_nothing_is_tried_twice(session, publish, monkeypatch):
    def never(*_: Any) -> None:
        raise AssertionError

    for name in ("_load_by_halves", "_publish_by_halves"):
        monkeypatch.setattr(Stage, name, never)
    for version in (OLD, NEW):
        publish(1, *(order(n, version, ("a",)) for n in range(20)), batch_rows=7)


@pytest.mark.parametrize("there", [False, True], ids=["new", "known"])
@pytest.mark.parametrize(("rule", "name", "refused"), RULES.values(), ids=RULES)
def test_a_rule_that_a_shop_added_to_a_table_stops_only_who_breaks_it(
    session, publish, told, rule, name, refused, there
):
    if there:
        publish(1, *(order(n, OLD, ("old",), "O", name=f"old{n}") for n in range(1, 9)))
    change(session, rule)
    names = {n: "bad" if n in (4, 7) else f"new{n}" for n in range(1, 9)}
    orders = [order(n, NEW, ("bad" if n in (4, 7) else "g",), "N", name=names[n]) for n in names]
    orders[6] = order(7, NEW, ("g",), "N", name="bad")
    proof = publish(2, *orders)
    found = content(session)
    assert sorted(told) == refused
    assert {n: found[n][0] for n in names if n not in refused} == {
        n: names[n] for n in names if n not in refused
    }
    for n in refused:
        assert found.get(n) == ((f"old{n}", ["old"], ["O"], 1) if there else None)
    assert (proof.staged, proof.arrived) == (8 - len(refused), 8 - len(refused))
    if dialect(session) == "postgres" or "UNIQUE" not in rule:
        assert all(name in why for why in told.values())


@pytest.mark.parametrize("there", [False, True], ids=["new", "known"])
def test_what_a_trigger_refuses_is_told_without_its_words(session, publish, told, there):
    if there:
        publish(1, order(2, OLD, name="old"))
    for statement in TRIGGERS[dialect(session)]:
        change(session, statement.replace("%", "%%"))
    publish(2, *(order(n, NEW, ("g",), name="bad" if n == 2 else "good") for n in range(5)))
    assert list(told) == [2]
    assert SECRET not in told[2]
    assert [n for n, row in content(session).items() if row[0] == "good"] == [0, 1, 3, 4]


def test_a_row_of_another_key_is_never_replaced_by_way_of_a_unique_index(session, publish, told):
    """MySQL's upsert would take it for the row that it is to replace."""
    publish(1, order(1, OLD, ("a",), name="one"))
    change(session, "CREATE UNIQUE INDEX one_name ON probe_order (name)")
    publish(2, order(2, NEW, ("b",), name="one"))
    assert content(session) == {1: ("one", ["a"], [], 1)}
    assert list(told) == [2]


def test_what_is_refused_is_told_in_the_order_of_keys_and_may_stop_all(session, publish):
    stage = open_stage(session, FAMILY, batch_rows=100)
    seen = []

    def stop(key: Any, refusal: ValueRefused) -> None:
        seen.append(key[1])
        if len(seen) > 2:
            raise refusal

    stage.clear(stop)
    stage_all(stage, [bad(session, n) for n in range(9)])
    with pytest.raises(ValueRefused), transaction(session):
        stage.publish(1)
    assert (seen, content(session)) == ([0, 1, 2], {})
    stage.clear()
    stage_all(stage, [order(1)])
    with transaction(session):
        assert stage.publish(1).arrived == 1


def test_what_a_value_does_not_cause_is_raised_as_before(session, publish, told):
    change(session, "ALTER TABLE probe_order_line DROP COLUMN goods")
    with pytest.raises(session.Error if dialect(session) == "mysql" else Exception, match="goods"):
        publish(1, order(1, lines=("a",)))
    session.rollback()
    assert (told, content_of_heads(session)) == ({}, [])


def content_of_heads(session: Session) -> Any:
    return [row["order_id"] for row in query_text(session, "SELECT order_id FROM probe_order")]


def test_a_refused_value_is_not_quoted(session, publish, told):
    columns = columns_of(HEAD, order(1)[HEAD.name])
    columns[HEAD.names.index("size")] = [f"for column {SECRET}"]
    stage = open_stage(session, FAMILY, batch_rows=9)
    stage.clear(lambda key, refusal: told.__setitem__(key[1], str(refusal)))
    stage.add(HEAD, columns)
    stage.load()
    assert "probe_order.size" in told[1]
    assert SECRET not in told[1]


KINDS = st.sampled_from(["good"] * 6 + ["value", "line", "name", "old"])


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(kinds=st.lists(KINDS, max_size=24), batch_rows=st.integers(1, 30), known=st.booleans())
def test_whatever_is_refused_wherever_all_others_arrive(session, publish, told, kinds, batch_rows, known):
    told.clear()
    for table in FAMILY:
        change(session, f"DROP TABLE {table.name}")
    ensure_tables(session, FAMILY)
    change(session, RULES["check"][0])
    change(session, RULES["check of lines"][0])
    if known:
        publish(
            1, *(order(n, "2026-11-23 10:00:00.0005"[:23], ("o",), "O", name="o") for n in range(len(kinds)))
        )
    made = {
        "good": lambda n: order(n, NEW, ("a",), name="g"),
        "value": lambda n: bad(session, n),
        "line": lambda n: order(n, NEW, ("a", "bad"), name="g"),
        "name": lambda n: order(n, NEW, ("a",), name="bad"),
        "old": lambda n: order(n, "2026-11-22 10:00:00", ("a",), name="older"),
    }
    proof = publish(2, *(made[kind](n) for n, kind in enumerate(kinds)), batch_rows=batch_rows)
    old = ("o", ["o"], ["O"], 1)
    wanted = {
        "good": ("g", ["a"], [], 2), "old": old if known else ("older", ["a"], [], 2),
        **dict.fromkeys(("value", "line", "name"), old if known else None),
    }  # fmt: skip
    found = content(session)
    assert [found.get(n) for n in range(len(kinds))] == [wanted[kind] for kind in kinds]
    assert sorted(told) == [n for n, kind in enumerate(kinds) if kind in ("value", "line", "name")]
    assert proof.staged == proof.arrived + proof.refused == len(kinds) - len(told)
