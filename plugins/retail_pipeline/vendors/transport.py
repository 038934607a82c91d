"""HTTP with limits on time and size: sends one request, returns the reply, and classes every fault.

Query strings and headers carry tokens and signatures, so no message here quotes a URL beyond its path, and no
exception of the HTTP library is chained (its text holds the whole URL).
"""

from __future__ import annotations

import logging
import re
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, NewConnectionError

from retail_pipeline.errors import BadRequest, ConfigError, NoAnswer, RateLimited, TransientApiError

# urllib3 writes the request line with its query string: at DEBUG always, in a warning where a header is broken.
logging.getLogger("urllib3").setLevel(logging.ERROR)

JSON = "application/json"
NO_ADDRESS = (
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
)
CHUNK = 65_536
MAX_REPLY = 64 * 1024 * 1024
POOL = 16
_TRANSIENT_STATUSES = (
    requests.codes.request_timeout,
    requests.codes.misdirected_request,
    requests.codes.too_early,
)
_HOST = "host, or what stands before it (proxy, firewall)"


def _session() -> requests.Session:
    """Return a session that many threads may use at once: each has its kept connection, and they share no state."""
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # its cookie jar is not thread-safe
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=POOL))
    return session


@dataclass
class Transport:
    """Calls one vendor's host. Safe to share between threads; connections are kept and reused.

    :param vendor: system name for error messages
    :param base_url: scheme and host, no trailing slash, e.g. ``https://api.weixin.qq.com``
    :param idle_timeout: seconds without a byte, both in connecting and in reading
    :param total_timeout: seconds from the first byte sent to the last byte of the body read; headers that arrive
        slowly are limited only by the task's own time limit
    """

    vendor: str
    base_url: str
    idle_timeout: float = 10.0
    total_timeout: float = 30.0
    monotonic: Callable[[], float] = time.monotonic
    session: requests.Session = field(default_factory=_session)
    server_time: datetime | None = field(default=None, init=False)  # of the last reply, whatever its status

    def call(
        self,
        verb: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: str | None = None,
        method: str | None = None,
    ) -> str:
        """Send one request and return the reply's text: as ``call_bytes``, but a reply must be UTF-8.

        :raises NoAnswer: also where it is not UTF-8
        """
        content = self.call_bytes(verb, path, params=params, body=body, method=method)
        try:
            return content.decode()
        except UnicodeDecodeError:
            raise NoAnswer("reply is not UTF-8 text", vendor=self.vendor, method=method or path) from None

    def call_bytes(
        self,
        verb: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: str | None = None,
        content_type: str = JSON,
        method: str | None = None,
    ) -> bytes:
        """Send one request and return the reply's bytes.

        :param content_type: of the body
        :param method: name of the call in errors; the path where omitted
        :raises ConfigError: the host is not an address
        :raises NoAnswer: sent, but no complete reply came back
        :raises TransientApiError: never sent, or 5xx
        :raises RateLimited: 429
        :raises BadRequest: any other status except 200
        """
        facts = {"vendor": self.vendor, "method": method or path}
        started = self.monotonic()
        try:
            response = self._send(verb, path, params, body, content_type)
            self.server_time = _date_header(response)
            with response:
                content = self._read(response, started + self.total_timeout, facts)
        except NO_ADDRESS as fault:
            kind = type(fault).__name__
            raise ConfigError(f"{self.vendor}: host {self.base_url!r} is no address ({kind})") from None
        except (requests.RequestException, HTTPError, OSError, zlib.error) as fault:
            raise _network_error(fault, facts) from None
        _check_status(response, content, facts)
        return content

    def _send(
        self, verb: str, path: str, params: Mapping[str, str] | None, body: str | None, content_type: str
    ) -> requests.Response:
        return self.session.request(
            verb,
            self.base_url + path,
            params=params,
            data=body.encode() if body is not None else None,
            headers={
                "Accept-Encoding": "gzip",
                **({"Content-Type": content_type} if body is not None else {}),
            },
            timeout=self.idle_timeout,
            allow_redirects=False,
            stream=True,
        )

    def _read(self, response: requests.Response, deadline: float, facts: dict[str, Any]) -> bytes:
        """Read with a total time limit: a peer that sends a byte a second never reaches the idle timeout.

        The body is unpacked here and not by urllib3, which would wait inside for packed bytes that unpack to nothing.
        """
        unpack = _unpacker(response.headers.get("Content-Encoding", ""))
        content = bytearray()
        while part := response.raw.read1(CHUNK, decode_content=False):
            content += unpack(part, MAX_REPLY + 1)
            if self.monotonic() > deadline:
                raise NoAnswer(f"reply not complete after {self.total_timeout:g} s", **facts)
            if len(content) > MAX_REPLY:
                raise NoAnswer(f"reply larger than {MAX_REPLY} bytes", **facts)
        return bytes(content)


def _unpacker(encoding: str) -> Callable[[bytes, int], bytes]:
    """Return a function that unpacks a part of the body, given the largest number of bytes wanted."""
    if encoding.lower() in ("gzip", "x-gzip"):
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress
    return lambda part, _most: part


def _network_error(fault: Exception, facts: dict[str, Any]) -> TransientApiError:
    """Distinguish a request that was never sent from one whose answer is missing."""
    never_sent = isinstance(fault, (requests.ConnectTimeout, requests.exceptions.SSLError)) or isinstance(
        getattr(fault.args[0] if fault.args else None, "reason", None), NewConnectionError
    )
    kind = type(fault).__name__
    if never_sent:
        return TransientApiError(f"host not reachable ({kind})", **facts)
    return NoAnswer(f"no answer ({kind})", **facts)


def _check_status(response: requests.Response, content: bytes, facts: dict[str, Any]) -> None:
    status = response.status_code
    if status == requests.codes.ok:
        return
    text = content.decode(errors="replace")
    facts = {**facts, "code": f"HTTP {status}", "reply": text}
    message = f"{response.reason or 'no reason given'}: {excerpt(text)}"
    if status == requests.codes.too_many_requests:
        # Seconds, or a date, which none of our vendors sends; more than a day is ignored.
        wait = re.fullmatch("[0-9]{1,5}", response.headers.get("Retry-After", ""))
        raise RateLimited(message, retry_after=timedelta(seconds=int(wait[0])) if wait else None, **facts)
    if status >= requests.codes.server_error or status in _TRANSIENT_STATUSES:
        raise TransientApiError(message, **facts)
    mend = None if status == requests.codes.request_entity_too_large else _HOST
    raise BadRequest(message, mend=mend, **facts)


def _date_header(response: requests.Response) -> datetime | None:
    try:
        moment = parsedate_to_datetime(response.headers["Date"])
    except (KeyError, ValueError):
        return None
    return moment if moment.tzinfo else None


def excerpt(text: str, length: int = 80) -> str:
    """Return the beginning of a text on one line, for a message."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[:length] + "…"
