-- A row is replaced as a whole, unless what the table has is newer. In the order of the keys, so that two sessions
-- that bring the same heads wait for each other instead of locking each other out.
INSERT INTO {head} AS h ({columns}, etl_window_id)
SELECT {staged}, %(window_id)s FROM {stage} AS s ORDER BY {key}
ON CONFLICT ({key}) DO UPDATE SET
    {assignments}
WHERE {newer}
