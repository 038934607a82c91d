"""Plays the Tencent Youshu reporting API: data sources, WeChat analyses passed on, daily order sums."""

from sandbox.youshu.server_api import Youshu

__all__ = ["Youshu"]
