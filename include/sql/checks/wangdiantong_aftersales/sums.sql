-- Of returns and exchanges that changed in the last two days, the lines add up to the order.
SELECT COUNT(*) = 0 AS lines_add_up
FROM (SELECT h.account, h.refund_id
      FROM aftersales_refund_refund_search AS h
      JOIN aftersales_refund_refund_search_detail AS d USING (account, refund_id)
      WHERE h.modified > UTC_TIMESTAMP() + INTERVAL 8 HOUR - INTERVAL 2 DAY AND h.type IN (2, 3)
      GROUP BY h.account, h.refund_id, h.return_goods_count
      HAVING h.return_goods_count <> SUM(d.refund_num)) AS apart
