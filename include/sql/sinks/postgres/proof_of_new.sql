-- What the table proves of heads that were copied into it; the checksum tells whether they are there as they came.
SELECT COUNT(*) AS staged, COUNT(h.{first_version}) AS arrived, COALESCE(SUM({head_row_hash}), 0) AS arrived_checksum,
       0 AS refused, 0 AS refused_checksum
FROM {given} LEFT JOIN LATERAL (SELECT {proving} FROM {head} AS x WHERE {of_staged} OFFSET 0) AS h ON TRUE
