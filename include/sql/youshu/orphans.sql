-- What shops that the settings do not name any more have left behind: closed, or handed over to another name.

-- name: waiting
-- Rows that are still to be sent, or wait for people, of shops that the settings do not name. Only index entries of such
-- rows are read.
SELECT shop, sum(waiting)::bigint AS waiting, sum(dead_lettered)::bigint AS dead_lettered
FROM (SELECT shop, count(*) AS waiting, 0 AS dead_lettered
      FROM t_store_youshu_request WHERE status IN (0, 2, 3) GROUP BY shop
      UNION ALL
      SELECT shop, 0, count(*)
      FROM t_store_youshu_request WHERE status = 5 GROUP BY shop
      UNION ALL
      SELECT shop, count(DISTINCT (kind, source_id)), 0
      FROM youshu_enqueue_fault GROUP BY shop) AS counted
WHERE shop <> ALL (%(named)s)
GROUP BY shop
ORDER BY shop

-- name: close
-- Nothing of this shop is sent any more.
WITH closed AS (
    UPDATE t_store_youshu_request
    SET status = 4, response_info = %(why)s, claimed_by = NULL, last_modify_time = %(now)s
    WHERE shop = %(shop)s AND status IN (0, 2, 3, 5)
    RETURNING id
), forgotten AS (
    DELETE FROM youshu_enqueue_fault WHERE shop = %(shop)s
)
SELECT count(*) AS closed FROM closed

-- name: id_range
SELECT COALESCE(min(id), 0) AS first, COALESCE(max(id), 0) AS last FROM t_store_youshu_request

-- name: hand_over_done
-- A part of what is not to be sent any more: it says which states Youshu knows.
UPDATE t_store_youshu_request
SET shop = %(new)s
WHERE id >= %(from)s AND id < %(until)s AND shop = %(shop)s AND status NOT IN (0, 2, 3)

-- name: hand_over_capture
-- The new name reads on from where the old one was, even if it has begun by itself meanwhile.
INSERT INTO youshu_capture AS c (shop, what, read_until)
SELECT %(new)s, what, read_until FROM youshu_capture WHERE shop = %(shop)s
ON CONFLICT (shop, what) DO UPDATE SET read_until = least(c.read_until, excluded.read_until)

-- name: hand_over_start
-- Since when its orders are pushed.
INSERT INTO youshu_push_sender AS s (shop, seen_at, waiting, started_at)
SELECT %(new)s, seen_at, waiting, started_at FROM youshu_push_sender WHERE shop = %(shop)s
ON CONFLICT (shop) DO UPDATE SET started_at = least(s.started_at, excluded.started_at)

-- name: hand_over_waiting
WITH moved AS (
    UPDATE t_store_youshu_request SET shop = %(new)s WHERE shop = %(shop)s AND status IN (0, 2, 3) RETURNING id
), kept_out AS (
    UPDATE youshu_enqueue_fault SET shop = %(new)s WHERE shop = %(shop)s
)
SELECT count(*) AS moved FROM moved
