"""Plays the Wangdiantong flagship (旺店通旗舰版) search of after-sales orders, directly and through Qimen."""

from sandbox.wangdiantong.server_api import Wangdiantong

__all__ = ["Wangdiantong"]
