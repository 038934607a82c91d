"""A key of the settings file that is unknown, missing or renamed is named with its line, and nothing that follows."""

from __future__ import annotations

import re

import pytest

from retail_pipeline.errors import ConfigError
from retail_pipeline.settings.file import DEFAULT_PATH, load_settings
from retail_pipeline.settings.renamed_keys import RENAMED
from tests.settings.unit.test_file import line_of, refused


def test_an_unknown_key_is_named_with_its_line(settings_file):
    line = line_of(settings_file.read_text(), "title:")

    said = refused(settings_file, "title:", "tittle:")

    assert said == (
        f"settings file {settings_file}, line {line}, shops.0.tittle: 'tittle' is not known; did you mean 'title'? "
        "Allowed: name, title, store_conn_id, wechat_conn_id, youshu_conn_id, reports, order_sources, orders"
    )


def test_a_missing_key_is_named_with_the_line_of_what_lacks_it(settings_file):
    line = line_of(settings_file.read_text(), "- name: flagship")

    said = refused(settings_file, "    store_conn_id: store_postgres\n", "")

    assert f"line {line}, shops.0.store_conn_id: Field required" in said


def test_a_key_that_is_misspelt_is_not_missing_as_well(settings_file):
    line = line_of(settings_file.read_text(), "store_conn_id:")

    said = refused(settings_file, "    store_conn_id: store_postgres\n", "    store_con_id: store_postgres\n")

    assert (
        f"line {line}, shops.0.store_con_id: 'store_con_id' is not known; did you mean 'store_conn_id'?"
        in said
    )
    assert "\n" not in said


@pytest.mark.parametrize(("old", "now"), RENAMED.items())
def test_a_key_that_was_renamed_is_answered_with_its_new_name(settings_file, old, now):
    unsaid = "    max_attempts: 5\n    max_quarantined_share: 0.05\n"
    text = DEFAULT_PATH.read_text(encoding="utf-8").replace("    page_size:", f"{unsaid}    page_size:")
    settings_file.write_text(re.sub(rf"\b{now}:", f"{old}:", text, count=1), encoding="utf-8")

    with pytest.raises(ConfigError, match=rf"\b{old}: '{old}' is called '{now}' now"):
        load_settings()
