"""Wangdiantong flagship (旺店通旗舰版): an ERP's after-sales orders."""
