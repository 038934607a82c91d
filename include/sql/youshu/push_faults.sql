-- What faults of ours keep out of a shop's outbox, though the sender has tried again: values of single orders and
-- returns, and all else, which is the view's; how many records, since when, and the latest words.
SELECT code ~ '^(22|23|P0|0A)' AS of_values, count(DISTINCT (kind, source_id)) AS records, min(since) AS since,
       (array_agg(format('[%%s] %%s', code, error) ORDER BY id DESC))[1] AS words
FROM youshu_enqueue_fault
WHERE shop = %(shop)s AND since <= statement_timestamp() - %(fault_after)s
GROUP BY of_values
