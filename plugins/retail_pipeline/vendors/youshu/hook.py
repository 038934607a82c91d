"""Airflow connection → Youshu client, in the right environment."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from airflow.sdk import BaseHook

from retail_pipeline.errors import ConfigError, PipelineError
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.retail import YoushuAppIds
from retail_pipeline.vendors.connection_fields import base_url, extra, required
from retail_pipeline.vendors.transport import Transport
from retail_pipeline.vendors.youshu.client import HOSTS, YoushuClient


class YoushuHook(BaseHook):
    """Calls Tencent Youshu as one app of one merchant.

    :param youshu_conn_id: connection of type ``youshu``: login app_id, password app_secret, and in its form
        environment, merchant_id, data_source_id
    """

    conn_name_attr = "youshu_conn_id"
    default_conn_name = "youshu_default"
    conn_type = "youshu"
    hook_name = "Tencent Youshu (腾讯有数)"

    def __init__(self, youshu_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.youshu_conn_id = youshu_conn_id

    def get_conn(self) -> YoushuClient:
        """Return a client; nothing is sent yet.

        :raises ConfigError: a field is empty, or app_id, host and environment do not belong together
        """
        connection, environment = self.get_connection(self.youshu_conn_id), self.environment()
        host = base_url(connection) or HOSTS[environment]
        app_id = required(connection, "login", "app_id")
        refuse_mixed_environments(
            self.youshu_conn_id, environment, host, app_id, load_settings().youshu_app_ids
        )
        return YoushuClient(
            transport=Transport("youshu", host),
            app_id=app_id,
            app_secret=required(connection, "password", "app_secret"),
            merchant_id=self._form_field(connection, "merchant_id", "given by Youshu"),
        )

    def environment(self) -> str:
        """Return ``production`` or ``test``.

        :raises ConfigError: the connection says something else
        """
        environment = extra(self.get_connection(self.youshu_conn_id), "environment") or "production"
        if environment not in HOSTS:
            raise ConfigError(
                f"connection {self.youshu_conn_id!r}: environment is {environment!r}, allowed: {', '.join(HOSTS)}"
            )
        return environment

    def data_source_id(self) -> str:
        """Return the data source that all reports of the merchant go to.

        It is fixed in the connection because ``data_source/get`` is unstable; nothing asks for it at run time.
        """
        connection = self.get_connection(self.youshu_conn_id)
        mend = f"get it once with `retail youshu data-source --conn-id {self.youshu_conn_id}`"
        return self._form_field(connection, "data_source_id", mend)

    def test_connection(self) -> tuple[bool, str]:
        """Answer the UI's test button."""
        return self.examine()[:2]

    def examine(self) -> tuple[bool, str, datetime | None]:
        """Read the data sources: it proves host, app_id, app_secret, merchant and clock, and changes nothing.

        :return: whether it was accepted, in words, and Youshu's clock where it was reached
        """
        client = None
        try:
            client = self.get_conn()
            known = client.data_source_ids()
            ours = self.data_source_id()
        except PipelineError as error:
            return False, str(error), client.transport.server_time if client else None
        server_time = client.transport.server_time
        if ours not in known:
            there = ", ".join(known) or "none"
            return (
                False,
                f"accepted, but data_source_id {ours} is not among the merchant's: {there}",
                server_time,
            )
        message = f"{client.transport.base_url} accepted app_id {client.app_id}, data source {ours}"
        return True, message, server_time

    def _form_field(self, connection: Any, field: str, mend: str) -> str:
        value = extra(connection, field)
        if value is None:
            raise ConfigError(f"connection {self.youshu_conn_id!r}: {field} is empty; {mend}")
        return value


def refuse_mixed_environments(
    conn_id: str, environment: str, host: str, app_id: str, known: YoushuAppIds
) -> None:
    """Refuse production's app at the test host, and the other way round, where the environment is known.

    It is known for the vendor's two hosts, and for the app ids that the settings file lists under ``youshu_app_ids``.
    """
    other = "test" if environment == "production" else "production"
    if urlsplit(host).hostname == urlsplit(HOSTS[other]).hostname:
        raise ConfigError(
            f"connection {conn_id!r}: environment is {environment}, but host {host} is the {other} environment's"
        )
    if app_id in getattr(known, other) and app_id not in getattr(known, environment):
        raise ConfigError(
            f"connection {conn_id!r}: environment is {environment}, but app_id {app_id} is listed as "
            f"{other}'s in the settings file (youshu_app_ids)"
        )
