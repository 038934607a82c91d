"""Tells people, once, what they have to know."""
