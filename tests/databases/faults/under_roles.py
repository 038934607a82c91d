"""Fixtures of the tests of other files, with every connection under the role of its task."""

from __future__ import annotations

import pytest

from tests.databases.least_rights import become_member

TARGETS = ("bi_mysql", "warehouse_postgres")


@pytest.fixture
def runs(runs, warehouse, monkeypatch):
    for conn_id in TARGETS:
        become_member(monkeypatch, conn_id)
    return runs


@pytest.fixture
def sys_info(sys_info, monkeypatch):
    for conn_id in ("warehouse_postgres", "jushita_mysql"):
        become_member(monkeypatch, conn_id)
    return sys_info


@pytest.fixture
def each_target(each_target, monkeypatch):
    for conn_id in (*TARGETS, "jushita_mysql"):
        become_member(monkeypatch, conn_id)
    return each_target


@pytest.fixture
def monitor(monitor, monkeypatch):
    for conn_id in (*TARGETS, "jushita_mysql"):
        become_member(monkeypatch, conn_id)
    return monitor


@pytest.fixture
def store(store, warehouse, monkeypatch):
    for conn_id in ("store_postgres", "warehouse_postgres"):
        become_member(monkeypatch, conn_id)
    return store
