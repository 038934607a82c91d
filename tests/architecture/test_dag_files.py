"""A DAG file declares one DAG, and nothing else."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from tests.architecture.dag_rules import (
    HEADINGS,
    dag_ids,
    empty_headings,
    headings,
    statements_beside_the_dag,
    work_while_parsing,
    wrong_imports,
)
from tests.architecture.sql_rules import sql_texts
from tests.architecture.tree import ROOT, each_file, files, text_of

each_dag_file = each_file("dags")


def test_there_are_dag_files():
    assert {path.stem for path in files("dags")} >= {"wechat_youshu_report", "youshu_order_summary"}


@each_dag_file
def test_one_file_is_one_dag_of_the_same_name(path):
    assert dag_ids(text_of(path)) == [path.stem]


@each_dag_file
def test_its_docstring_answers_the_five_questions(path):
    assert headings(text_of(path)) == HEADINGS
    assert empty_headings(text_of(path)) == []


@each_dag_file
def test_its_docstring_is_shown_in_the_ui(path):
    assert "doc_md=__doc__" in text_of(path)


@each_dag_file
def test_it_imports_only_what_it_is_declared_with(path):
    assert wrong_imports(text_of(path)) == []


@each_dag_file
def test_it_asks_nobody_while_it_is_parsed(path):
    assert work_while_parsing(text_of(path)) == []


@each_dag_file
def test_it_holds_no_sql(path):
    assert sql_texts(text_of(path)) == []


@each_dag_file
def test_it_holds_no_business_code(path):
    assert statements_beside_the_dag(text_of(path)) == []


@pytest.mark.parametrize(
    ("source", "ids"),
    [
        ("with DAG(dag_id='a'): pass", ["a"]),
        ("ID = 'a'\nwith DAG(dag_id=ID): pass", ["a"]),
        ("with DAG('a'): pass\nwith sdk.DAG('b'): pass", ["a", "b"]),
        ("@dag(dag_id='a')\ndef f(): pass", ["a"]),
        ("with DAG(dag_id=f'{x}'): pass", ["?"]),
        ("with DAG(): pass", ["?"]),
        ("x = 1", []),
    ],
)
def test_every_way_to_make_a_dag_is_seen(source, ids):
    assert dag_ids(source) == ids


def test_a_docstring_that_lacks_an_answer_is_caught():
    full = '"""\n' + "\n".join(f"### {name}\ntext\n" for name in HEADINGS) + '"""\n'

    assert headings(full) == HEADINGS
    assert headings(full.replace("### Rerun\n", "")) != HEADINGS
    assert empty_headings(full.replace("### Rerun\ntext\n", "### Rerun\n\n")) == ["Rerun"]
    assert headings("x = 1") == []


@pytest.mark.parametrize(
    "bad",
    [
        "import requests",
        "import os",
        "from datetime import timedelta",
        "from airflow.models import Variable",
        "from airflow import DAG",
        "from airflow.providers.http.operators.http import HttpOperator",
        "from retail_pipeline.vendors.wechat.client import WeChatClient",
        "from retail_pipeline.vendors.wechat.hook import WeChatHook",
        "from retail_pipeline.vendors.transport import Transport",
        "from retail_pipeline import clock",
        "from . import neighbour",
        "def f():\n    import psycopg",
    ],
)
def test_a_wrong_import_is_caught(bad):
    assert len(wrong_imports(bad)) == 1


@pytest.mark.parametrize(
    "good",
    [
        "from airflow.sdk import DAG",
        "import pendulum",
        "from pendulum import datetime",
        "from retail_pipeline.pipelines.daily_reports.pull_operators import WeChatToStoreOperator",
        "from retail_pipeline.pipelines.daily_reports.summary_operators import OrderSummaryOperator",
        "from retail_pipeline.orchestration.dag_defaults import daily_at",
        "from __future__ import annotations",
    ],
)
def test_a_right_import_passes(good):
    assert wrong_imports(good) == []


@pytest.mark.parametrize(
    "bad",
    [
        "from airflow.sdk import Variable\nx = Variable.get('a')",
        "import os\nx = os.environ['A']",
        "import os\nx = os.getenv('A')",
        "x = open('a').read()",
        "x = sdk.BaseHook.get_connection('a')",
        "x = requests.get('http://a')",
    ],
)
def test_work_while_parsing_is_caught(bad):
    assert work_while_parsing(bad)


def test_business_code_is_caught():
    assert statements_beside_the_dag("def convert(row): ...\nclass Row: ...") == ["convert", "Row"]
    assert statements_beside_the_dag("with DAG('a'):\n    @task_group\n    def f(): ...") == []


def test_the_pools_that_are_named_are_made():
    settings = yaml.safe_load(text_of(ROOT / "include" / "config" / "retail.yaml"))
    made = json.loads(text_of(ROOT / "include" / "config" / "pools.json"))

    assert settings["jushita"]["pool"] in made
    named = {name for path in files("dags") for name in re.findall(r'"pool": "(\w+)"', text_of(path))}
    assert named
    assert named <= made.keys()
