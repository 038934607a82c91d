"""Deadlines of reports: due times, when to try again, and the watch over business days."""
