"""MySQL from Debian sid: what is fetched, and what it means when nothing can be."""

from __future__ import annotations

import pytest

from devstack import mysql, sid
from devstack.steps import StackError


@pytest.fixture
def out_of_reach(monkeypatch, tmp_path):
    """Point apt at a port where nobody listens."""
    monkeypatch.setattr(sid, "_HOME", tmp_path / "sid")
    monkeypatch.setattr(sid, "_SOURCES", sid._SOURCES.replace("http://deb.debian.org", "http://127.0.0.1:1"))
    monkeypatch.setattr(mysql, "MYSQL", tmp_path / "mysql")
    return tmp_path


@pytest.mark.long
def test_what_cannot_be_fetched_is_a_failure_that_says_how_to_mend_it(out_of_reach):
    with pytest.raises(StackError, match=r"(?s)failed:.*apt-get must reach deb\.debian\.org"):
        mysql.install()


@pytest.mark.long
def test_what_was_fetched_before_does_where_sid_does_not_answer(out_of_reach):
    (out_of_reach / "mysql").mkdir()
    (out_of_reach / "mysql" / "version").write_text("9.7.4-2")
    mysql.install()
    assert mysql.installed() == "9.7.4-2"


def test_the_loader_is_that_of_the_tree(tmp_path):
    for folder in ("usr/lib64", "usr/lib/x86_64-linux-gnu"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "usr/lib64/ld-linux-x86-64.so.2").touch()
    loader = sid.loader(tmp_path)
    assert loader == [
        f"{tmp_path}/usr/lib64/ld-linux-x86-64.so.2",
        "--library-path",
        f"{tmp_path}/usr/lib/x86_64-linux-gnu",
    ]
