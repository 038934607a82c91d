"""The same stack as docker-compose.yaml, as native processes: real servers without docker."""
