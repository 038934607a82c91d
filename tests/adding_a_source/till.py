"""A till that gives its receipts in pages to whoever has its token, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "token-of-the-till"


@dataclass
class Till:
    """What it sells, as text of JSON by its key and the time of its change."""

    port: int = 0
    receipts: dict[str, tuple[str, str]] = field(default_factory=dict)

    def sell(self, number: str, changed_at: str, **fields: Any) -> None:
        """Add or change a receipt."""
        content = {
            "receipt_no": number,
            "changed_at": changed_at,
            "shop": "南京西路",
            "amount": 12.50,
            **fields,
        }
        self.receipts[number] = changed_at, json.dumps(content, ensure_ascii=False)

    def page(self, query: dict[str, str]) -> bytes:
        found = sorted(
            (moment, number, content)
            for number, (moment, content) in self.receipts.items()
            if query["changed_from"] <= moment < query["changed_to"]
        )
        start = int(query["page"]) * int(query["size"])
        texts = [content for *_, content in found[start : start + int(query["size"])]]
        return f'{{"total": {len(found)}, "receipts": [{", ".join(texts)}]}}'.encode()


@contextmanager
def open_till() -> Iterator[Till]:
    till = Till()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            allowed = self.headers.get("X-Token") == TOKEN
            query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            body = till.page(query) if allowed else b"who are you?"
            self.send_response(200 if allowed else 401)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        till.port = server.server_port
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield till
        finally:
            server.shutdown()
            thread.join()
