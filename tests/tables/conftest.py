from tests.run_fixtures import each_target, runs, sys_info

__all__ = ["each_target", "runs", "sys_info"]
