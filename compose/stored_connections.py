"""Exit status 1 where Airflow's database has connections or variables that this Fernet key cannot read."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from airflow.models.connection import Connection
from airflow.models.crypto import get_fernet
from airflow.models.variable import Variable
from airflow.utils.session import create_session
from cryptography.fernet import InvalidToken
from sqlalchemy import select

_ENCRYPTED = {
    "connection": (
        select(Connection.conn_id, Connection._password).where(Connection.is_encrypted),
        select(Connection.conn_id, Connection._extra).where(Connection.is_extra_encrypted),
    ),
    "variable": (select(Variable.key, Variable._val).where(Variable.is_encrypted),),
}


def unreadable() -> Iterator[str]:
    """Yield kind and name of each."""
    fernet = get_fernet()
    with create_session() as session:
        for kind, queries in _ENCRYPTED.items():
            for name, text in (row for query in queries for row in session.execute(query) if row[1]):
                try:
                    fernet.decrypt(text)
                except InvalidToken:
                    yield f"{kind} {name}"


def main() -> None:
    found = sorted(set(unreadable()))
    if found:
        print(f"stored with another Fernet key: {', '.join(found)}", file=sys.stderr)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
