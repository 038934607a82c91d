"""Watches whether loads are in time, their windows are complete, and the nightly comparison finds no difference."""
