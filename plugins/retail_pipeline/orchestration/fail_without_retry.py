"""The one place where errors that waiting cannot cure become Airflow's word for «do not retry»."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from airflow.sdk.exceptions import AirflowFailException, AirflowTaskTimeout

from retail_pipeline.errors import CheckFailed, ConfigError, PermanentApiError

# What ends a task that is to be certified: a task that took too long is no Exception.
FAILURES = (Exception, AirflowTaskTimeout)


@contextmanager
def fail_without_retry(*, conn_id: str | None = None) -> Iterator[None]:
    """Turn what a person must mend into AirflowFailException, naming the connection where one is to blame."""
    try:
        yield
    except PermanentApiError as error:
        where = f" of connection {conn_id!r}" if conn_id and error.mend else ""
        raise AirflowFailException(f"{error}{where}") from None
    except (ConfigError, CheckFailed) as error:
        raise AirflowFailException(str(error)) from None
