"""What is wrong in .env is named, by variable and without its value, before anything starts."""

from __future__ import annotations

import base64
import os
import subprocess
import sys

import pytest

from compose.check_env_file import complaints
from devstack.steps import ROOT

KEY = base64.urlsafe_b64encode(bytes(range(200, 232))).decode()
OTHER_KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()
RIGHT = {"AIRFLOW_FERNET_KEY": KEY, "REDIS_PASSWORD": "Aa0._~-", "AIRFLOW_API_SECRET": "b" * 48}


def told(**changed: str) -> list[str]:
    return list(complaints(RIGHT | changed))


def test_a_file_that_is_right_has_no_complaint():
    assert told() == []
    assert told(AIRFLOW_FERNET_KEY=f"{KEY},{OTHER_KEY}") == []  # while a key is changed


@pytest.mark.parametrize(
    "key", ["", "letters", KEY[:-2], KEY + "A", KEY.replace("_", "?"), f"{KEY},", f"{KEY},letters", KEY[4:]]
)
def test_a_wrong_fernet_key_is_named_and_a_new_one_offered(key):
    [complaint] = told(AIRFLOW_FERNET_KEY=key)
    assert complaint.startswith("AIRFLOW_FERNET_KEY is no Fernet key")
    assert "python3 -c" in complaint


@pytest.mark.parametrize("character", list("@:/?#%&+=[]{}()<>\"'`\\$!*,; \t\n|^é钥"))
def test_a_password_with_a_special_character_is_named_and_not_shown(character):
    [complaint] = told(REDIS_PASSWORD=f"se{character}cret", PATH="/usr/bin:/bin", LANG="C.UTF-8")
    assert complaint.startswith("REDIS_PASSWORD has characters")
    assert "cret" not in complaint


def test_each_is_named():
    found = told(REDIS_PASSWORD="", MYSQL_ROOT_PASSWORD="a'b", AIRFLOW_JWT_SECRET="a b")
    assert [complaint.split()[0] for complaint in found] == [
        "AIRFLOW_JWT_SECRET",
        "MYSQL_ROOT_PASSWORD",
        "REDIS_PASSWORD",
    ]


@pytest.mark.parametrize(("password", "status"), [("letters", 0), ("pass@word", 1)])
def test_as_the_container_runs_it(password, status):
    env = {**RIGHT, "REDIS_PASSWORD": password, "PATH": os.environ["PATH"]}
    command = [sys.executable, str(ROOT / "compose/check_env_file.py")]
    ended = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert ended.returncode == status
    assert ended.stdout == ""
    assert ("REDIS_PASSWORD" in ended.stderr, "pass@word" in ended.stderr) == (status == 1, False)
