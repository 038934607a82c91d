-- A row is replaced as a whole, unless what the table has is newer. Assignments run from left to right, so the
-- version, which each of them looks at, comes last.
INSERT INTO {head} ({columns}, etl_window_id)
SELECT {staged}, %(window_id)s FROM {stage} AS s
ON DUPLICATE KEY UPDATE
    {assignments}
