"""The command line of the project: ``retail``."""
