"""The native shape of docker-compose.yaml: real servers without docker."""
