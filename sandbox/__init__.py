"""Plays the vendors over HTTP: strict, stateful, deterministic, resettable. See README.md."""
