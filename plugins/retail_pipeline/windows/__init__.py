"""Loads of windows: what is common to them, whatever vendor they read."""
