from tests.run_fixtures import each_target, sys_info

__all__ = ["each_target", "sys_info"]
