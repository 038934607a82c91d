"""Plays Taobao's data push: fills a real database sys_info, and goes on writing to it."""
