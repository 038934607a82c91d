"""The till's receipts → the database of each account."""
