"""For an Airflow whose plugins folder this is: the only file here that its plugin loader may execute.

Where the package is installed its entry point registers the plugin already, and Airflow calls a second one an error.
"""

from __future__ import annotations

from importlib.metadata import entry_points

if not entry_points(group="airflow.plugins", name="retail"):
    from retail_pipeline.orchestration.airflow_plugin import RetailPlugin

    __all__ = ["RetailPlugin"]
