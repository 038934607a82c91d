"""Watches Taobao's data feed: who is pushed, how late, how much, and whether our load keeps up with it."""
