-- What waits in a shop's outbox, and what was dead-lettered. Only index entries of such rows are read.
SELECT count(*)                                                            AS waiting,
       count(*) FILTER (WHERE status = 0 AND claimed_by IS NULL)           AS pending,
       count(*) FILTER (WHERE claimed_by IS NOT NULL)                      AS sending,
       count(*) FILTER (WHERE status = 2 AND claimed_by IS NULL)           AS failed,
       count(*) FILTER (WHERE status = 3 AND claimed_by IS NULL)           AS timeouts,
       min(event_time)                                                     AS oldest_event,
       (SELECT count(*) FROM t_store_youshu_request
        WHERE shop = %(shop)s AND status = 5)                              AS dead_lettered
FROM t_store_youshu_request
WHERE shop = %(shop)s AND status IN (0, 2, 3)
