"""The one place where permanent errors become Airflow's exception for «do not retry»."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from airflow.sdk.exceptions import AirflowFailException, AirflowTaskTimeout

from retail_pipeline.errors import CheckFailed, ConfigError, PermanentApiError

# The ends of a task that need a certificate: Airflow's timeout is not a subclass of Exception.
FAILURES = (Exception, AirflowTaskTimeout)


@contextmanager
def fail_without_retry(*, conn_id: str | None = None) -> Iterator[None]:
    """Turn errors that a person must correct into AirflowFailException, with the connection if that is to blame."""
    try:
        yield
    except PermanentApiError as error:
        where = f" of connection {conn_id!r}" if conn_id and error.mend else ""
        raise AirflowFailException(f"{error}{where}") from None
    except (ConfigError, CheckFailed) as error:
        raise AirflowFailException(str(error)) from None
