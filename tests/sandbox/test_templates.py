"""How a template of a record is read: fields, facts, draws and conditions, from top to bottom."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest

from sandbox.record_json import dump
from sandbox.templates import read_templates, render


@pytest.fixture
def rendered(tmp_path):
    def render_it(text, **facts):
        path = tmp_path / "records.yaml"
        path.write_text(text, encoding="utf-8")
        templates = read_templates(path)
        return render(templates["it"], {**templates, "dice": Random("1"), "index": 0, **facts})

    return render_it


def test_values_stay_as_they_are_and_null_is_left_out(rendered):
    text = 'it: {a: 1, b: "0.00", c: null, d: [x, {e: null, f: false}], g: "100% {0} = x"}'
    assert rendered(text) == {"a": 1, "b": "0.00", "d": ["x", {"f": False}], "g": "100% {0} = x"}


def test_a_fact_is_found_by_its_path_and_within_texts(rendered):
    text = 'it: {a: =shop.city, b: "=text {shop[city]}-{n:03d}", c: "=bare %({mark})d", d: =rows.n}'
    found = rendered(text, shop={"city": "杭州"}, n=7, mark="id", rows=[{"n": 1}, {"n": 2}])
    assert found | {"c": None} == {"a": "杭州", "b": "杭州-007", "c": None, "d": [1, 2]}
    assert dump(found["c"]) == "%(id)d"


def test_a_fact_that_nobody_knows_is_an_error(rendered):
    for text in (
        "it: {a: =nobody}",
        "it: {a: =shop.nobody}",
        "it: {a if nobody: 1}",
        'it: {a: "=text {nobody}"}',
    ):
        with pytest.raises(KeyError, match="nobody"):
            rendered(text, shop={})


def test_a_field_may_depend_on_a_fact(rendered):
    text = "it: {a if paid: 1, b if not paid: 2, c: 3, c if paid: 4}"
    assert rendered(text, paid=True) == {"a": 1, "c": 4}
    assert rendered(text, paid=None) == {"b": 2, "c": 3}


def test_a_field_may_depend_on_the_number_of_the_model(rendered):
    there = [rendered("it: {a if 7/30: 1, b if not 0/2: 1}", index=index) for index in range(60)]
    assert [index for index, fields in enumerate(there) if "a" in fields] == [7, 37]
    assert [index for index, fields in enumerate(there) if "b" in fields] == list(range(1, 60, 2))


def test_a_field_may_depend_on_chance(rendered):
    dice = Random("2")
    there = sum("a" in rendered("it: {a if 0.3: 1}", dice=dice) for _ in range(1000))
    assert 250 < there < 350


def test_a_name_with_a_stroke_is_a_fact_for_what_stands_below_it_alone(rendered):
    assert rendered("it: {a: {_n: 3, b: =sum n 1}, c: =n}", n=10) == {"a": {"b": 4}, "c": 10}


def test_generators(rendered):
    text = """
fruit: [apple, pear]
line: {place: =position, of: =it, n: =random 5 2}
it: {a: =choice fruit, b: =choice 4 4, c: =chance 1.0, d: =each line fruit, e: =product 2 0.5,
     _lines: =each bare_line 3, f: =total lines.n, g: =sum 1_000 -1}
bare_line: {n: =position}
"""
    found = rendered(text)
    assert found["a"] in ("apple", "pear")
    assert [(line["place"], line["of"]) for line in found["d"]] == [(1, "apple"), (2, "pear")]
    assert {line["n"] for line in found["d"]} <= {5, 6}
    assert isinstance(found["e"], Decimal)
    assert {name: found[name] for name in "bcefg"} == {
        "b": 4,
        "c": True,
        "e": Decimal("1.0"),
        "f": 6,
        "g": 999,
    }


def test_a_function_among_the_facts_is_a_generator_of_its_own(rendered):
    yuan = "it: {a: =yuan price 2}"
    assert rendered(yuan, price=50, yuan=lambda facts, fen, times: (facts["price"], fen * times)) == {
        "a": (50, 100)
    }


def test_the_same_dice_draw_the_same_from_top_to_bottom(rendered):
    text = "it: {a: =random 0 1_000_000, b if 0.5: 1, c: =random 0 1_000_000}"
    dice = Random("1")
    first, _, last = dice.randrange(1_000_000), dice.random(), dice.randrange(1_000_000)
    found = rendered(text)
    assert (found["a"], found["c"]) == (first, last)
