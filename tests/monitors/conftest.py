from tests.run_fixtures import world

__all__ = ["world"]
