"""Watches the settings themselves: what they have lost, and what waits for a subject that they do not name."""
