"""What a runner's process is told. Standard library only: the peers run in an environment of their own."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self


@dataclass(frozen=True)
class Job:
    """One run of one runner. A bench adds fields of its own; connections are in the process's environment.

    :param servers: processes whose CPU time is to be told as well, by name
    """

    servers: Mapping[str, int]

    @classmethod
    def told(cls) -> Self:
        """Return what this process was started for."""
        return cls(**json.loads(sys.argv[1]))

    def arguments(self) -> list[str]:
        return [json.dumps(asdict(self))]

    def check(self, what: str, found: int, expected: int) -> None:
        """End the bench where a runner did not do what it is measured for."""
        if found != expected:
            sys.exit(f"{found} {what} instead of {expected}")


def variable(conn_id: str) -> str:
    """Return the name under which Airflow looks for a connection in the environment."""
    return f"AIRFLOW_CONN_{conn_id.upper()}"
