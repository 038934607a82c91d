from tests.run_fixtures import each_target, runs, world

__all__ = ["each_target", "runs", "world"]
