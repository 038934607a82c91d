"""The pages that script/docs writes are those that are committed, and tell of every DAG."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from devstack import written_docs
from devstack.flow_picture import picture
from devstack.flows import Flow, Place, flows, table
from devstack.limits import shown, value_at
from devstack.steps import ROOT

DAGS = sorted(path.stem for path in (ROOT / "dags").glob("*.py"))
PLACES = [Place({"en": name, "zh": name}, {"en": "what", "zh": "何物"}) for name in ("a", "b", "c")]


def flow(dag: str = "a_dag", source: Place = PLACES[0], target: Place = PLACES[1], **other) -> Flow:
    words = {"en": "words", "zh": "说明"}
    return Flow(dag, source, target, words, words, **{"every": 10, **other})


def test_every_dag_file_is_told_of_and_no_other():
    assert sorted(each.dag for each in flows()) == DAGS


@pytest.mark.parametrize("page", written_docs.pages(), ids=lambda page: page.name)
def test_what_is_committed_is_what_script_docs_writes(page: Path):
    """Where it is not: run script/docs, and look at what has changed."""
    assert page.read_text(encoding="utf-8") == written_docs.pages()[page]


@pytest.mark.parametrize(
    ("when", "english", "chinese", "crons"),
    [
        ({"every": 1}, "every minute", "每分钟", ["*/1 * * * *"]),
        ({"every": 15}, "every 15 min", "每 15 分钟", ["*/15 * * * *"]),
        ({"at": ("05:00",)}, "05:00", "05:00", ["0 5 * * *"]),
        ({"at": ("07:00", "10:30")}, "07:00, 10:30", "07:00、10:30", ["0 7 * * *", "30 10 * * *"]),
        ({"every": 10, "always": True}, "all the time", "持续运行", ["*/10 * * * *"]),
    ],
)
def test_a_schedule_in_words(when, english, chinese, crons):
    told = flow(**when)

    assert (told.schedule("en"), told.schedule("zh"), told.crons()) == (english, chinese, crons)
    assert f"| `a_dag` | {english} | words | words |" in table([told], "en")


def test_rows_in_succession_share_the_box_of_their_place():
    first, second, other = PLACES
    shared = picture([flow("one", first, other), flow("two", second, other)], "en")
    apart = picture([flow("one", first, other), flow("two", second, first)], "en")

    assert shared.count('class="place"') == 3
    assert apart.count('class="place"') == 4


def test_a_comparison_has_an_arrowhead_at_both_ends():
    assert picture([flow()], "en").count('class="tip"') == 1
    assert picture([flow(compares=True)], "en").count('class="tip"') == 2


def test_words_that_do_not_fit_into_the_picture_are_refused():
    picture([flow("a" * 40)], "zh")
    with pytest.raises(ValueError, match="does not fit"):
        picture([flow("a" * 80)], "zh")


@pytest.mark.parametrize(
    "where",
    [
        "vendors.attempts:NO_SUCH_LIMIT",
        "databases.session_settings:POSTGRES.no_such_setting",
        r"docker-compose.yaml ~ NO_SUCH_VARIABLE:-(\d+)",
        r"docker-compose.yaml ~ (\d+)",  # many numbers are none
    ],
)
def test_a_limit_that_the_code_has_not_is_refused(where):
    with pytest.raises(LookupError):
        value_at(where)


def test_a_limit_is_read_where_it_is():
    assert value_at("pipelines.order_push.outbox:LEASE") == timedelta(seconds=45)
    assert value_at("orchestration.dag_defaults:report_task_defaults().retries") == 10_000
    assert value_at("vendors.transport:Transport.total_timeout") == 30
    assert value_at(r"docker-compose.yaml ~ AIRFLOW_KEEP_DAYS:-(\d+)") == 30
    assert shown("90s") == "90 s"


def test_a_page_without_its_marks_is_refused(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("<!-- flows: written by script/docs -->\n", encoding="utf-8")

    with pytest.raises(ValueError, match="no block"):
        written_docs.with_block(page, "flows", "| a |")


def test_a_block_takes_the_place_of_the_old_one(tmp_path):
    page = tmp_path / "page.md"
    marks = "<!-- flows: written by script/docs -->\n{}<!-- end of flows -->\n"
    page.write_text("before\n" + marks.format("old\n") + "after\n", encoding="utf-8")

    _, text = written_docs.with_block(page, "flows", "| new |")

    assert text == "before\n" + marks.format("\n| new |\n\n") + "after\n"


@pytest.mark.parametrize("name", ["setup.md", "setup.zh.md"])
def test_setup_names_every_dag_to_unpause_and_every_view_to_map(name):
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")

    views = [
        f"`{path.relative_to(ROOT)}`" for path in (ROOT / "include" / "sql" / "youshu").glob("*_view.sql")
    ]
    assert len(views) >= 3
    assert [each for each in [*(f"`{dag}`" for dag in DAGS), *views] if each not in text] == []


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_first_page_stays_a_page(name):
    assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) <= 90
