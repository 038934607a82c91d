-- How long it took from a change of an order until Youshu had it, per hour or day (Shanghai) in which it changed. What
-- was late already when it was enqueued (a backfill, a call that was forgotten) is counted apart, and its delay is not.
-- What waits for longer than it may, or was dead-lettered, is late, too. Of the table only what was enqueued since «from».
WITH told AS (
    SELECT status, warning, accepted_at, accepted_at - event_time AS delay,
           create_time >= event_time + %(due)s AS came_late,
           CASE WHEN create_time < event_time + %(due)s THEN event_time ELSE create_time END AS since
    FROM t_store_youshu_request
    WHERE shop = %(shop)s AND status <> 4 AND create_time >= %(from)s
), judged AS (
    SELECT told.*,
           NOT came_late AND status = 1 AND delay <= %(due)s                             AS in_time,
           NOT came_late AND (status = 1 AND delay > %(due)s OR status = 5
                              OR status IN (0, 2, 3) AND since + %(due)s < %(now)s)      AS late
    FROM told
    WHERE since >= %(from)s
)
SELECT date_trunc(%(bucket)s, since, 'Asia/Shanghai')                                    AS begins,
       count(*)                                                                          AS states,
       count(*) FILTER (WHERE status = 1)                                                AS accepted,
       count(*) FILTER (WHERE status IN (0, 2, 3))                                       AS waiting,
       count(*) FILTER (WHERE status = 5)                                                AS dead_lettered,
       count(*) FILTER (WHERE came_late)                                                 AS came_late,
       count(*) FILTER (WHERE status = 1 AND warning IS NOT NULL)                        AS odd,
       percentile_cont(0.5)  WITHIN GROUP (ORDER BY extract(epoch FROM delay))
           FILTER (WHERE status = 1 AND NOT came_late)                                   AS p50_seconds,
       percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM delay))
           FILTER (WHERE status = 1 AND NOT came_late)                                   AS p99_seconds,
       max(extract(epoch FROM delay)) FILTER (WHERE status = 1 AND NOT came_late)        AS longest_seconds,
       count(*) FILTER (WHERE in_time)::numeric
           / nullif(count(*) FILTER (WHERE in_time OR late), 0)                          AS share_in_time
FROM judged
GROUP BY 1
ORDER BY 1
