SELECT s.{lookup} AS missing FROM {stage} AS s LEFT JOIN {head} AS h USING ({key})
WHERE h.{version} IS NULL OR h.{version} < s.{version}
ORDER BY s.{lookup} LIMIT 1000
