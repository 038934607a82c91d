from __future__ import annotations

import os

import pytest

from retail_pipeline.errors import ConfigError
from retail_pipeline.settings.file import DEFAULT_PATH, load_settings, settings_path


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

    with pytest.raises(ConfigError, match=r", line 3, not YAML: .* got ':'$"):
        load_settings()


def said_of(file, text: str | bytes) -> list[str]:
    """Return what is said of another content of the file, line by line, without the file's name."""
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError) as caught:
        load_settings()
    lines = str(caught.value).split("\n")
    assert all(line.startswith(f"settings file {file}, line ") for line in lines)
    return [line.removeprefix(f"settings file {file}, ") for line in lines]


SECOND = """\
    name: outlet
    store_conn_id: store_postgres
    wechat_conn_id: wechat_outlet
    youshu_conn_id: youshu_outlet
    reports: []
"""


def test_a_shop_whose_dash_was_forgotten_is_not_lost_in_silence(settings_file):
    lines = settings_file.read_text(encoding="utf-8").splitlines(keepends=True)
    said = said_of(settings_file, "".join([*lines[:7], SECOND, *lines[7:]]))

    assert len(said) == 5
    assert said[0].startswith("line 8, key 'name' is there twice, in line 2 too; allowed: once in each entry")
    assert "'-'" in said[0]


def test_a_key_that_is_there_twice_in_one_line_is_no_less_refused(settings_file):
    [said] = said_of(settings_file, "shops:\n  - {name: a, title: x, name: b}\n")

    assert said.startswith("line 2, key 'name' is there twice; allowed: once in each entry")


@pytest.mark.parametrize("section", ["shops: []\n", "reports: {}\n"], ids=["top", "mapping"])
def test_a_section_that_is_there_twice_is_refused_with_both_lines(settings_file, section):
    text = settings_file.read_text(encoding="utf-8")
    name = section.partition(":")[0]

    [said] = said_of(settings_file, text + section)

    first, again = text.splitlines().index(f"{name}:") + 1, len(text.splitlines()) + 1
    assert said.startswith(f"line {again}, key '{name}' is there twice, in line {first} too")


def test_a_key_that_is_there_twice_deep_inside_is_refused(settings_file):
    said = refused(settings_file, 'due_at: "10:30"', 'due_at: "10:30"\n    due_at: "10:45"')

    assert "key 'due_at' is there twice" in said


@pytest.mark.parametrize(
    "value",
    [
        '"02:00Z"',
        '"02:00+08:00"',
        '"02:00:30"',
        '"02:00:00"',
        "10.5",
        '"9:30"',
        '"24:00"',
        '"10h"',
        "yes",
        "[1]",
    ],
)
def test_a_time_that_is_no_whole_minute_of_beijing_is_refused(settings_file, value):
    line = line_of(settings_file.read_text(encoding="utf-8"), 'starts_at: "10:00"')

    said = refused(settings_file, 'starts_at: "10:00"', f"starts_at: {value}")

    assert f"line {line}, reports.wechat_youshu_report.starts_at: " in said
    assert 'allowed: "00:00" to "23:59" in quotes, e.g. "10:30": whole minutes, Beijing time' in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("encoding", "named"), [("gbk", "not UTF-8, it looks like GBK"), ("utf-16", "not UTF-8 but UTF-16")]
)
def test_a_file_of_another_encoding_is_told_with_its_line(settings_file, encoding, named):
    text = settings_file.read_text(encoding="utf-8")

    [said] = said_of(settings_file, text.encode(encoding))

    line = line_of(text, "花间集") if encoding == "gbk" else 1
    assert said == f"line {line}, {named}; allowed: UTF-8 only, save it as that"


def test_windows_mark_of_utf_8_is_no_fault(settings_file):
    settings_file.write_bytes(settings_file.read_text(encoding="utf-8").encode("utf-8-sig"))

    assert load_settings().shops[0].title == "花间集旗舰店"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("    title:", "\ttitle:", "allowed: spaces, a line before it begins with a tab"),
        ("title: ", "title: \x07", "not YAML: character 0x0007 is not allowed"),
        ("title: 花间集旗舰店", "title: !!python/name:os.system x", "could not determine a constructor"),
        ("title: 花间集旗舰店", "title: 2026-02-30", "'2026-02-30' is no timestamp (day "),
        ("title: 花间集旗舰店", "title: *nobody", "found undefined alias"),
    ],
    ids=["tab", "control", "tag", "day", "alias"],
)
def test_what_yaml_cannot_read_is_one_line_with_its_line(settings_file, old, new, words):
    text = settings_file.read_text(encoding="utf-8")

    [said] = said_of(settings_file, text.replace(old, new, 1))

    assert said.startswith(f"line {line_of(text, old)}, not YAML: ")
    assert words in said


@pytest.mark.parametrize("text", ["shops: &a [*a]\n", "[" * 10_000], ids=["itself", "deep"])
def test_what_has_no_end_is_refused(settings_file, text):
    [said] = said_of(settings_file, text)

    assert "nested too deep" in said


def test_a_folder_in_the_files_place_is_told(settings_file):
    settings_file.unlink()
    settings_file.mkdir()

    with pytest.raises(ConfigError, match=rf"{settings_file}: Is a directory; RETAIL_CONFIG"):
        load_settings()


def test_a_number_where_a_name_belongs_is_told_how_to_write_it(settings_file):
    said = refused(settings_file, "title: 花间集旗舰店", "title: 0101")

    assert said.endswith("shops.0.title: Input should be a valid string; put it in quotes")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("shops:", "jushita: {instances: [{name: a, load_from: 20261101}]}\nshops:", "'20261101' is no day"),
        (
            "shops:",
            "jushita: {instances: [{name: a, load_from: 0001-01-01}]}\nshops:",
            "0001-01-01 is too early",
        ),
        ("shops:", f"jushita: {{instances: [{{name: {'a' * 44}}}]}}\nshops:", "at most 43 characters"),
    ],
)
def test_a_first_day_and_a_name_that_nothing_can_keep_are_refused(settings_file, old, new, words):
    assert words in refused(settings_file, old, new)


def test_a_changed_file_is_read_again(settings_file):
    before = load_settings()
    text = settings_file.read_text(encoding="utf-8")
    settings_file.write_text(text.replace("name: flagship", "name: outlet"), encoding="utf-8")
    later = settings_file.stat().st_mtime_ns + 1_000_000
    os.utime(settings_file, ns=(later, later))

    assert (before.shops[0].name, load_settings().shops[0].name) == ("flagship", "outlet")


def test_an_unchanged_file_is_not_parsed_again(settings_file):
    assert load_settings() is load_settings()
