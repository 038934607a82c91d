from tests.dag_bag import bag

__all__ = ["bag"]
