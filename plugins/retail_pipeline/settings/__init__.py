"""The settings file ``retail.yaml``: one module for each section of it; no secrets."""
