"""Watches whether every guard looks, also one that never did."""
