from __future__ import annotations

import pytest

from retail_pipeline.errors import ConfigError
from retail_pipeline.settings.retail import YoushuAppIds
from retail_pipeline.vendors.youshu.hook import refuse_mixed_environments

PRODUCTION, TEST = "https://zhls.qq.com", "https://test.zhls.qq.com"
KNOWN = YoushuAppIds(production=("bi-prod", "bi-both"), test=("bi-test", "bi-both"))


def check(environment: str, host: str, app_id: str, known: YoushuAppIds = KNOWN) -> None:
    refuse_mixed_environments("youshu_default", environment, host, app_id, known)


@pytest.mark.parametrize(("environment", "host"), [("production", TEST), ("test", PRODUCTION)])
@pytest.mark.parametrize("slash", ["", "/"])
def test_the_other_environments_host_is_refused(environment, host, slash):
    with pytest.raises(ConfigError, match=f"'youshu_default': environment is {environment}, but host {host}"):
        check(environment, host + slash, "bi-new")


@pytest.mark.parametrize(
    ("environment", "host", "app_id", "other"),
    [("production", PRODUCTION, "bi-test", "test"), ("test", TEST, "bi-prod", "production")],
)
def test_an_app_id_that_is_listed_for_the_other_environment_is_refused(environment, host, app_id, other):
    with pytest.raises(ConfigError, match=f"app_id {app_id} is listed as {other}'s .*youshu_app_ids"):
        check(environment, host, app_id)


@pytest.mark.parametrize(
    ("environment", "host", "app_id"),
    [
        ("production", PRODUCTION, "bi-prod"),
        ("test", TEST, "bi-test"),
        ("production", PRODUCTION, "bi-both"),
        ("test", TEST, "bi-both"),
        ("production", PRODUCTION, "bi-unlisted"),
        ("test", "http://127.0.0.1:8200", "bi-test"),
        ("production", "http://proxy.example", "bi-prod"),
    ],
)
def test_what_belongs_together_or_cannot_be_known_passes(environment, host, app_id):
    check(environment, host, app_id)


@pytest.mark.parametrize(
    ("environment", "host"),
    [
        ("production", "HTTPS://TEST.ZHLS.QQ.COM"),
        ("production", "http://test.zhls.qq.com"),
        ("production", "https://test.zhls.qq.com:443"),
        ("test", "https://ZHLS.qq.com"),
    ],
)
def test_another_spelling_of_the_other_environments_host_is_refused_too(environment, host):
    with pytest.raises(ConfigError, match=r"is the .* environment's"):
        check(environment, host, "bi-new")
