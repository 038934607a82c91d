"""Watches over all flows: the loads, the settings, and whether the watches themselves run."""
