"""How long Airflow takes to parse each DAG file, beyond importing Airflow itself.

Every run is a new interpreter that imports Airflow as the DAG processor has done before it forks, and then times the
one file. ``limit:import-airflow`` is that import alone; the target for each file is 0.5 s.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench.measuring.table import Sample, arguments, show, take_turns

DAGS = sorted((Path(__file__).parents[1] / "dags").glob("*.py"))

PROBE = """
import json, resource, runpy, sys, time
started = time.perf_counter()
import airflow
from airflow.sdk import DAG, task_group
imported = time.perf_counter()
if len(sys.argv) > 1:
    runpy.run_path(sys.argv[1])
peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"import": imported - started, "file": time.perf_counter() - imported, "peak_mb": peak_mb}))
"""


def main() -> None:
    """Print one row per DAG file."""
    options = arguments(__doc__ or "")
    runners: dict[str, Callable[[], Sample]] = {"limit:import-airflow": partial(_probe, None)}
    for path in DAGS:
        runners[f"ours:{path.stem}"] = partial(_probe, path)
    show(take_turns(runners, n=1, rounds=3 if options.quick else 7), options.json)


def _probe(path: Path | None) -> Sample:
    command = [sys.executable, "-c", PROBE, *([str(path)] if path else [])]
    output = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ).stdout
    measured = json.loads(output.splitlines()[-1])
    return Sample(measured["file"] if path else measured["import"], measured["peak_mb"])


if __name__ == "__main__":
    main()
