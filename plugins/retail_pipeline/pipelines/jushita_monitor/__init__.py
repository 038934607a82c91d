"""Watches Taobao's data push: who is pushed, how late, how much, and whether our load keeps up with it."""
