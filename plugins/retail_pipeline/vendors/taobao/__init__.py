"""Taobao Open Platform: the calls that Jushita (聚石塔) offers there."""
