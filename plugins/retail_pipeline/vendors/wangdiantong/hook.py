"""Airflow connection → Wangdiantong client, through the gateway that the connection names."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from airflow.sdk import BaseHook

from retail_pipeline.errors import ConfigError, PipelineError
from retail_pipeline.vendors.connection_fields import base_url, extra, host_and_path, required
from retail_pipeline.vendors.transport import Transport
from retail_pipeline.vendors.wangdiantong.client import (
    HOSTS,
    VENDOR,
    WANGDIANTONG_TARGET,
    Account,
    DirectGateway,
    QimenGateway,
    WangdiantongClient,
    last_minute,
)
from retail_pipeline.vendors.wangdiantong.signing import split_appsecret

# A page of a big seller is a megabyte, and its first byte comes after the ERP's own query.
IDLE_TIMEOUT, TOTAL_TIMEOUT = 30.0, 120.0
CALLS_PER_MINUTE = 60  # the vendor's own limit is not published


class WangdiantongHook(BaseHook):
    """Calls Wangdiantong flagship as one appkey of one seller.

    :param wangdiantong_conn_id: connection of type ``wangdiantong``: login appkey, password appsecret
        (``secret:salt``), and in its form gateway, sid, calls_per_minute, for Qimen also qimen_app_key,
        qimen_app_secret, target_app_key. Without a host the gateway's documented one is used: Qimen's by plain http,
        the direct one by https; a host without a path gets the gateway's
    """

    conn_name_attr = "wangdiantong_conn_id"
    default_conn_name = "wangdiantong_default"
    conn_type = "wangdiantong"
    hook_name = "Wangdiantong flagship (旺店通旗舰版)"

    def __init__(self, wangdiantong_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.wangdiantong_conn_id = wangdiantong_conn_id

    def get_conn(self) -> WangdiantongClient:
        """Return a client; nothing is sent yet.

        :raises ConfigError: a field is empty or not allowed
        """
        connection = self.get_connection(self.wangdiantong_conn_id)
        gateway = extra(connection, "gateway") or "qimen"
        if gateway not in HOSTS:
            raise self._wrong(f"gateway is {gateway!r}, allowed: {', '.join(HOSTS)}")
        host, path = host_and_path(base_url(connection) or HOSTS[gateway])
        transport = Transport(VENDOR, host, idle_timeout=IDLE_TIMEOUT, total_timeout=TOTAL_TIMEOUT)
        account = self._account(connection)
        if gateway == "direct":
            return WangdiantongClient(DirectGateway(transport, account, path=path or DirectGateway.path))
        qimen = QimenGateway(
            transport,
            account,
            app_key=self._form_field(connection, "qimen_app_key"),
            app_secret=self._form_field(connection, "qimen_app_secret"),
            target_app_key=extra(connection, "target_app_key") or WANGDIANTONG_TARGET,
            path=path or QimenGateway.path,
        )
        return WangdiantongClient(qimen)

    def calls_per_minute(self) -> int:
        """Return how many calls a minute this appkey may make, all processes together.

        :raises ConfigError: the field is no integer of at least 1
        """
        text = extra(self.get_connection(self.wangdiantong_conn_id), "calls_per_minute")
        if text is None:
            return CALLS_PER_MINUTE
        if not (text.isascii() and text.isdigit() and int(text) >= 1):
            raise self._wrong(f"calls_per_minute is {text!r}, allowed: an integer of at least 1")
        return int(text)

    def test_connection(self) -> tuple[bool, str]:
        """Answer the UI's test button."""
        return self.examine()[:2]

    def examine(self) -> tuple[bool, str, datetime | None]:
        """Search the last minute's after-sales orders: it proves every field and right, and changes nothing.

        :return: whether it was accepted, in words, and the gateway's clock where it was reached
        """
        client = None
        try:
            client = self.get_conn()
            self.calls_per_minute()
            client.search_refunds(last_minute(), page=0, page_size=1)
        except PipelineError as error:
            return False, str(error), client.gateway.transport.server_time if client else None
        gateway = client.gateway
        message = (
            f"{gateway.transport.base_url}{gateway.path} accepted sid {gateway.account.sid}, "
            f"appkey {gateway.account.appkey}, gateway {gateway.name}"
        )
        return True, message, gateway.transport.server_time

    def _account(self, connection: Any) -> Account:
        sid = self._form_field(connection, "sid")
        appkey = required(connection, "login", "appkey")
        try:
            secret, salt = split_appsecret(required(connection, "password", "appsecret"))
        except ValueError as fault:
            raise self._wrong(f"appsecret (password) is {fault}") from None
        return Account(sid, appkey, secret, salt)

    def _form_field(self, connection: Any, field: str) -> str:
        value = extra(connection, field)
        if value is None:
            raise self._wrong(f"{field} is empty")
        return value

    def _wrong(self, what: str) -> ConfigError:
        return ConfigError(f"connection {self.wangdiantong_conn_id!r}: {what}")
