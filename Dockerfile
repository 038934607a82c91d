# The image of every Airflow process in docker-compose.yaml: the official one, our lock, and this distribution.
FROM apache/airflow:3.3.2-python3.12

# The lock is complete, so nothing is resolved here; the image's own mysqlclient stays.
COPY --chown=airflow:root requirements.txt /opt/airflow/
RUN pip install --no-cache-dir --no-deps -r /opt/airflow/requirements.txt

# Editable, because Airflow finds the code in plugins/ and the connection types through the installed distribution.
COPY --chown=airflow:root pyproject.toml README.md /opt/airflow/
COPY --chown=airflow:root plugins /opt/airflow/plugins
RUN pip install --no-cache-dir --no-deps -e /opt/airflow

COPY --chown=airflow:root include /opt/airflow/include
COPY --chown=airflow:root dags /opt/airflow/dags
