"""The parts that use Airflow: common parts of DAGs, retry policies, callbacks, connections, checks after a load."""
