"""Pulling the vendor's refund orders into MariaDB: what ``script/bench aftersales`` measures."""
