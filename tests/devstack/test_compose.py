"""docker-compose.yaml is valid, starts in a safe order, and is in step with the native servers."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest
import yaml

from devstack import airflow_settings, celery_workers, environment
from devstack.airflow_settings import shared_settings
from devstack.mariadb import USERS
from devstack.place import Place
from devstack.postgres import DATABASES
from devstack.services import Services
from devstack.steps import ROOT
from retail_pipeline.orchestration.slots import RESIDENT_DAGS

TEXT = (ROOT / "docker-compose.yaml").read_text()
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
AIRFLOW = COMPOSE["x-airflow"]
EXAMPLE = (ROOT / ".env.example").read_text()
ONLY_NATIVE = {  # what the image brings, a fixed port replaces, or a developer alone wants
    "AIRFLOW__API__HOST", "AIRFLOW__API__PORT", "AIRFLOW__CORE__DAGS_FOLDER", "AIRFLOW__CORE__PLUGINS_FOLDER",
    "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL",
}  # fmt: skip
ONLY_COMPOSE = {
    "AIRFLOW__CELERY__BROKER_URL",
    "AIRFLOW__CELERY__RESULT_BACKEND",
    "AIRFLOW__CELERY__WORKER_CONCURRENCY",
    "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK",
}
ONCE = {name for name, service in SERVICES.items() if service["restart"] != "unless-stopped"}
OURS = {name for name, service in SERVICES.items() if "-airflow" in service["image"]}
each_service = pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES.keys())


@pytest.fixture
def native(tmp_path, monkeypatch):
    """The native settings of a place that has never been started."""
    monkeypatch.setattr(environment, "running", Services.at)
    monkeypatch.setattr(environment, "vendor_connections", lambda _url: _vendors())
    return airflow_settings.settings(Place(tmp_path))


def _vendors() -> dict[str, dict[str, str]]:
    vendors = ("wechat", "youshu", "wangdiantong")
    names = [f"{vendor}_{shop}" for vendor in vendors for shop in ("default", "outlet")]
    names += ["taobao_default", "apprise_default"]
    return {name: {"conn_type": name.partition("_")[0]} for name in names}


def _settings(variables: dict[str, str]) -> set[str]:
    return {name for name in variables if name.startswith("AIRFLOW__")}


def _connections(variables: dict[str, str]) -> set[str]:
    return {name for name in variables if name.startswith("AIRFLOW_CONN_")}


def test_the_same_settings(native):
    assert AIRFLOW["env_file"] == "devstack/airflow.env"
    assert not _settings(AIRFLOW["environment"]) & set(shared_settings())
    assert shared_settings().items() <= native.items()
    compose = _settings(AIRFLOW["environment"]) | _settings(shared_settings())
    assert _settings(native) - ONLY_NATIVE == compose - ONLY_COMPOSE


def test_the_same_values_where_both_are_plain(native):
    compose = AIRFLOW["environment"]
    user = "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"
    assert compose[user] == native[user]


def test_the_executor_has_as_many_slots_as_all_pools_together(native):
    compose = AIRFLOW["environment"]
    slots = str(sum(pool["slots"] for pool in airflow_settings.pools().values()))
    assert native["AIRFLOW__CORE__PARALLELISM"] == slots
    default = f"${{AIRFLOW_WORKER_CONCURRENCY:-{slots}}}"
    assert compose["AIRFLOW__CORE__PARALLELISM"] == compose["AIRFLOW__CELERY__WORKER_CONCURRENCY"] == default
    assert f"\n#AIRFLOW_WORKER_CONCURRENCY={slots}\n" in EXAMPLE


def test_the_executor_has_slots_for_all_that_stay_their_standbys_and_more(native, tmp_path):
    stay = 2 * len(RESIDENT_DAGS)
    assert int(native["AIRFLOW__CORE__PARALLELISM"]) >= stay + 8
    workers = celery_workers.settings(Place(tmp_path), native)
    assert int(workers["AIRFLOW__CELERY__WORKER_CONCURRENCY"]) > stay
    assert int(workers["AIRFLOW__CORE__PARALLELISM"]) >= stay + 8


def test_the_same_connections(native):
    assert _connections(AIRFLOW["environment"]) == _connections(native)
    for name in ("STORE_POSTGRES", "WAREHOUSE_POSTGRES", "BI_MYSQL", "JUSHITA_MYSQL"):
        ours, theirs = (json.loads(each[f"AIRFLOW_CONN_{name}"]) for each in (native, AIRFLOW["environment"]))
        for field in ("conn_type", "schema", "login"):
            assert ours[field] == theirs[field]


def test_the_same_init_files_with_all_the_passwords_they_ask_for():
    for service, file, names in (("postgres", "postgres.sql", DATABASES), ("mysql", "mysql.sh", USERS)):
        mounts = [mount for mount in SERVICES[service]["volumes"] if "initdb.d" in mount]
        assert mounts == [f"./include/sql/init/{file}:/docker-entrypoint-initdb.d/{file}:ro"]
        asked = set(re.findall(r"\w+_DB_PASSWORD", (ROOT / "include/sql/init" / file).read_text()))
        assert (
            asked
            == {f"{name.upper()}_DB_PASSWORD" for name in names}
            <= set(SERVICES[service]["environment"])
        )


def test_every_variable_is_explained_in_the_example():
    used = set(re.findall(r"(?<!\$)\$\{(\w+)", TEXT)) - {"COMPOSE_PROJECT_NAME"}  # which compose knows
    assert used == set(re.findall(r"^#?([A-Z_]+)=", EXAMPLE, re.MULTILINE))


def test_no_secret_has_a_default():
    for name, default in re.findall(r"(?<!\$)\$\{(\w+):?-([^}]*)\}", TEXT):
        assert default == "" or not re.search("PASSWORD|SECRET|KEY|CONN", name), name
    for line in EXAMPLE.splitlines():
        if re.match(r"[A-Z_]+(PASSWORD|SECRET|KEY)=", line):
            assert line.endswith("="), line


def test_ports_are_published_to_this_machine_only():
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


@pytest.mark.parametrize("name", ["scheduler", "dag-processor", "triggerer", "worker"])
def test_airflow_waits_for_the_api_server(name):
    assert SERVICES[name]["depends_on"]["api-server"] == {"condition": "service_healthy"}


def test_the_api_server_waits_for_the_tables_and_they_for_the_databases():
    assert SERVICES["api-server"]["depends_on"]["airflow-init"] == {
        "condition": "service_completed_successfully"
    }
    waits = SERVICES["airflow-init"]["depends_on"]
    for name in ("postgres", "mysql", "redis"):
        assert waits[name] == {"condition": "service_healthy"}


@pytest.mark.parametrize("name", ["airflow-init", "sandbox", "demo-orders", "demo-sys-info"])
def test_these_services_do_not_wait_for_the_database_as_the_image_does(name):
    assert SERVICES[name]["environment"]["CONNECTION_CHECK_MAX_COUNT"] == "0"


def test_nothing_starts_before_the_env_file_was_looked_at():
    def waits(name: str) -> set[str]:
        needed = {other for other, how in SERVICES[name]["depends_on"].items() if how.get("required", True)}
        return needed.union(*(waits(other) for other in needed))

    for name in SERVICES.keys() - {"check-env-file"}:
        assert "check-env-file" in waits(name), name
    asked = set(SERVICES["check-env-file"]["environment"])
    assert asked == set(re.findall(r"^([A-Z_]+(?:PASSWORD|SECRET|KEY))=", EXAMPLE, re.MULTILINE))


def test_what_is_waited_for_has_a_health_or_an_end():
    for service in SERVICES.values():
        for name, how in service["depends_on"].items():
            assert (how["condition"] == "service_healthy") == (name not in ONCE), name


def test_production_can_start_without_the_demo():
    for service in (service for service in SERVICES.values() if "profiles" not in service):
        for name, how in service["depends_on"].items():
            assert ("profiles" in SERVICES[name]) == (how.get("required") is False), name


def test_the_image_is_built_once_for_all():
    assert [name for name, service in SERVICES.items() if "build" in service] == ["airflow-init"]
    assert len({SERVICES[name]["image"] for name in OURS}) == 1
    # Of the others nobody may look for it in a registry before it is built.
    assert {SERVICES[name]["pull_policy"] for name in OURS} == {"never"}


@pytest.mark.parametrize(
    ("service", "variable"),
    [("postgres", "POSTGRES"), ("mysql", "MYSQL"), ("redis", "REDIS"), ("airflow-init", "AIRFLOW")],
)
def test_every_base_image_can_be_another_one(service, variable):
    told = SERVICES[service]
    image = told["build"]["args"]["AIRFLOW_IMAGE"] if variable == "AIRFLOW" else told["image"]
    name = re.fullmatch(rf"\$\{{{variable}_IMAGE:-(.+)\}}", image)[1]
    assert f"#{variable}_IMAGE={name}\n" in EXAMPLE
    if variable == "AIRFLOW":
        assert f"ARG AIRFLOW_IMAGE={name}\nFROM ${{AIRFLOW_IMAGE}}\n" in (ROOT / "Dockerfile").read_text()


def test_the_example_names_the_defaults():
    for name, default in re.findall(r"(?<!\$)\$\{(\w+):-([^}]+)\}", TEXT):
        if name != "COMPOSE_PROJECT_NAME":
            assert re.search(rf"^#{name}={re.escape(default)}$", EXAMPLE, re.MULTILINE), name


@each_service
def test_a_container_has_limits_and_no_way_to_more_rights(service):
    assert service["read_only"] is True
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"max-size", "max-file"} <= service["logging"]["options"].keys()
    assert all(service[limit] for limit in ("mem_limit", "cpus", "pids_limit"))


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - ONCE))
def test_who_runs_on_has_a_cheap_health_check(name):
    check = SERVICES[name]["healthcheck"]
    assert (check["interval"], check["timeout"]) == ("60s", "20s")
    # Whatever imports Airflow takes seconds of the processor's time.
    assert not re.search(r"\b(airflow (jobs|db)|celery|retail)\b", " ".join(check["test"]))


def test_who_has_done_its_work_has_no_health_check():
    assert not any("healthcheck" in SERVICES[name] for name in ONCE)


def test_no_secret_is_on_a_command_line():
    for name, service in SERVICES.items():
        told = json.dumps([service.get("command"), service.get("entrypoint"), service.get("healthcheck")])
        assert not re.search(r"(?<!\$)\$\{\w*(PASSWORD|SECRET|KEY)", told), name
        assert not re.search(r"--(requirepass|password\S*) ", told), name


def test_the_sandbox_is_in_the_demo_only():
    with_sandbox = {name for name, service in SERVICES.items() if "sandbox" in json.dumps(service)}
    assert with_sandbox == {name for name, service in SERVICES.items() if service.get("profiles") == ["demo"]}
    assert "sandbox" not in (ROOT / "Dockerfile").read_text()


def test_compose_itself_accepts_it(tmp_path):
    command = _compose_command()
    if not command:
        assert all(
            "image" in service for service in SERVICES.values()
        )  # the little that can be said without it
        return
    filled = tmp_path / "env"
    filled.write_text(re.sub(r"^([A-Z_]+)=$", r"\1=letters", EXAMPLE, flags=re.MULTILINE))
    check = [
        *command,
        "--env-file",
        str(filled),
        "--file",
        str(ROOT / "docker-compose.yaml"),
        "config",
        "--quiet",
    ]
    accepted = subprocess.run(check, capture_output=True, text=True, check=False)
    assert accepted.returncode == 0, accepted.stderr


def _compose_command() -> list[str]:
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    if shutil.which("docker"):
        plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
        return ["docker", "compose"] if plugin.returncode == 0 else []
    return []
