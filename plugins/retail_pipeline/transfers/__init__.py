"""Operators that know two systems: what moves, from where to where."""
