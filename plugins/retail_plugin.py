"""The plugin of an Airflow that mounts this folder and has not installed the package.

The only file here that Airflow's plugin loader may execute. Airflow finds the plugin of an installed package by its
entry point, and calls a second one an error.
"""

from __future__ import annotations

from importlib.metadata import entry_points

if not entry_points(group="airflow.plugins", name="retail"):
    from retail_pipeline.orchestration.airflow_plugin import RetailPlugin

    __all__ = ["RetailPlugin"]
