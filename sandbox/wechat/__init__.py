"""Plays the WeChat mini-program server API: access tokens and the two daily visit analyses."""

from sandbox.wechat.server_api import WeChat

__all__ = ["WeChat"]
