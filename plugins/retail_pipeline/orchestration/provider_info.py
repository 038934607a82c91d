"""Connection types as plain data: Airflow reads them at start, before anything heavy is imported."""

from __future__ import annotations

from typing import Any


def get_provider_info() -> dict[str, Any]:
    """Describe this distribution to Airflow (entry point group ``apache_airflow_provider``)."""
    return {
        "package-name": "retail-pipeline",
        "name": "Retail pipeline",
        "description": "WeChat, Tencent Youshu, Wangdiantong and Taobao for omnichannel retailers in China.",
        "connection-types": [WECHAT, YOUSHU, WANGDIANTONG, TAOBAO],
    }


WECHAT: dict[str, Any] = {
    "connection-type": "wechat",
    "hook-name": "WeChat mini-program",
    "hook-class-name": "retail_pipeline.vendors.wechat.hook.WeChatHook",
    "ui-field-behaviour": {
        "hidden-fields": ["schema", "port", "extra"],
        "relabeling": {"login": "AppID", "password": "AppSecret"},
        "placeholders": {"host": "https://api.weixin.qq.com", "login": "wx…"},
    },
}

YOUSHU: dict[str, Any] = {
    "connection-type": "youshu",
    "hook-name": "Tencent Youshu (腾讯有数)",
    "hook-class-name": "retail_pipeline.vendors.youshu.hook.YoushuHook",
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

WANGDIANTONG: dict[str, Any] = {
    "connection-type": "wangdiantong",
    "hook-name": "Wangdiantong flagship (旺店通旗舰版)",
    "hook-class-name": "retail_pipeline.vendors.wangdiantong.hook.WangdiantongHook",
    "ui-field-behaviour": {
        "hidden-fields": ["schema", "port", "extra"],
        "relabeling": {"login": "appkey", "password": "appsecret (secret:salt)"},
        "placeholders": {"host": "empty = the gateway's own host"},
    },
    "conn-fields": {
        "gateway": {
            "label": "Gateway",
            "description": "Orders of Taobao and Tmall (and Pinduoduo, system supply) come only through qimen.",
            "schema": {"type": "string", "enum": ["qimen", "direct"], "default": "qimen"},
        },
        "sid": {
            "label": "Seller account (sid)",
            "description": "Given by Wangdiantong; Qimen calls it wdt3_customer_id.",
            "schema": {"type": ["string", "null"]},
        },
        "qimen_app_key": {
            "label": "Qimen app key",
            "description": "Of your app at the Taobao Open Platform; for gateway qimen only.",
            "schema": {"type": ["string", "null"]},
        },
        "qimen_app_secret": {
            "label": "Qimen app secret",
            "description": "For gateway qimen only.",
            "schema": {"type": ["string", "null"], "format": "password"},
        },
        "target_app_key": {
            "label": "Target app key",
            "description": "Wangdiantong's own app at Qimen, the same for every seller; for gateway qimen only.",
            "schema": {"type": ["string", "null"], "default": "21363512"},
        },
        "calls_per_minute": {
            "label": "Calls per minute",
            "description": "What all loads together may ask; the vendor does not publish its limit.",
            "schema": {"type": ["integer", "null"], "minimum": 1, "default": 60},
        },
    },
}

TAOBAO: dict[str, Any] = {
    "connection-type": "taobao",
    "hook-name": "Taobao Open Platform (淘宝开放平台)",
    "hook-class-name": "retail_pipeline.vendors.taobao.hook.TaobaoHook",
    "ui-field-behaviour": {
        "hidden-fields": ["schema", "port", "extra"],
        "relabeling": {"login": "app_key", "password": "app_secret"},
        "placeholders": {"host": "https://gw.api.taobao.com"},
    },
    "conn-fields": {
        "sign_method": {
            "label": "Signature (sign_method)",
            "description": "The platform takes all three.",
            "schema": {"type": "string", "enum": ["hmac-sha256", "hmac", "md5"], "default": "hmac-sha256"},
        },
        "session": {
            "label": "Session of the seller",
            "description": "Needed to add a push user and to fetch a record again: it says which seller.",
            "schema": {"type": ["string", "null"], "format": "password"},
        },
    },
}
