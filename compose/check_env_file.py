"""Names what is wrong in .env before anything starts. Standard library only; the names come with the environment."""

from __future__ import annotations

import base64
import binascii
import os
import re
import sys
from collections.abc import Iterator, Mapping

# In URLs, JSON, SQL and shell these stand for themselves.
_PLAIN = re.compile(r"[A-Za-z0-9._~-]+")
_FERNET = "AIRFLOW_FERNET_KEY"
_SECRET = re.compile(r"\w+_(PASSWORD|SECRET)")


def complaints(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield a sentence for each variable that cannot be used; never a value."""
    for name, value in sorted(environment.items()):
        if name == _FERNET and not all(map(_is_fernet_key, value.split(","))):
            yield (
                f"{name} is no Fernet key (32 bytes in URL-safe base64, 44 characters). A new one:"
                " python3 -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'"
            )
        elif _SECRET.fullmatch(name) and not _PLAIN.fullmatch(value):
            yield f"{name} has characters that URLs and SQL read otherwise: letters, digits and . _ ~ - only"


def _is_fernet_key(text: str) -> bool:
    """Several, with commas between them, are a key and those before it."""
    try:
        return len(base64.b64decode(text.strip(), altchars=b"-_", validate=True)) == 32
    except binascii.Error:
        return False


def main() -> None:
    found = list(complaints(os.environ))
    for complaint in found:
        print(f".env: {complaint}", file=sys.stderr)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
