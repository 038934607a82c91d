"""A Celery app whose tasks behave as those that Airflow gives to Celery: one sleeps until it is stopped.

``python -m celery --app tests.orchestration.dags.celery_worker_app worker``; its broker is the folder BROKER_FOLDER.
"""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from threading import Event

from celery import Celery

from retail_pipeline.orchestration.worker_stop import CELERY_CONFIG

FOLDER = Path(os.environ["BROKER_FOLDER"])
TOLD, ENDED = "told", "ended"

app = Celery("worker", broker="filesystem://")
app.conf.imports = CELERY_CONFIG["imports"]
app.conf.task_ignore_result = True
app.conf.task_acks_late = True
app.conf.broker_transport_options = dict.fromkeys(
    ("data_folder_in", "data_folder_out", "control_folder"), str(FOLDER)
)


def workload(dag_id: str, task_id: str) -> str:
    return json.dumps({"type": "ExecuteTask", "ti": {"dag_id": dag_id, "task_id": task_id}})


@app.task(name="execute_workload")
def execute_workload(text: str) -> None:
    """Note each SIGTERM, as Airflow's supervisor hears it; end when told, or when the file `end` is there."""
    name = json.loads(text)["ti"]["dag_id"]
    told = Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    (FOLDER / f"{name}.begun").touch()
    while not told.wait(0.02) and not (FOLDER / "end").exists():
        pass
    (FOLDER / f"{name}.{TOLD if told.is_set() else ENDED}").touch()
