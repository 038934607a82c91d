-- No number of an order that changed in the last two days belongs to two orders of an account.
SELECT COUNT(*) = 0 AS no_duplicates
FROM (SELECT account, refund_no
      FROM aftersales_refund_refund_search
      WHERE refund_no IN (SELECT refund_no FROM aftersales_refund_refund_search
                          WHERE modified > UTC_TIMESTAMP() + INTERVAL 8 HOUR - INTERVAL 2 DAY)
      GROUP BY account, refund_no
      HAVING COUNT(*) > 1) AS twice
