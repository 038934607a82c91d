"""What Airflow's own UI makes of our connection types."""

from __future__ import annotations

import json
from importlib.metadata import entry_points
from importlib.resources import files

import jsonschema
import pytest
from airflow.api_fastapi.core_api.services.ui.connections import HookMetaService
from airflow.providers_manager import ProvidersManager

from retail_pipeline.orchestration.provider_info import get_provider_info
from retail_pipeline.vendors.open_platform import SIGN_METHODS
from retail_pipeline.vendors.taobao.client import HOST, TaobaoClient
from retail_pipeline.vendors.taobao.hook import TaobaoHook
from retail_pipeline.vendors.wangdiantong.client import HOSTS as GATEWAYS
from retail_pipeline.vendors.wangdiantong.client import WANGDIANTONG_TARGET
from retail_pipeline.vendors.wangdiantong.hook import CALLS_PER_MINUTE, WangdiantongHook
from retail_pipeline.vendors.wechat.hook import WeChatHook
from retail_pipeline.vendors.youshu.client import HOSTS
from retail_pipeline.vendors.youshu.hook import YoushuHook


@pytest.fixture(scope="module")
def forms() -> dict:
    """The connection forms as the UI is told of them."""
    return {form.connection_type: form for form in HookMetaService.hook_meta_data()}


def test_it_is_valid_by_airflows_schema():
    schema = json.loads(files("airflow").joinpath("provider_info.schema.json").read_text(encoding="utf-8"))

    jsonschema.validate(get_provider_info(), schema)


def test_the_installed_distribution_announces_it():
    found = [point.value for point in entry_points(group="apache_airflow_provider")]

    assert "retail_pipeline.orchestration.provider_info:get_provider_info" in found
    assert "retail-pipeline" in ProvidersManager().providers


@pytest.mark.parametrize("hook", [WeChatHook, YoushuHook, WangdiantongHook, TaobaoHook])
def test_the_connection_type_leads_to_the_hook_and_is_called_as_it_is(forms, hook):
    form = forms[hook.conn_type]

    assert form.hook_class_name == f"{hook.__module__}.{hook.__name__}"
    assert form.hook_name == hook.hook_name
    assert callable(hook.test_connection)  # what the form's test button calls


@pytest.mark.parametrize(
    ("conn_type", "login", "password"),
    [
        ("wechat", "AppID", "AppSecret"),
        ("youshu", "app_id", "app_secret"),
        ("wangdiantong", "appkey", "appsecret (secret:salt)"),
        ("taobao", "app_key", "app_secret"),
    ],
)
def test_fields_are_called_as_the_vendor_calls_them(forms, conn_type, login, password):
    fields = forms[conn_type].standard_fields

    assert (fields.login.title, fields.password.title) == (login, password)
    assert fields.port.hidden
    assert not fields.host.hidden


@pytest.mark.parametrize(
    ("conn_type", "field"),
    [
        *(("youshu", field) for field in ("environment", "merchant_id", "data_source_id")),
        *(("wangdiantong", field) for field in ("gateway", "sid", "calls_per_minute")),
        *(("wangdiantong", field) for field in ("qimen_app_key", "qimen_app_secret", "target_app_key")),
        *(("taobao", field) for field in ("sign_method", "session")),
    ],
)
def test_a_form_has_the_fields_that_the_hook_reads(forms, conn_type, field):
    shown = forms[conn_type].extra_fields[field]

    assert shown["schema"]["title"]
    assert shown["description"]


def test_the_form_offers_the_environments_that_the_client_knows(forms):
    schema = forms["youshu"].extra_fields["environment"]["schema"]

    assert set(schema["enum"]) == set(HOSTS)
    assert schema["default"] == "production"


def test_the_form_offers_the_gateways_that_the_client_knows_and_says_what_each_leaves_out(forms):
    gateway = forms["wangdiantong"].extra_fields["gateway"]

    assert set(gateway["schema"]["enum"]) == set(GATEWAYS)
    assert gateway["schema"]["default"] == "qimen"
    assert "Orders of Taobao and Tmall" in gateway["description"]
    assert "only through qimen" in gateway["description"]


def test_the_forms_defaults_are_those_of_the_hook(forms):
    fields = forms["wangdiantong"].extra_fields

    assert fields["target_app_key"]["schema"]["default"] == WANGDIANTONG_TARGET
    assert fields["calls_per_minute"]["schema"]["default"] == CALLS_PER_MINUTE
    assert fields["calls_per_minute"]["schema"]["minimum"] == 1


def test_the_qimen_secret_is_typed_unseen(forms):
    assert forms["wangdiantong"].extra_fields["qimen_app_secret"]["schema"]["format"] == "password"


def test_the_form_offers_the_signatures_that_the_client_knows_and_its_host(forms):
    schema = forms["taobao"].extra_fields["sign_method"]["schema"]

    assert schema["enum"] == list(SIGN_METHODS)
    assert schema["default"] == TaobaoClient.sign_method
    assert forms["taobao"].standard_fields.host.placeholder == HOST


def test_a_sellers_session_is_typed_unseen(forms):
    assert forms["taobao"].extra_fields["session"]["schema"]["format"] == "password"
