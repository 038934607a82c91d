"""Plays the Taobao Open Platform: the push users of Jushita, and the calls with which a record is fetched again."""

from sandbox.taobao.server_api import Taobao

__all__ = ["Taobao"]
