"""Plays the shop's own order system: fills its two tables for the demo and for tests."""
