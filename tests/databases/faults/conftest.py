from tests.run_fixtures import each_target, monitor, runs, sys_info

__all__ = ["each_target", "monitor", "runs", "sys_info"]
