"""Pipelines between a retailer's own databases and WeChat, Tencent Youshu, Wangdiantong and Taobao."""
