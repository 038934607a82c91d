-- Enqueues orders and returns that a fault of ours has kept out, the oldest first. What fails again is kept anew, behind
-- the others; what a transaction holds just now waits for the next time.
WITH page AS MATERIALIZED (
    SELECT id, kind, source_id FROM youshu_enqueue_fault WHERE shop = %(shop)s ORDER BY id LIMIT %(limit)s
), tried AS MATERIALIZED (
    SELECT each.kind, each.source_id, each.free,
           CASE WHEN each.free THEN CASE each.kind WHEN 'order' THEN youshu_enqueue_order(%(shop)s, each.source_id)
                                                   ELSE youshu_enqueue_return(%(shop)s, each.source_id) END END AS added
    FROM (SELECT kind, source_id,
                 pg_try_advisory_xact_lock(hashtextextended('youshu_' || kind || '/' || %(shop)s, source_id)) AS free
          FROM (SELECT DISTINCT kind, source_id FROM page) AS kept OFFSET 0) AS each
), done AS (
    DELETE FROM youshu_enqueue_fault AS f USING page, tried
    WHERE f.id = page.id AND tried.kind = page.kind AND tried.source_id = page.source_id AND tried.free
)
SELECT (SELECT count(*) FROM page) AS found, count(added) AS enqueued FROM tried
