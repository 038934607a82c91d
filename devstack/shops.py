"""The shops of include/config/retail.yaml, read without the product's code: the demo must not mask its faults."""

from __future__ import annotations

import yaml

from devstack.steps import ROOT


def shops(dag_id: str | None = None) -> list[str]:
    """Return the names in the file's order; for a DAG, the shops that it serves, in the order of its mapped tasks."""
    config = yaml.safe_load((ROOT / "include/config/retail.yaml").read_text(encoding="utf-8"))
    return [shop["name"] for shop in config["shops"] if dag_id is None or dag_id in shop["reports"]]
