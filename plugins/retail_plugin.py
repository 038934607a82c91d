"""For an Airflow whose plugins folder this is: the only file here that its plugin loader may execute.

Where the package is installed its entry point says the same; Airflow takes a plugin once by its name.
"""

from __future__ import annotations

from retail_pipeline.orchestration.airflow_plugin import RetailPlugin

__all__ = ["RetailPlugin"]
