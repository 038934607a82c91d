"""HTTP with a limit on everything: one request in, the reply's text out, every fault classed.

Query strings and headers carry tokens and signatures, so no message here quotes a URL beyond its path, and no
exception of the HTTP library is chained (its text holds the whole URL).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from urllib3.exceptions import HTTPError, NewConnectionError

from retail_pipeline.errors import BadRequest, NoAnswer, RateLimited, TransientApiError

# At DEBUG urllib3 writes every request line with its query string.
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)

CHUNK = 65_536
MAX_REPLY = 64 * 1024 * 1024


@dataclass
class Transport:
    """Calls one vendor's host.

    :param vendor: system name for error messages
    :param base_url: scheme and host, no trailing slash, e.g. ``https://api.weixin.qq.com``
    :param idle_timeout: seconds without a byte, in connecting and in reading
    :param total_timeout: seconds from the first byte sent to the last byte read
    """

    vendor: str
    base_url: str
    idle_timeout: float = 10.0
    total_timeout: float = 30.0
    monotonic: Callable[[], float] = time.monotonic
    session: requests.Session = field(default_factory=requests.Session)
    server_time: datetime | None = field(default=None, init=False)  # of the last reply, whatever it said

    def call(
        self,
        verb: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: str | None = None,
        method: str | None = None,
    ) -> str:
        """Send one request and return the reply's text.

        :param method: name of the call in errors; the path where omitted
        :raises NoAnswer: sent, and no whole reply came back
        :raises TransientApiError: never sent, or 5xx
        :raises RateLimited: 429
        :raises BadRequest: any other status that is not 200
        """
        facts = {"vendor": self.vendor, "method": method or path}
        started = self.monotonic()
        try:
            response = self.session.request(
                verb,
                self.base_url + path,
                params=params,
                data=body.encode() if body is not None else None,
                headers={"Content-Type": "application/json"} if body is not None else None,
                timeout=self.idle_timeout,
                allow_redirects=False,
                stream=True,
            )
            self.server_time = _date_header(response)
            with response:
                text = self._read(response, started + self.total_timeout, facts)
        except (requests.RequestException, HTTPError, OSError) as fault:
            raise _network_error(fault, facts) from None
        _check_status(response, text, facts)
        return text

    def _read(self, response: requests.Response, deadline: float, facts: dict[str, Any]) -> str:
        """Read with a limit on the whole: a peer that drips a byte a second never trips an idle timeout."""
        parts: list[bytes] = []
        size = 0
        while part := response.raw.read1(CHUNK, decode_content=True):
            parts.append(part)
            size += len(part)
            if self.monotonic() > deadline:
                raise NoAnswer(f"reply not complete after {self.total_timeout:g} s", **facts)
            if size > MAX_REPLY:
                raise NoAnswer(f"reply larger than {MAX_REPLY} bytes", **facts)
        try:
            return b"".join(parts).decode()
        except UnicodeDecodeError:
            raise NoAnswer("reply is not UTF-8 text", **facts) from None


def _network_error(fault: Exception, facts: dict[str, Any]) -> TransientApiError:
    """Tell a request that never left from one whose answer is missing."""
    never_sent = isinstance(fault, requests.ConnectTimeout) or isinstance(
        getattr(fault.args[0] if fault.args else None, "reason", None), NewConnectionError
    )
    kind = type(fault).__name__
    if never_sent:
        return TransientApiError(f"host not reachable ({kind})", **facts)
    return NoAnswer(f"no answer ({kind})", **facts)


def _check_status(response: requests.Response, text: str, facts: dict[str, Any]) -> None:
    status = response.status_code
    if status == requests.codes.ok:
        return
    facts = {**facts, "code": f"HTTP {status}", "reply": text}
    message = f"{response.reason or 'no reason given'}: {excerpt(text)}"
    if status == requests.codes.too_many_requests:
        wait = response.headers.get("Retry-After", "")
        raise RateLimited(
            message, retry_after=timedelta(seconds=int(wait)) if wait.isdigit() else None, **facts
        )
    if status >= requests.codes.server_error:
        raise TransientApiError(message, **facts)
    raise BadRequest(message, **facts)


def _date_header(response: requests.Response) -> datetime | None:
    try:
        return parsedate_to_datetime(response.headers["Date"])
    except (KeyError, ValueError):
        return None


def excerpt(text: str, length: int = 80) -> str:
    """Return the beginning of a text on one line, for a message."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[:length] + "…"
