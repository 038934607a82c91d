-- Alerts, and what each channel has taken of them.

-- name: record
-- Answers a row only if nobody has raised this before; waits for whoever raises the same at this moment, and for nobody
-- else. What lasts until it is over is there once, whenever it began.
INSERT INTO etl_alert (report, shop, business_date, began_at, kind, source, title, body, over_at)
VALUES (%(report)s, %(shop)s, %(business_date)s, %(began_at)s, %(kind)s, %(source)s, %(title)s, %(body)s,
        CASE WHEN NOT %(lasts)s THEN clock_timestamp() END)
ON CONFLICT DO NOTHING
RETURNING id

-- name: record_end
-- The end of a trouble, once: only who ends it raises that.
WITH ended AS (
    UPDATE etl_alert SET over_at = clock_timestamp()
    WHERE report = %(report)s AND shop = %(shop)s AND over_at IS NULL
    RETURNING id
)
INSERT INTO etl_alert (report, shop, business_date, began_at, kind, source, title, body, over_at)
SELECT %(report)s, %(shop)s, %(business_date)s, %(began_at)s, %(kind)s, %(source)s, %(title)s, %(body)s,
       clock_timestamp()
WHERE EXISTS (SELECT FROM ended)
ON CONFLICT DO NOTHING
RETURNING id

-- name: alerted
SELECT shop, kind
FROM etl_alert
WHERE report = %(report)s AND shop = ANY (%(shops)s) AND business_date = %(business_date)s

-- name: incidents
-- The troubles that are not over, and what was raised of them.
SELECT shop, MIN(business_date + began_at) AS began_at, array_agg(kind) AS told
FROM etl_alert
WHERE report = %(watch)s AND over_at IS NULL
GROUP BY shop

-- name: recent
SELECT raised_at, sent_at, title, body
FROM etl_alert
WHERE raised_at > clock_timestamp() - %(within)s
ORDER BY id

-- name: take
-- One process at a time sends to a channel, for as long as its lease is; none before the channel's next try, or faster
-- than its pace. A moment further ahead than it can be is of a clock that was set back.
INSERT INTO etl_alert_channel AS kept (channel, holder, busy_until, paced_until)
SELECT %(channel)s, %(holder)s, clock_timestamp() + %(lease)s, clock_timestamp() + %(interval)s
WHERE EXISTS (
    SELECT FROM etl_alert AS a
    WHERE a.sent_at IS NULL AND NOT EXISTS (
        SELECT FROM etl_alert_delivery AS d
        WHERE d.alert_id = a.id AND d.channel = %(channel)s AND d.taken_at IS NOT NULL))
ON CONFLICT (channel) DO UPDATE
SET holder = excluded.holder, busy_until = excluded.busy_until,
    paced_until = GREATEST(kept.paced_until, clock_timestamp()) + %(interval)s
WHERE (kept.busy_until IS NULL OR kept.busy_until NOT BETWEEN clock_timestamp() AND clock_timestamp() + %(lease)s)
  AND (kept.next_try_at IS NULL OR kept.next_try_at NOT BETWEEN clock_timestamp() AND clock_timestamp() + %(longest)s)
  AND (kept.paced_until IS NULL OR kept.paced_until NOT BETWEEN clock_timestamp() + %(burst)s - %(interval)s
       AND clock_timestamp() + %(burst)s)
RETURNING failures

-- name: due
-- What a channel has not taken, the earliest first.
SELECT a.id, a.kind, a.title, a.body
FROM etl_alert AS a
WHERE a.sent_at IS NULL AND NOT EXISTS (
    SELECT FROM etl_alert_delivery AS d
    WHERE d.alert_id = a.id AND d.channel = %(channel)s AND d.taken_at IS NOT NULL)
ORDER BY a.id
LIMIT %(most)s

-- name: tried
-- Before anything is sent: who finds this without an answer knows that it may have been taken.
INSERT INTO etl_alert_delivery AS kept (alert_id, channel)
SELECT a.id, %(channel)s
FROM etl_alert AS a
WHERE a.id = ANY (%(ids)s)
ON CONFLICT (alert_id, channel) DO UPDATE
SET try_num = kept.try_num + 1, tried_at = clock_timestamp(), answer = NULL

-- name: answered
-- What the channel said is so, whoever sends to it now; the lease is given back by its holder alone.
WITH told AS (
    UPDATE etl_alert_delivery
    SET answer = %(answer)s, taken_at = CASE WHEN %(taken)s THEN clock_timestamp() ELSE taken_at END
    WHERE channel = %(channel)s AND alert_id = ANY (%(ids)s)
)
UPDATE etl_alert_channel
SET holder = NULL, busy_until = NULL, last_answer = %(answer)s, answered_at = clock_timestamp(),
    failures = CASE WHEN %(taken)s THEN 0 ELSE failures + 1 END,
    next_try_at = CASE WHEN NOT %(taken)s THEN clock_timestamp() + LEAST(%(longest)s, GREATEST(%(wait)s,
                       %(first)s * 2 ^ LEAST(failures, 20))) END
WHERE channel = %(channel)s AND holder = %(holder)s

-- name: settle
-- What every channel took is done with, also where one that did not is no longer there.
UPDATE etl_alert AS a SET sent_at = clock_timestamp()
WHERE a.sent_at IS NULL AND NOT EXISTS (
    SELECT FROM unnest(%(channels)s::text[]) AS c (channel)
    WHERE NOT EXISTS (
        SELECT FROM etl_alert_delivery AS d
        WHERE d.alert_id = a.id AND d.channel = c.channel AND d.taken_at IS NOT NULL))

-- name: waiting
-- What a channel has refused, or not taken within a time: how much, since when, and what it said.
SELECT c.channel, COUNT(*) AS alerts, MIN(a.raised_at) AS since, k.last_answer, k.next_try_at
FROM unnest(%(channels)s::text[]) AS c (channel)
JOIN etl_alert AS a ON a.sent_at IS NULL AND NOT EXISTS (
    SELECT FROM etl_alert_delivery AS d
    WHERE d.alert_id = a.id AND d.channel = c.channel AND d.taken_at IS NOT NULL)
LEFT JOIN etl_alert_channel AS k ON k.channel = c.channel
GROUP BY c.channel, k.last_answer, k.next_try_at, k.failures
HAVING k.failures > 0 OR MIN(a.raised_at) < clock_timestamp() - %(patience)s
ORDER BY c.channel
