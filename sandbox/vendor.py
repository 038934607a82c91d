"""What the server needs to know of a vendor, and what passes between the two."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qsl

from sandbox.faults import Options


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it came in: the query string and the body are raw, `at` is the sandbox's clock."""

    method: str
    path: str
    query: str
    body: bytes
    at: float

    def pairs(self) -> list[tuple[str, str]]:
        """Query and body, as a form has them; what is no UTF-8 becomes surrogates."""
        body = self.body.decode("ascii", "surrogateescape")
        return [
            pair
            for text in (self.query, body)
            for pair in parse_qsl(text, keep_blank_values=True, errors="surrogateescape")
        ]


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `text` is literal, so 12.50 stays 12.50 on the wire; `code` is the vendor's own, 0 is good.

    A large text may come as its UTF-8: turning a megabyte to and fro is most of what such a reply costs.
    """

    text: str | bytes
    code: int = 0
    errmsg: str = ""
    status: int = 200
    content_type: str = "application/json"


Handler = Callable[[Call], Reply]
# A vendor's own fault may let the real handler run, so it gets it; and the options that were given with it.
FaultEffect = Callable[[Call, Handler, Mapping[str, Any]], Reply]
# A vendor's own control call: its fields and the sandbox's clock, to a JSON value or a reply ready to be sent.
Control = Callable[[dict[str, Any], float], object]


class Vendor(Protocol):
    """One vendor with all its state. It is thrown away and made anew on reset."""

    name: str
    code_key: str  # where this vendor's replies carry the code

    def routes(self) -> Mapping[str, Handler]: ...

    def faults(self, path: str, /) -> Mapping[str, FaultEffect]:
        """Fault kinds that only this vendor knows, as far as they make sense for this path."""

    def fault_options(self) -> Mapping[str, Options]:
        """What those kinds take, where they take something."""
        return {}

    def app_of(self, call: Call) -> str | None:
        """The name of the app that makes this call, without judging the call."""

    def busy(self, call: Call, /) -> Reply:
        """What this vendor says when it cannot serve just now."""

    def credentials(self) -> list[dict[str, Any]]: ...

    def secrets(self) -> list[str]:
        """Values that may never be written to the journal."""

    def read_outs(self) -> Mapping[str, Callable[[], list[dict[str, Any]]]]:
        """Control paths with which this vendor's state can be read back."""
        return {}

    def controls(self) -> Mapping[str, Mapping[str, Control]]:
        """Control paths with fields, each with its methods."""
        return {}
