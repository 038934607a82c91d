-- What the latest complete certificates say arrived is there, and returned goods have lines.
SELECT (SELECT COUNT(*)
        FROM (SELECT id, target_keys FROM etl_window
              WHERE pipeline = 'wangdiantong_aftersales' AND verdict = 'complete' AND target_keys > 0
              ORDER BY id DESC LIMIT 1) AS latest
        WHERE NOT EXISTS (SELECT 1 FROM aftersales_refund_refund_search)) = 0 AS rows_are_there,
       (SELECT COUNT(*)
        FROM aftersales_refund_refund_search AS h
        WHERE h.modified > UTC_TIMESTAMP() + INTERVAL 8 HOUR - INTERVAL 2 DAY AND h.return_goods_count > 0
          AND NOT EXISTS (SELECT 1 FROM aftersales_refund_refund_search_detail AS d
                          WHERE d.account = h.account AND d.refund_id = h.refund_id)) = 0 AS lines_are_there
