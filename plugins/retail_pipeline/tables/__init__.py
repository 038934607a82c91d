"""Described tables: their DDL, their statements, checked values, the stage; nothing about any vendor."""
