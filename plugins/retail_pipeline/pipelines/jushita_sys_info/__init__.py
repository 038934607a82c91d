"""The rows that Taobao writes into sys_info → the warehouse, and the nightly comparison of both."""
