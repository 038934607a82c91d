"""Tencent Youshu (腾讯有数): reports about a mini-program."""
