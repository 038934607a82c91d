"""Ports and secrets of a set of servers."""

from __future__ import annotations

import socket
import stat
from concurrent.futures import ThreadPoolExecutor

from devstack.place import Place


def test_a_port_is_remembered_while_it_is_free(tmp_path):
    port = Place(tmp_path).choose_port("postgres")
    assert Place(tmp_path).choose_port("postgres") == port == Place(tmp_path).port("postgres")


def test_a_port_that_somebody_took_is_chosen_anew(tmp_path):
    place = Place(tmp_path)
    port = place.choose_port("postgres")
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        assert place.choose_port("postgres") != port


def test_servers_that_choose_side_by_side_lose_no_port_and_no_secret(tmp_path):
    place = Place(tmp_path)
    names = [f"server-{number}" for number in range(20)]
    with ThreadPoolExecutor(8) as pool:
        ports = list(pool.map(place.choose_port, names))
        secrets = list(pool.map(place.secret, names))
    assert ports == [Place(tmp_path).port(name) for name in names]
    assert secrets == [Place(tmp_path).secret(name) for name in names]
    assert len(set(ports)) == len(set(secrets)) == len(names)


def test_secrets_are_for_their_owner_only(tmp_path):
    Place(tmp_path).secret("postgres")
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600
