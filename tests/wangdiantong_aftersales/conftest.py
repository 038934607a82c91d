from tests.run_fixtures import runs

__all__ = ["runs"]
