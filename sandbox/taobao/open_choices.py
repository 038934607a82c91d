"""What the documents of Taobao and Jushita leave open, and what this sandbox does. One entry, one sentence."""

from __future__ import annotations

from sandbox.taobao.kinds import EXCHANGE, FX, ITEM, JX, REFUND, TRADE

# --- the platform

# Checks: HTTP method, repeated and missing parameters, form, app key, signature, time, method, session, arguments.

# A signature over everything that arrived is good, and so is one that leaves out what arrived empty.

# A signature in small letters is refused; every SDK sends capitals.

# sign_method must be sent, as the guide calls it required, although old clients leave it out for md5.

# A parameter that comes twice, also once in the query and once in the body, is code 41.

# An unknown parameter is code 41 with its name, where the real platform may take it silently.

# XML, which is the platform's default, is not played, and neither are simplified answers.
OTHER_FORMAT = (23, "Invalid format", None, "the sandbox plays format=json only")
SIMPLIFIED = (41, "Invalid arguments:simplify", None, "the sandbox plays no simplified answers")

# The wording of an expired session is a guess; that of an unknown one is a capture.
UNKNOWN_SESSION = (27, "Invalid session", "invalid-sessionkey", "SessionKey非法")
EXPIRED_SESSION = (27, "Invalid session:session-expired", "invalid-sessionkey", "SessionKey已过期")

# A session that a method does not need is not looked at.

# Every parameter name counts in the letters it is documented in.

# A busy platform says what is named as temporary in public code.
BUSY = (15, "Remote service error", "isp.remote-service-error", "服务不可用")

# --- push users

# No page lists the errors of the three calls: they are code 15, with sub_codes made in the platform's manner.
NO_SUCH_RDS = ("isv.rds-not-exist", "rds实例不存在或未添加")
NO_SUCH_USER = ("isv.user-not-exist", "用户不存在")
TOO_SOON = ("isv.rds-change-too-soon", "更换rds需在删除用户10分钟之后")

# A deleted user stays in the list with status 3 until it is added again, and cannot be deleted twice.

# A month is thirty days, and then the user is no longer in the list at all.

# After its removal a user may be added to any RDS at once.

# A user whose push is paused stays paused when its session expires.

# A page beyond the end has no `users`, and neither has an empty list; total_results is always there.

# start_modified and end_modified are both inclusive.

# The largest page is not documented; the default is the largest here.
PAGE_LIMIT = 200

# Without history_days the console's setting counts, and that is thirty days here.
CONSOLE_HISTORY_DAYS = 30

# The users that are there at the start were changed last at 2026-01-01 00:00:00 in Beijing.
FIRST_USERS_SINCE = 1_767_196_800.0

# A push of history is only noted, never written to sys_info: that is what python -m sandbox.sys_info does.

# --- records

# An answer with a record is, to the byte, what lies in sys_info, so it has no request_id inside its root.

# `fields` picks on the first level only, orders.title being orders; where it is optional, without it all are sent.

# A record of another seller is told as one that does not exist.
NOT_FOUND = {
    TRADE: ("isv.trade-not-exist", "交易订单不存在"),
    REFUND: ("isv.refund-not-exist", "退款单不存在"),
    ITEM: ("isv.item-not-exist:invalid-numIid", "商品不存在"),
}
# These are searches, which find nothing and are no errors; an exchange has a result of its own.
EMPTY_ANSWERS = {
    FX: '{"fenxiao_orders_get_response":{"total_results":0}}',
    JX: '{"fenxiao_dealer_requisitionorder_query_response":{}}',
    EXCHANGE: '{"tmall_exchange_get_response":{"result":{"message":"换货单不存在",'
    '"msg_code":"DISPUTE_NOT_EXIST","success":false}}}',
}

# A record is answered as it was pushed first, whatever a live writer has made of its row since; what it shall
# be instead is put there by a control call.

# The two searches are played by number alone, not by time or status.

# --- sys_info

# The document gives the exchange's status no length (here 64) and its table no index on `modified` alone.

# All columns but the key may be NULL, as in the two tables whose real definition is public.

# The character set is utf8mb4; public definitions say utf8, which has no emoji.

# The name of an index is ind_<table>_<columns>, which is seen for two of the tables only.

# How jdp_hashcode comes about is not known; it is a CRC of the answer, as a signed number like those seen.

# One item in three has the root item_get_response of 2014, the others item_seller_get_response.

# refund_id is a number in one half of the refunds and a text in the other, as the reference and old answers differ.

# jdp_create(d) is when a record was pushed first, two seconds after its creation.

# 99 of 100 rows are pushed one to three seconds after their change, the others 5 to 20 minutes later.
