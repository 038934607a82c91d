-- What the table proves of the staged heads: it has them in this version, or it had a newer one, which is not of this
-- certificate. Each head is looked up by its key: OFFSET 0 keeps the planner from reading the whole table for some
-- thousand of them.
SELECT COUNT(*)                                                                      AS staged,
       COUNT(*) FILTER (WHERE {head_version} = {stage_version})                      AS arrived,
       COALESCE(SUM({head_row_hash}) FILTER (WHERE {head_version} = {stage_version}), 0)  AS arrived_checksum,
       COUNT(*) FILTER (WHERE {newer})                                               AS refused,
       COALESCE(SUM({stage_row_hash}) FILTER (WHERE {newer}), 0)                        AS refused_checksum
FROM {stage} AS s LEFT JOIN LATERAL (SELECT {proving}, x.etl_window_id FROM {head} AS x WHERE {of_staged} OFFSET 0) AS h ON TRUE
