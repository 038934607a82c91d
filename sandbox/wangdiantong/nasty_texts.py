"""Texts that real shops have in their records, and that careless code breaks on."""

from __future__ import annotations

REMARKS = (
    "",
    "七天无理由退货",
    "买家说：“尺码偏小”，已同意 👌🏽",
    "客服备注 \"加急\" '单引号' C:\\退货\\11月",
    "第一行\n第二行\r\n\t缩进",
    "1;2,3|4\t5",
    "100% 退款 %s %d {0} $1 <b>&amp;</b>",
    "𠮷野家 ﷽ \u200b零宽 \u2028行",
    "NULL",
    "\\N",
    " 前后空格 ",
    "'; DROP TABLE refund; --",
)
GOODS = (
    ("00123", "羊绒围巾（女款）"),
    ("G-0456", "保温杯 500ml “限量”"),
    ("00789", "婴儿连体衣👶"),
    ("1E5", "手机壳 6\\7\\8 通用"),
    ("SP/2026", "咖啡豆 1kg"),
)
SPECS = ("红色;L", "黑色/均码", "500ml", '15"', "默认")
REASONS = ("七天无理由", "质量问题", "发错货", "少件/漏发", "价保")
CARRIERS = (("SF", "顺丰速运"), ("0755", "圆通速递"), ("", ""))
BUYERS = ("张三", "李 四🌸", "O'Brien 欧", '王"五"')
