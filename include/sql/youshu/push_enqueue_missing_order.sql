-- One order, as its backend would enqueue it. NULL: a transaction holds it just now, and enqueues it itself.
SELECT CASE WHEN pg_try_advisory_xact_lock(hashtextextended('youshu_order/' || %(shop)s, %(id)s))
            THEN youshu_enqueue_order(%(shop)s, %(id)s) END AS added
