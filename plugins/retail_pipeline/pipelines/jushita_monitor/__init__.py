"""Watches Taobao's data feed: which sellers are pushed, how late, how much, and whether our load keeps up with it."""
