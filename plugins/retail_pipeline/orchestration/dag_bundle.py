"""The DAGs as a bundle, for an Airflow into which the package is installed: no setting names a path."""

from __future__ import annotations

from typing import Any

from airflow.dag_processing.bundles.local import LocalDagBundle

from retail_pipeline.settings.included_files import project_file


class RetailDags(LocalDagBundle):
    """The folder ``dags`` of the package.

    :raises ConfigError: the package came without it
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(path=str(project_file("dags")), **kwargs)
