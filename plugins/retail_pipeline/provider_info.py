"""Connection types as plain data: Airflow reads them at start, before anything heavy is imported."""

from __future__ import annotations

from typing import Any


def get_provider_info() -> dict[str, Any]:
    """Describe this distribution to Airflow (entry point group ``apache_airflow_provider``)."""
    return {
        "package-name": "retail-pipeline",
        "name": "Retail pipeline",
        "description": "WeChat and Tencent Youshu for omnichannel retailers in China.",
        "connection-types": [WECHAT, YOUSHU],
    }


WECHAT: dict[str, Any] = {
    "connection-type": "wechat",
    "hook-name": "WeChat mini-program",
    "hook-class-name": "retail_pipeline.wechat.hook.WeChatHook",
    "ui-field-behaviour": {
        "hidden-fields": ["schema", "port", "extra"],
        "relabeling": {"login": "AppID", "password": "AppSecret"},
        "placeholders": {"host": "https://api.weixin.qq.com", "login": "wx…"},
    },
}

YOUSHU: dict[str, Any] = {
    "connection-type": "youshu",
    "hook-name": "Tencent Youshu (腾讯有数)",
    "hook-class-name": "retail_pipeline.youshu.hook.YoushuHook",
    "ui-field-behaviour": {
        "hidden-fields": ["schema", "port", "extra"],
        "relabeling": {"login": "app_id", "password": "app_secret"},
        "placeholders": {"host": "empty = the environment's own host", "login": "bi…"},
    },
    "conn-fields": {
        "environment": {
            "label": "Environment",
            "description": "app_id and app_secret belong to one environment; the merchant id to both.",
            "schema": {"type": "string", "enum": ["production", "test"], "default": "production"},
        },
        "merchant_id": {
            "label": "Merchant id (merchantId)",
            "description": "Given by Youshu, the same in both environments.",
            "schema": {"type": ["string", "null"]},
        },
        "data_source_id": {
            "label": "Data source id (dataSourceId)",
            "description": "Fetched once: retail youshu data-source --conn-id …",
            "schema": {"type": ["string", "null"]},
        },
    },
}
