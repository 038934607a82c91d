-- What the table proves of the staged heads: it has them in this version, or it had a newer one.
SELECT COUNT(*)                                                              AS staged,
       COALESCE(SUM(h.{version} = s.{version}), 0)                           AS arrived,
       COALESCE(SUM(IF(h.{version} = s.{version}, CRC32({head_print}), 0)), 0)  AS arrived_checksum,
       COALESCE(SUM(h.{version} > s.{version}), 0)                           AS refused,
       COALESCE(SUM(IF(h.{version} > s.{version}, CRC32({stage_print}), 0)), 0) AS refused_checksum
FROM {stage} AS s LEFT JOIN {head} AS h USING ({key})
