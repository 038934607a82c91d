-- A shop's days go to its new name with what Youshu said of them; a day that the new name has itself stays.
WITH moved AS (
    UPDATE youshu_order_summary AS old SET shop = %(new)s
    WHERE shop = %(shop)s AND NOT EXISTS (
        SELECT FROM youshu_order_summary AS kept
        WHERE kept.shop = %(new)s AND kept.business_date = old.business_date)
    RETURNING business_date
)
SELECT count(DISTINCT business_date) AS moved FROM moved
