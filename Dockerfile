# The image of every Airflow process in docker-compose.yaml: the official one, our lock, and this distribution.
# Another registry, or a digest: AIRFLOW_IMAGE in .env.
ARG AIRFLOW_IMAGE=apache/airflow:3.3.2-python3.12
FROM ${AIRFLOW_IMAGE}

# The lock is complete, so nothing is resolved here; the image's own mysqlclient stays.
COPY --chown=airflow:root requirements.txt /opt/airflow/
RUN pip install --no-cache-dir --no-deps -r /opt/airflow/requirements.txt

# Editable, because Airflow finds the code in plugins/ and the connection types through the installed distribution.
COPY --chown=airflow:root pyproject.toml README.md /opt/airflow/
COPY --chown=airflow:root plugins /opt/airflow/plugins
RUN pip install --no-cache-dir --no-deps -e /opt/airflow

COPY --chown=airflow:root include /opt/airflow/include
COPY --chown=airflow:root dags /opt/airflow/dags
COPY --chown=airflow:root compose /opt/airflow/compose

# Containers run on a read-only root: what Airflow and Python would write at their first start is written here. The
# file of settings is empty, since all of them come from the environment.
RUN touch /opt/airflow/airflow.cfg && python -m compileall -q /opt/airflow/plugins /opt/airflow/dags
