"""Bulk upserts into described tables; nothing about any vendor."""
