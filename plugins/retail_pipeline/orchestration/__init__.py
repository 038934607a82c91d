"""What is Airflow's: what DAGs have in common, retry policies, callbacks, connections, checks after a load."""
