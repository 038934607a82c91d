-- The data feed's sellers, and the figures of its checks.

-- name: keep_user
INSERT INTO jushita_push_user (user_id, user_nick, status, rds, since, gone_since)
VALUES (%(user_id)s, %(user_nick)s, %(status)s, %(rds)s, %(since)s, %(gone_since)s)
ON CONFLICT (user_id) DO UPDATE
SET user_nick = excluded.user_nick, status = excluded.status, rds = excluded.rds, since = excluded.since,
    gone_since = excluded.gone_since

-- name: days_before
-- What the days before had come to within half an hour of the same time of day.
SELECT measured_until, rows_measured
FROM jushita_push_health
WHERE check_name = %(check_name)s AND instance = %(instance)s AND pushed_table = %(pushed_table)s
  AND checked_at >= %(since)s AND measured_until < %(until)s
  AND MOD(EXTRACT(EPOCH FROM %(until)s::timestamptz - measured_until)::bigint + 1800, 86400) <= 3600

-- name: feed_lag
-- How long after its change each row of a window was pushed; the percentiles are those of real rows. To be marked as
-- deleted is no change that the record itself tells of.
SELECT COUNT(*) AS rows_measured,
       MIN(CASE WHEN place >= 0.5 THEN delay END) AS median_seconds,
       MIN(CASE WHEN place >= 0.99 THEN delay END) AS p99_seconds,
       AVG(CASE WHEN delay > 3 THEN 1.0 ELSE 0.0 END) AS over_3_seconds,
       AVG(CASE WHEN delay > 1200 THEN 1.0 ELSE 0.0 END) AS over_20_minutes
FROM (SELECT delay, CUME_DIST() OVER (ORDER BY delay) AS place
      FROM (SELECT EXTRACT(EPOCH FROM jdp_modified - {modified})::bigint AS delay
            FROM {head}
            WHERE instance = %(instance)s AND jdp_modified >= %(start)s AND jdp_modified < %(end)s
              AND {modified} IS NOT NULL AND deleted IS NOT TRUE) AS delays) AS places
