"""Visits from WeChat and the sums of a day's orders, reported to Youshu once a day."""
