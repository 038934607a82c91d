"""Wangdiantong's refund orders → the BI database."""
