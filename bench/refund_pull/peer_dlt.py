"""One run of what a user of dlt would write: a resource on its REST client, merged into MySQL by refund_id.

Runs in an environment of its own (bench/requirements.txt). Only the signatures are ours: dlt has none of this vendor.
"""

from __future__ import annotations

import json
import os
import tempfile
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit
from zoneinfo import ZoneInfo

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"

import dlt
import dlt.destinations.impl.sqlalchemy.sqlalchemy_job_client  # else it is imported while it is timed
import pymysql
import sqlalchemy
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.auth import AuthConfigBase
from dlt.sources.helpers.rest_client.paginators import RangePaginator
from requests import PreparedRequest, Request

from bench.measuring.meter import Meter
from bench.refund_pull.job import DLT_DATABASE, PAGE_SIZE, TARGET, VENDOR, RefundPull, connection
from retail_pipeline.vendors.open_platform import signed_params
from retail_pipeline.vendors.wangdiantong.signing import split_appsecret, wdt_sign

METHOD = "wdt.aftersales.refund.refund.search"
SHANGHAI = ZoneInfo("Asia/Shanghai")
TABLE = "refund"


class QimenPages(RangePaginator):
    """Pages by number from 1, in a JSON parameter; the reply tells how many orders there are."""

    def __init__(self) -> None:
        super().__init__(
            "pager", initial_value=0, value_step=PAGE_SIZE, total_path="response.data.total_count"
        )

    def update_request(self, request: Request) -> None:
        page = {"page_size": PAGE_SIZE, "page_no": self.current_value // PAGE_SIZE + 1}
        request.params["pager"] = json.dumps(page)


class QimenSignature(AuthConfigBase):
    """Adds who asks and when, and both signatures, to the query."""

    def __init__(self, account: dict[str, Any]) -> None:
        self._extra = account["extra"]
        self._appkey = account["login"]
        self._secret, self._salt = split_appsecret(account["password"])

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        url = urlsplit(str(request.url))
        now = f"{datetime.now(SHANGHAI):%Y-%m-%d %H:%M:%S}"
        asked = dict(parse_qsl(url.query))
        business = {**asked, "datetime": now, "wdt_appkey": self._appkey, "wdt_salt": self._salt}
        business["wdt3_customer_id"] = self._extra["sid"]
        business["wdt_sign"] = wdt_sign({**business, "method": METHOD}, secret=self._secret)
        unsigned = {
            **business,
            "app_key": self._extra["qimen_app_key"],
            "target_app_key": self._extra["target_app_key"],
            "method": METHOD,
            "timestamp": now,
            "v": "2.0",
            "format": "json",
            "sign_method": "md5",
        }
        sent = signed_params(unsigned, secret=self._extra["qimen_app_secret"])
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in sent.items())
        request.url = url._replace(query=query).geturl()
        return request


def refunds(job: RefundPull) -> Any:
    account = connection(VENDOR)
    client = RESTClient(
        account["host"],
        auth=QimenSignature(account),
        paginator=QimenPages(),
        data_selector="response.data.order",
    )

    pages = client.paginate("/router/qm", "POST", params={"params": json.dumps(job.window())})
    return dlt.resource(pages, name=TABLE, write_disposition="merge", primary_key="refund_id")


def main() -> None:
    job = RefundPull.told()
    fields = connection(TARGET)
    server = {name: fields[name] for name in ("host", "port", "password")}
    url = sqlalchemy.URL.create("mysql+pymysql", fields["login"], database=fields["schema"], **server)
    with tempfile.TemporaryDirectory(prefix="bench-dlt-") as folder:
        pipeline = dlt.pipeline(
            "bench_aftersales",
            pipelines_dir=folder,
            destination=dlt.destinations.sqlalchemy(url.render_as_string(hide_password=False)),
            dataset_name=DLT_DATABASE,
        )
        resource = refunds(job)
        with Meter(job.servers) as meter:
            pipeline.run(resource)
    with (
        pymysql.connect(user=fields["login"], database=DLT_DATABASE, **server) as session,
        session.cursor() as cursor,
    ):
        cursor.execute(f"SELECT COUNT(*), COUNT(DISTINCT refund_id) FROM {TABLE}")
        for found in cursor.fetchone() or (0, 0):
            job.check("orders in dlt's table", found, job.orders)
    meter.tell()


if __name__ == "__main__":
    main()
