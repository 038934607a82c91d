"""Plays Taobao's data feed: fills a real database sys_info, and goes on writing to it."""
