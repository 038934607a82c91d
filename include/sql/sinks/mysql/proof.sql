-- What the table proves of the staged heads: it has them in this version, or it had a newer one,
-- which is not of this certificate.
SELECT COUNT(*)                                                                        AS staged,
       COALESCE(SUM({head_version} = {stage_version}), 0)                              AS arrived,
       COALESCE(SUM(IF({head_version} = {stage_version}, {head_row_hash}, 0)), 0)         AS arrived_checksum,
       COALESCE(SUM({newer}), 0)                                                       AS refused,
       COALESCE(SUM(IF({newer}, {stage_row_hash}, 0)), 0)                                 AS refused_checksum
FROM {stage} AS s LEFT JOIN {head} AS h USING ({key})
