-- Checks after a load: each column of the one row must be true.

-- name: duplicates
-- No number of an order that changed in the last two days belongs to two orders of an account.
SELECT COUNT(*) = 0 AS no_duplicates
FROM (SELECT account, refund_no
      FROM aftersales_refund_refund_search
      WHERE refund_no IN (SELECT refund_no FROM aftersales_refund_refund_search
                          WHERE modified > CURRENT_TIMESTAMP - INTERVAL '2' DAY)
      GROUP BY account, refund_no
      HAVING COUNT(*) > 1) AS twice

-- name: freshness
-- No account's watermark is more than two hours behind (Shanghai time; an account that was never scheduled has none).
SELECT COALESCE(MIN(watermark) > CURRENT_TIMESTAMP - INTERVAL '2' HOUR, TRUE) AS fresh
FROM etl_watermark
WHERE pipeline = 'wangdiantong_aftersales'

-- name: row_counts
-- What the latest complete certificates say arrived is there, and returned goods have lines.
SELECT (SELECT COUNT(*)
        FROM (SELECT id, target_keys FROM etl_window
              WHERE pipeline = 'wangdiantong_aftersales' AND verdict = 'complete' AND target_keys > 0
              ORDER BY id DESC LIMIT 1) AS latest
        WHERE NOT EXISTS (SELECT 1 FROM aftersales_refund_refund_search)) = 0 AS rows_are_there,
       (SELECT COUNT(*)
        FROM aftersales_refund_refund_search AS h
        WHERE h.modified > CURRENT_TIMESTAMP - INTERVAL '2' DAY AND h.return_goods_count > 0
          AND NOT EXISTS (SELECT 1 FROM aftersales_refund_refund_search_detail AS d
                          WHERE d.account = h.account AND d.refund_id = h.refund_id)) = 0 AS lines_are_there

-- name: sums
-- Of returns and exchanges that changed in the last two days, the lines add up to the order.
SELECT COUNT(*) = 0 AS lines_add_up
FROM (SELECT h.account, h.refund_id
      FROM aftersales_refund_refund_search AS h
      JOIN aftersales_refund_refund_search_detail AS d USING (account, refund_id)
      WHERE h.modified > CURRENT_TIMESTAMP - INTERVAL '2' DAY AND h.type IN (2, 3)
      GROUP BY h.account, h.refund_id, h.return_goods_count
      HAVING h.return_goods_count <> SUM(d.refund_num)) AS apart
