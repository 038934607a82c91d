-- A row is replaced as a whole, unless what the table has is newer. Assignments run from left to right, so the
-- version, which each of them looks at, comes last. A row of another key that is met by a UNIQUE index which somebody
-- added is not ours to replace: NULL in its key is an error.
INSERT INTO {head} ({columns}, etl_window_id)
SELECT {staged}, %(window_id)s FROM {stage} AS s
ON DUPLICATE KEY UPDATE
    {one_key} = IF({same_head}, {head}.{one_key}, NULL),
    {assignments}
