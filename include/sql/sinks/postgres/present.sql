-- Whether the tables have any of these heads, or lines of one, which may be left of a head that was deleted by hand; each
-- is looked up by its key, as in the proof.
SELECT 1 AS one FROM {given} CROSS JOIN LATERAL ({rows}) AS h LIMIT 1
