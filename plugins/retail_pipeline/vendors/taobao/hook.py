"""Airflow connection → Taobao client."""

from __future__ import annotations

from datetime import datetime

from airflow.sdk import BaseHook

from retail_pipeline.errors import ConfigError, PipelineError
from retail_pipeline.vendors.connection_fields import base_url, extra, host_and_path, required
from retail_pipeline.vendors.open_platform import SIGN_METHODS
from retail_pipeline.vendors.taobao.answers import VENDOR
from retail_pipeline.vendors.taobao.client import HOST, TaobaoClient
from retail_pipeline.vendors.transport import Transport


class TaobaoHook(BaseHook):
    """Calls the Taobao Open Platform as one app, and for the one seller whose session the connection holds.

    :param taobao_conn_id: connection of type ``taobao``: login app_key, password app_secret, and in its form
        sign_method and session. Without a host the platform's own is used; a host without a path gets the platform's
    """

    conn_name_attr = "taobao_conn_id"
    default_conn_name = "taobao_default"
    conn_type = "taobao"
    hook_name = "Taobao Open Platform (淘宝开放平台)"

    def __init__(self, taobao_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.taobao_conn_id = taobao_conn_id

    def get_conn(self) -> TaobaoClient:
        """Return a client; nothing is sent yet.

        :raises ConfigError: a field is empty or not allowed
        """
        connection = self.get_connection(self.taobao_conn_id)
        sign_method = extra(connection, "sign_method") or TaobaoClient.sign_method
        if sign_method not in SIGN_METHODS:
            allowed = ", ".join(SIGN_METHODS)
            raise ConfigError(
                f"connection {self.taobao_conn_id!r}: sign_method is {sign_method!r}, allowed: {allowed}"
            )
        host, path = host_and_path(base_url(connection) or HOST)
        return TaobaoClient(
            Transport(VENDOR, host),
            app_key=required(connection, "login", "app_key"),
            app_secret=required(connection, "password", "app_secret"),
            session=extra(connection, "session"),
            sign_method=sign_method,
            path=path or TaobaoClient.path,
        )

    def test_connection(self) -> tuple[bool, str]:
        """Answer the UI's test button."""
        return self.examine()[:2]

    def examine(self) -> tuple[bool, str, datetime | None]:
        """Ask for the number of push users: it proves app and rights, and changes nothing.

        The session is not tried: only adding a user and fetching a record need one.

        :return: whether it was accepted, in words, and the platform's clock where it was reached
        """
        client = None
        try:
            client = self.get_conn()
            users = client.count_push_users()
        except PipelineError as error:
            return False, str(error), client.transport.server_time if client else None
        where = f"{client.transport.base_url}{client.path}"
        session = "session not tried" if client.session else "no session"
        message = (
            f"{where} accepted app_key {client.app_key}, {client.sign_method}; {users} push users, {session}"
        )
        return True, message, client.transport.server_time
