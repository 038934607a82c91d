from tests.run_fixtures import monitor

__all__ = ["monitor"]
