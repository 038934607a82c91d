"""Watches the settings themselves: what they have lost, and rows that wait for a name that they do not have."""
