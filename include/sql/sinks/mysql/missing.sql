SELECT s.{lookup} AS missing FROM {stage} AS s LEFT JOIN {head} AS h USING ({key})
WHERE h.{first_version} IS NULL OR {head_version} < {stage_version} OR ({head_version} > {stage_version} AND NOT ({newer}))
ORDER BY s.{lookup} LIMIT 1000
