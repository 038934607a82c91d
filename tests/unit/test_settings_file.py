from __future__ import annotations

import os

import pytest

from retail_pipeline.errors import ConfigError
from retail_pipeline.settings_file import DEFAULT_PATH, load_settings, settings_path


def line_of(text: str, piece: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if piece in line)


def refused(file, old: str, new: str) -> str:
    """Return what is said of the file after one change."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert str(file) in str(caught.value)
    return str(caught.value)


def test_without_the_variable_the_projects_own_file_is_read(monkeypatch):
    monkeypatch.delenv("RETAIL_CONFIG", raising=False)

    assert settings_path() == DEFAULT_PATH
    assert load_settings().shops


def test_the_variable_names_another_file(settings_file):
    assert settings_path() == settings_file
    assert [shop.name for shop in load_settings().shops] == ["flagship"]


def test_a_missing_file_is_named_with_the_variable(settings_file):
    settings_file.unlink()

    with pytest.raises(ConfigError, match=rf"{settings_file}: No such file.*RETAIL_CONFIG"):
        load_settings()


def test_a_time_without_quotes_is_told_from_a_number(settings_file):
    line = line_of(settings_file.read_text(), 'due_at: "10:30"')

    said = refused(settings_file, 'due_at: "10:30"', "due_at: 10:30")

    assert f"line {line}, reports.wechat_youshu_report.due_at: " in said
    assert 'in quotes, e.g. "10:30"' in said


def test_an_unknown_report_is_answered_with_the_allowed_ones(settings_file):
    line = line_of(settings_file.read_text(), "reports: [wechat")

    said = refused(settings_file, "reports: [wechat_youshu_report,", "reports: [wechat_report,")

    assert f"line {line}, shops.0.reports.0: " in said
    assert "'wechat_youshu_report'" in said
    assert "'youshu_order_summary'" in said


def test_an_unknown_key_is_named_with_its_line(settings_file):
    line = line_of(settings_file.read_text(), "title:")

    said = refused(settings_file, "title:", "tittle:")

    assert f"line {line}, shops.0.tittle: Extra inputs are not permitted" in said


def test_a_missing_key_is_named_with_the_line_of_what_lacks_it(settings_file):
    line = line_of(settings_file.read_text(), "- name: flagship")

    said = refused(settings_file, "    store_conn_id: store_postgres\n", "")

    assert f"line {line}, shops.0.store_conn_id: Field required" in said


def test_times_out_of_order_are_blamed_on_their_report(settings_file):
    line = line_of(settings_file.read_text(), "wechat_youshu_report:")

    said = refused(settings_file, 'starts_at: "10:00"', 'starts_at: "10:45"')

    assert f"line {line}, reports.wechat_youshu_report: starts_at must be before due_at" in said


def test_a_pace_out_of_bounds_is_answered_with_the_bound(settings_file):
    said = refused(settings_file, 'due_at: "10:30"', 'due_at: "10:30"\n    retry_every_seconds: 1')

    assert "reports.wechat_youshu_report.retry_every_seconds: " in said
    assert "greater than or equal to 5" in said


def test_two_shops_of_one_name_are_named(settings_file):
    text = settings_file.read_text(encoding="utf-8")
    entry = text[text.index("  - name") : text.index("reports:\n")]

    said = refused(settings_file, entry, entry + entry)

    assert "two shops are named flagship" in said


def test_every_error_is_told_at_once(settings_file):
    text = settings_file.read_text(encoding="utf-8")
    settings_file.write_text(text.replace("title:", "tittle:"), encoding="utf-8")

    said = refused(settings_file, 'gives_up_at: "07:00"', "gives_up_at: seven")

    assert "shops.0.tittle" in said
    assert "reports.youshu_order_summary.gives_up_at" in said


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "flagship\n"], ids=["empty", "list", "word"])
def test_a_file_of_another_shape_is_refused_as_a_whole(settings_file, text):
    settings_file.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError, match="line 1, whole file: "):
        load_settings()


def test_what_is_no_yaml_is_refused_with_its_place(settings_file):
    settings_file.write_text("shops:\n  - name: [flagship\nreports: 1\n", encoding="utf-8")

    with pytest.raises(ConfigError, match=r"is not YAML(.|\n)*line 3"):
        load_settings()


def test_a_changed_file_is_read_again(settings_file):
    before = load_settings()
    text = settings_file.read_text(encoding="utf-8")
    settings_file.write_text(text.replace("name: flagship", "name: outlet"), encoding="utf-8")
    later = settings_file.stat().st_mtime_ns + 1_000_000
    os.utime(settings_file, ns=(later, later))

    assert (before.shops[0].name, load_settings().shops[0].name) == ("flagship", "outlet")


def test_an_unchanged_file_is_not_parsed_again(settings_file):
    assert load_settings() is load_settings()
