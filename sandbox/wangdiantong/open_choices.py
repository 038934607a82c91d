"""What Wangdiantong's and Qimen's documents leave open, and what this sandbox does. One entry, one sentence."""

from __future__ import annotations

# Both bounds of the modify time are inclusive, judged against the milliseconds of an order's stamp.
UPPER_BOUND_CLOSED = True

# The largest page is not documented; more than 200, the largest seen in use, is refused with status 100.
PAGE_LIMIT = 200
PAGE_TOO_LARGE = (100, f"page_size不能大于{PAGE_LIMIT}")

# The default sort is not described; it is by modify time, then by refund_id, and order_type 1 is its reverse.

# total_count is always there, and absent only where the direct gateway is asked for calc_total=0.

# Which platforms count as the Taobao family is not listed; 1 (Taobao/Tmall) and 2 (Taobao distribution) do.
TAOBAO_FAMILY = (1, 2)

# Checks of a direct call run in this order: parameters, sid, signature, timestamp, version, method, paging, body.

# Checks through Qimen: gateway (app key, sign, timestamp, version, target, method), then sid, wdt_sign, datetime.

# A bad signature's own code is not stated; it is the one of a wrong appkey or appsecret.

# A Qimen app that is not the customer's own gets status 1 `app auth fail`.

# How far the gateway's timestamp may be off is stated for the Taobao platform only, and taken over from there.
TOP_DRIFT_SECONDS = 600

# How far `datetime` may be off is not stated; as far as the direct gateway's timestamp, and then status 7, too.
DRIFT_SECONDS = 120

# The texts of status 7 and 8 are not documented, and the wording is ours.
WRONG_VERSION = (8, "version error")

# A method that the account does not have, written in other letters for example, is `权限不足`; Qimen's is code 22.

# A parameter that comes twice, a missing public parameter and another HTTP method than POST are `参数错误`.

# The Qimen gateway has codes 41, 40 and 9 of the Taobao platform for these three, and only looks at POST first.

# Through Qimen only format=json, sign_method=md5 and v=2.0 are taken, as the vendor's samples send them.

# A page_no or page_size that is no number, or below the first page, is status 2 with its name.

# Qimen's pager must hold JSON numbers, or it is status 2 with the name `pager`.

# An unknown parameter, also of the query or the pager, is status 2 with its name, and so is one over its length.

# A parameter of the wrong JSON type is `argument type mismatch`; an Int must be a number and no text.

# A parameter that is null or an empty string is as good as absent.

# A window that ends before it begins is `参数错误`; one of exactly 30 days is not too wide.

# A number (refund_no, tid, trade_no, raw_refund_nos) makes the times unnecessary, but they still count if sent.

# Wrong shop numbers among right ones are ignored; only all wrong is an error.

# tid, trade_no and raw_refund_nos find an order whose comma list has one of the numbers.

# These would need data that is not played; they are refused, but for a false flag, which changes nothing.
NOT_PLAYED = (100, "the sandbox does not play the parameter {}")

# null inside params does not enter wdt_sign (three of the five public clients drop it).

# What is sent but empty enters both signatures with its name, as most public clients do it.

# A busy direct gateway says status 99, a busy Qimen gateway fails with code 15.
BUSY_STATUS = (99, "系统繁忙")
BUSY_GATEWAY = (15, "Remote service error")

# Nothing is archived: an order stays in the live search for ever.
