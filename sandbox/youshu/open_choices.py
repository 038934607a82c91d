"""What Youshu's documents leave open, and what this sandbox does. One entry, one sentence."""

from __future__ import annotations

# Which code a bad signature, unknown app_id, stale timestamp or repeated nonce gets is not stated; 15 is nearest.
NOT_ADMITTED = 15

# A merchantId that is not the app's own is "merchant not found".
FOREIGN_MERCHANT = 12

# A dataSourceId that is unknown, or another app's, is "data source not found".
FOREIGN_DATA_SOURCE = 10

# Everything wrong with method, query or body, more than 50 elements included, is "data format wrong".
BAD_FORMAT = 13

# Rate limits are not documented; a throttled or busy call is the catch-all "unkown error".
THROTTLED = BUSY = 100

# The HTTP status of business errors is not stated; it is always 200, as SDKs look at retcode only then.
HTTP_STATUS = 200

# The clock drift is not stated; 300 s is what the successor API (DataNexus) says.
DRIFT_SECONDS = 300

# Whether a nonce may come again is not stated; here it may not for as long as its timestamp could still pass.
NONCE_MEMORY_SECONDS = 2 * DRIFT_SECONDS

# Whether anything is checked before the signature is not stated; here nothing of path, method or body is.

# The signature must be lowercase hex, as every SDK sends it.

# Only orders have a documented batch limit; rawMsg has the same one here, and neither may be empty.
BATCH_LIMIT = 50

# One bad element refuses the whole batch.

# Unknown fields are refused, also extra query parameters other than merchantId and dataSourceType on get.

# dataSourceType of the old API is checked to be an integer and then ignored; `multi` is refused as undocumented.

# rawMsg as a bare object (one vendor's clients send it) is refused: the page says array.

# The index of a distribution entry must be one of the four that live replies hold.

# A WeChat day with an empty list is taken.

# The same day again is taken and overwrites, for WeChat analyses and for order sums.

# ref_date of an order sum must be a midnight in Shanghai; the sample and the one live product send that.

# Whether errmsg says which order of a batch is wrong, and how, is not stated; here it does not.
TELLS_WHICH_ORDER = False

# An order may be in a batch once, and a refused batch leaves nothing.

# An order that is known is replaced by add_order; order/update of one that is not is refused.

# States that come out of their order are taken; `orders` of the control API marks them as regressions.

# Amounts of orders and of their daily sums have any number of decimals: the documents say yuan and no more, and live
# shops send 30, 33.5 and 19.900000000000002. Those of returns have at most two, as their page says.

# Documented sums must be right to the cent: order_amount, return_order_amount, and discounts that take something off.
# That lines and freight are what was paid, or that the pieces of the lines are goods_num_total, stands nowhere.

# payment_info is required but for 1110, and for 1130, of which nothing was ever paid; it may be an empty array where
# payment_amount is 0.

# Phones are taken as SHA-256 only, as the newer SDKs send them, in hex digits of either case.

# In the blocks express_info, coupon_info, store_info and chan_info no field is marked as required, so none is; but a
# channel's category needs all that are finer and its description, a path of a mini-program its appid, as documented.
# The channel's part is chan_wxapp as in two SDKs, not chan_weapp as in one. The codes of express companies and of
# logistics_status stand on a page that was not read: any text is taken.

# Promotion, invoice and commission blocks are refused as unknown: this project sends none, and SDKs disagree on them.
